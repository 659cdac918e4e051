package io.quorate.server.node;

import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds for the leader what is at its end. One sweep is under way at a time: the next is proposed
 * when it is applied, or when it was not for a while and is taken for lost. A sweep too many does
 * no harm, because apply looks again. Confined to the node thread.
 */
final class Sweeper {
  /** Containers looked at in one turn. */
  static final int SCAN_MAX = 10_000;

  /** After so long a sweep that is not applied is taken for lost. */
  static final long LOST_AFTER_NANOS = 5_000_000_000L;

  /**
   * Length of the paths in one sweep, whatever the batch, beyond the first: the entry must fit the
   * log.
   */
  private static final int PATH_CHARS_MAX = 64 * 1024;

  private final SweepPolicy policy;
  private long nextDueNanos;
  private long nextContainersNanos;

  /** Where the look at containers goes on; empty while none is under way. */
  private String containersAfter = "";

  private boolean underWay;
  private long proposedNanos;

  Sweeper(SweepPolicy policy) {
    this.policy = policy;
  }

  /** The node took up its duties. */
  void begin(long nowNanos) {
    underWay = false;
    containersAfter = "";
    nextDueNanos = nowNanos;
    nextContainersNanos = nowNanos + policy.containersEveryNanos();
  }

  /** A sweep was applied: what is left may go at once. */
  void applied() {
    underWay = false;
  }

  /**
   * The sweep to propose now; null if there is nothing to do.
   *
   * @param wallMillis what the leader would stamp into an entry now
   */
  Command.@Nullable Sweep next(StateMachine state, long nowNanos, long wallMillis) {
    if (underWay && nowNanos - proposedNanos < LOST_AFTER_NANOS) {
      return null;
    }
    long logMillis = Math.max(wallMillis, state.logTimeMillis());
    List<Command.Sweep.Target> targets = new ArrayList<>();
    if (nowNanos - nextDueNanos >= 0) {
      targets.addAll(state.dueAt(logMillis, policy.batchMax()));
      if (targets.size() < policy.batchMax()) {
        nextDueNanos = nowNanos + policy.dueEveryNanos();
      }
    }
    if (targets.isEmpty() && nowNanos - nextContainersNanos >= 0) {
      targets.addAll(containers(state, nowNanos, logMillis));
    }
    if (targets.isEmpty()) {
      return null;
    }
    underWay = true;
    proposedNanos = nowNanos;
    return new Command.Sweep(shortened(targets));
  }

  private List<Command.Sweep.Target> containers(StateMachine state, long nowNanos, long logMillis) {
    StateMachine.ContainerScan scan =
        state.emptyContainers(
            containersAfter,
            Math.min(SCAN_MAX, policy.batchMax()),
            logMillis - policy.unusedContainerMillis());
    List<Command.Sweep.Target> targets = shortened(scan.targets());
    containersAfter =
        targets.size() < scan.targets().size()
            ? targets.get(targets.size() - 1).path()
            : scan.nextAfter();
    if (containersAfter.isEmpty()) {
      nextContainersNanos = nowNanos + policy.containersEveryNanos();
    }
    return targets;
  }

  /** What does not fit is found again by a later look. */
  private static List<Command.Sweep.Target> shortened(List<Command.Sweep.Target> targets) {
    int chars = 0;
    int count = 0;
    while (count < targets.size()) {
      chars += targets.get(count).path().length();
      if (count > 0 && chars > PATH_CHARS_MAX) {
        break;
      }
      count++;
    }
    return targets.subList(0, count);
  }
}
