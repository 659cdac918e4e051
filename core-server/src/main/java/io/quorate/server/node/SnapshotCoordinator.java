package io.quorate.server.node;

import io.quorate.server.base.Invariant;
import io.quorate.server.base.RandomSource;
import io.quorate.server.replication.Replica;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.statemachine.StateView;
import org.jspecify.annotations.Nullable;

/** Decides when the node writes a snapshot; one at a time. Confined to the node thread. */
final class SnapshotCoordinator {
  private final SnapshotPolicy policy;
  private final SnapshotPort port;
  private final RandomSource jitter;

  private long entriesLeft;
  private long bytesLeft;
  private @Nullable StateView underWay;

  /** The history was replaced while a snapshot of the old one was being written. */
  private boolean outdated;

  SnapshotCoordinator(SnapshotPolicy policy, SnapshotPort port, RandomSource jitter) {
    this.policy = policy;
    this.port = port;
    this.jitter = jitter;
    restart();
  }

  void applied(int payloadBytes) {
    entriesLeft--;
    bytesLeft -= payloadBytes;
  }

  /** The history was replaced by a snapshot: the next one is due a whole round after it. */
  void replaced() {
    outdated = underWay != null;
    restart();
  }

  /** Starts a snapshot of the state as it is, if one is due. */
  void startIfDue(StateMachine state, Replica replica) {
    if (underWay != null || (entriesLeft > 0 && bytesLeft > 0)) {
      return;
    }
    SnapshotMeta meta =
        replica.snapshotMetaAt(state.appliedZxid(), state.version(), state.digest());
    StateView view = state.view();
    underWay = view;
    restart();
    port.write(view, meta);
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
    entriesLeft = shortened(policy.entries());
    bytesLeft = shortened(policy.bytes());
  }

  private long shortened(long amount) {
    long span = amount * policy.jitterPercent() / 100;
    return amount - (span == 0 ? 0 : jitter.nextBelow(span));
  }
}
