package io.quorate.server.sim;

import io.quorate.server.replication.ReplicaStatus;
import java.util.TreeMap;

/** Z7: at most one server, in one life, leads an epoch. */
final class OneLeaderPerEpoch extends Checker {
  private record Leader(int node, long life) {}

  private final World world;
  private final TreeMap<Long, Leader> leaders = new TreeMap<>();

  OneLeaderPerEpoch(World world) {
    super("Z7");
    this.world = world;
  }

  @Override
  void statusChanged(Machine machine, ReplicaStatus before, ReplicaStatus after) {
    if (after.role() != ReplicaStatus.Role.LEADER) {
      return;
    }
    Leader leader = new Leader(machine.id(), machine.life());
    Leader earlier = leaders.putIfAbsent(after.epoch(), leader);
    require(
        earlier == null || earlier.equals(leader),
        machine.id(),
        "leads epoch " + after.epoch() + ", which already belongs to " + earlier);
    if (earlier == null && leaders.size() > 1) {
      world.marks().hit(Mark.LEADER_CHANGE);
    }
  }
}
