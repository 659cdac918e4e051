package io.quorate.server.sim;

import io.quorate.server.replication.Promise;
import io.quorate.server.replication.ReplicaStatus;

/**
 * An observer never leads and never stands for election. That its disk counts for nothing is seen
 * where entries become committed: {@link Ghost} asks the voters only.
 */
final class ObserversOnlyFollow extends Checker {
  private final World world;

  ObserversOnlyFollow(World world) {
    super("R21");
    this.world = world;
  }

  @Override
  void statusChanged(Machine machine, ReplicaStatus before, ReplicaStatus after) {
    if (machine.isVoter()) {
      require(
          after.role() != ReplicaStatus.Role.OBSERVER,
          machine.id(),
          "calls itself an observer though it is a voter");
      return;
    }
    require(
        after.role() != ReplicaStatus.Role.LEADER && after.role() != ReplicaStatus.Role.FOLLOWER,
        machine.id(),
        "is " + after.role() + " of epoch " + after.epoch() + " though it is an observer");
    if (after.role() == ReplicaStatus.Role.OBSERVER && after.serving()) {
      world.marks().hit(Mark.OBSERVER_SERVES);
    }
  }

  @Override
  void promised(Machine machine, Promise promise) {
    require(
        machine.isVoter() || promise.votedFor() != machine.id(),
        machine.id(),
        "stands for election in epoch " + promise.epoch() + " though it is an observer");
  }
}
