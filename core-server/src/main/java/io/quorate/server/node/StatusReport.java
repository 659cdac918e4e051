package io.quorate.server.node;

import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.replication.PeerStatus;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A node's picture as it is told to clients, probes and people: one form for all of them. */
public final class StatusReport {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private StatusReport() {}

  /**
   * @param nowNanos of the clock that the node has
   * @param wallMillis since 1970
   */
  public static ServerMessage.Status of(
      long xid, NodeStatus status, long nowNanos, long wallMillis) {
    ReplicaStatus replica = status.replica();
    NodeStatus.Detail more = status.more();
    long snapshotTime = more.snapshotTimeMillis();
    return new ServerMessage.Status(
        xid,
        replica.nodeId(),
        replica.role().name().toLowerCase(Locale.ROOT),
        replica.leaderId(),
        replica.epoch(),
        status.serving(),
        replica.durableZxid(),
        status.appliedZxid(),
        status.digest(),
        replica.snapshotZxid(),
        status.sessions(),
        status.connections(),
        status.watches(),
        status.znodes(),
        replica.committedZxid(),
        more.leaderZxid(),
        status.lagEntries(),
        status.lagNanos(nowNanos) / NANOS_PER_MILLI,
        more.logTimeMillis(),
        (nowNanos - more.startedNanos()) / NANOS_PER_MILLI,
        snapshotTime == 0 ? -1 : Math.max(0, wallMillis - snapshotTime),
        more.stateVersion(),
        StateMachine.VERSION,
        more.reason(),
        alarm(more),
        peers(more.peers()));
  }

  private static String alarm(NodeStatus.Detail more) {
    String between = more.alarm().isEmpty() || more.shortage().isEmpty() ? "" : "; ";
    return more.alarm() + between + more.shortage();
  }

  private static List<ServerMessage.PeerStatus> peers(List<PeerStatus> peers) {
    List<ServerMessage.PeerStatus> told = new ArrayList<>();
    for (PeerStatus peer : peers) {
      told.add(
          new ServerMessage.PeerStatus(
              peer.id(),
              peer.voter() ? "voter" : "observer",
              peer.linkUp(),
              peer.sync().name().toLowerCase(Locale.ROOT),
              peer.counts(),
              peer.matchZxid(),
              peer.ackAgeNanos() < 0 ? -1 : peer.ackAgeNanos() / NANOS_PER_MILLI));
    }
    return told;
  }
}
