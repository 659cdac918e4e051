package io.quorate.server.sim;

import io.quorate.server.replication.ReplicaStatus;
import java.util.TreeMap;

/**
 * C8: a linearizable read, a sync, and every read that follows a sync in its session, is answered
 * at a zxid not below anything that anybody had been answered before the read or the sync was
 * called. Zxids of reads count, too: what one has been shown, nobody must miss later.
 */
final class LinearizableReads extends Checker {
  private final Simulation simulation;

  /** By session: what was known when its newest answered sync was called. */
  private final TreeMap<Long, Long> synced = new TreeMap<>();

  LinearizableReads(Simulation simulation) {
    super("C8");
    this.simulation = simulation;
  }

  @Override
  void called(SimClient client, Call call) {
    ReplicaStatus asked = call.linearizable ? client.serverStatus() : null;
    if (asked != null && asked.role() == ReplicaStatus.Role.LEADER) {
      Machine leader = simulation.leader();
      if (leader != null && leader.status().epoch() > asked.epoch()) {
        simulation.world().marks().hit(Mark.LINEARIZABLE_AT_DEPOSED);
      }
    }
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome != Call.Outcome.ANSWERED || call.zxid == 0) {
      return;
    }
    if (call.linearizable) {
      mark(client);
      require(
          call.zxid >= call.acknowledgedBefore,
          client.id(),
          String.format(
              "%s is answered at 0x%x though 0x%x was answered before it was called",
              call, call.zxid, call.acknowledgedBefore));
    }
    if (call.read != null) {
      long known = synced.getOrDefault(call.session, 0L);
      require(
          call.zxid >= known,
          client.id(),
          String.format(
              "%s is answered at 0x%x after a sync that was called when 0x%x was known",
              call, call.zxid, known));
    }
    if (call.sync) {
      synced.merge(call.session, call.acknowledgedBefore, Math::max);
    }
  }

  private void mark(SimClient client) {
    Marks marks = simulation.world().marks();
    marks.hit(Mark.LINEARIZABLE);
    ReplicaStatus server = client.serverStatus();
    if (server != null && server.role() == ReplicaStatus.Role.FOLLOWER) {
      marks.hit(Mark.LINEARIZABLE_AT_FOLLOWER);
    } else if (server != null && server.role() == ReplicaStatus.Role.OBSERVER) {
      marks.hit(Mark.LINEARIZABLE_AT_OBSERVER);
    }
  }
}
