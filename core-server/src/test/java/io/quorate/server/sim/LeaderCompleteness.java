package io.quorate.server.sim;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.ReplicaStatus;

/**
 * Z6, Z9, S1: a server that begins to lead an epoch has, durably, everything that was ever
 * committed in earlier epochs.
 */
final class LeaderCompleteness extends Checker {
  private final Ghost ghost;

  LeaderCompleteness(Ghost ghost) {
    super("Z9");
    this.ghost = ghost;
  }

  @Override
  void statusChanged(Machine machine, ReplicaStatus before, ReplicaStatus after) {
    boolean began =
        after.role() == ReplicaStatus.Role.LEADER
            && (before.role() != ReplicaStatus.Role.LEADER || before.epoch() != after.epoch());
    LogEntry last = began ? ghost.lastBelowEpoch(after.epoch()) : null;
    if (last != null) {
      require(
          ghost.holds(machine.log(), last.zxid(), last.chainHash()),
          machine.id(),
          String.format(
              "leads epoch %d with a log that ends at 0x%x and lacks committed 0x%x",
              after.epoch(), machine.log().lastZxid(), last.zxid()));
    }
  }
}
