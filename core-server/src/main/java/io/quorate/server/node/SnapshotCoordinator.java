package io.quorate.server.node;

import io.quorate.server.base.Invariant;
import io.quorate.server.base.RandomSource;
import io.quorate.server.replication.Replica;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.statemachine.StateView;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the node writes a snapshot; one at a time. Confined to the node thread.
 *
 * <p>A view is taken when a snapshot is due, and written once the state was found to agree with
 * that of the other servers there or later. So whatever snapshot is on a disk can be trusted, also
 * by a server that must rebuild its state.
 */
final class SnapshotCoordinator {
  /** While the disk is low, a snapshot is taken so often if anything was applied. */
  private static final long HURRY_NANOS = 10_000_000_000L;

  private final SnapshotPolicy policy;
  private final SnapshotPort port;
  private final RandomSource jitter;

  private boolean appliedSince;
  private boolean hurried;
  private long hurriedNanos;
  private long entriesLeft;
  private long bytesLeft;

  /** Taken, and waits for the others to agree; null if nothing waits. */
  private @Nullable StateView taken;

  /** Of {@link #taken}. */
  private @Nullable SnapshotMeta takenMeta;

  private @Nullable StateView underWay;
  private boolean postponed;

  /** The history was replaced while a snapshot of the old one was being written. */
  private boolean outdated;

  SnapshotCoordinator(SnapshotPolicy policy, SnapshotPort port, RandomSource jitter) {
    this.policy = policy;
    this.port = port;
    this.jitter = jitter;
    restart();
  }

  void applied(int payloadBytes) {
    appliedSince = true;
    entriesLeft--;
    bytesLeft -= payloadBytes;
  }

  /** The history was replaced by a snapshot: the next one is due a whole round after it. */
  void replaced() {
    dropTaken();
    outdated = underWay != null;
    restart();
  }

  /**
   * The disk is low: what was deleted frees space only once a snapshot without it lets the log and
   * the older snapshots go, and little is logged meanwhile that would make one due.
   */
  void shortOfSpace(long nowNanos) {
    if (appliedSince && (!hurried || nowNanos - hurriedNanos >= HURRY_NANOS)) {
      hurried = true;
      hurriedNanos = nowNanos;
      entriesLeft = 0;
    }
  }

  /**
   * States were found to differ, or whoever compares them is another now: the view that waits may
   * be a wrong one, and an agreement later on does not make it right, because what differed may be
   * deleted by then. Another is taken soon.
   */
  void doubted() {
    if (taken != null) {
      dropTaken();
      entriesLeft = 0;
    }
  }

  private void dropTaken() {
    StateView dropped = taken;
    if (dropped != null) {
      dropped.close();
      taken = null;
    }
  }

  /** Whether a view is to be taken. */
  boolean isDue() {
    return taken == null && underWay == null && (entriesLeft <= 0 || bytesLeft <= 0);
  }

  /** There is no room for the one that is due; returns whether that is news. */
  boolean postpone() {
    boolean news = !postponed;
    postponed = true;
    return news;
  }

  /**
   * Takes a view of the state as it is, if a snapshot is due; writes it once it is known to agree.
   *
   * @param agreedZxid newest zxid at which the state was found to agree
   */
  void startIfDue(StateMachine state, Replica replica, long agreedZxid) {
    if (underWay != null) {
      return;
    }
    if (isDue()) {
      postponed = false;
      takenMeta = replica.snapshotMetaAt(state.appliedZxid(), state.version(), state.digest());
      taken = state.view();
      restart();
    }
    StateView view = taken;
    SnapshotMeta meta = takenMeta;
    if (view != null && meta != null && replica.rules().mayKeepSnapshot(meta.zxid(), agreedZxid)) {
      taken = null;
      underWay = view;
      port.write(view, meta);
    }
  }

  /** The snapshot is finished; returns whether it is one of the present history. */
  boolean written() {
    Invariant.present(underWay, "a snapshot was written that nobody asked for").close();
    underWay = null;
    boolean current = !outdated;
    outdated = false;
    return current;
  }

  private void restart() {
    appliedSince = false;
    entriesLeft = shortened(policy.entries());
    bytesLeft = shortened(policy.bytes());
  }

  private long shortened(long amount) {
    long span = amount * policy.jitterPercent() / 100;
    return amount - (span == 0 ? 0 : jitter.nextBelow(span));
  }
}
