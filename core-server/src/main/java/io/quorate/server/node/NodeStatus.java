package io.quorate.server.node;

import io.quorate.data.Zxid;
import io.quorate.server.replication.PeerStatus;
import io.quorate.server.replication.ReplicaStatus;
import java.util.List;

/**
 * An immutable picture of a node after one of its turns, for other threads. Nanoseconds are of the
 * node's monotonic clock.
 *
 * @param replica role, leader, epoch, durable and committed zxid
 * @param serving whether clients are served: the replica is in touch with a leader and heard of it
 *     lately, and no state is being loaded
 * @param digest rolling digest of the state at {@code appliedZxid}
 * @param sessions open sessions of the whole ensemble
 * @param connections of clients to this server
 * @param more what changes less often, or matters only to people
 */
public record NodeStatus(
    ReplicaStatus replica,
    boolean serving,
    long appliedZxid,
    long digest,
    int sessions,
    int connections,
    int watches,
    long znodes,
    Detail more) {

  /**
   * @param atNanos when the turn ended: old if the node thread hangs
   * @param startedNanos when the node was made
   * @param caughtUpNanos when everything that the leader committed was applied here last
   * @param leaderZxid what the leader has committed, as far as heard; 0 without a leader
   * @param logTimeMillis in the newest applied entry; 0 while loading
   * @param snapshotTimeMillis in the last entry of the newest snapshot; 0 without one
   * @param stateVersion of the state machine in force; 0 while loading
   * @param reason why clients are not served; empty if they are
   * @param agreedZxid newest zxid at which this server's state was found to be that of a majority;
   *     0 if none in this life
   * @param alarmZxid where the states of the servers were first seen to differ with no majority to
   *     say who is right, so that writes stopped; 0 if all is well
   * @param alarm what a person must act upon; empty if nothing
   * @param shortage why this server takes nothing that grows, or that its disk is low; empty if it
   *     is short of nothing; as of the last tick
   * @param stateBytes estimate of what the state takes in memory; 0 while loading
   * @param usableBytes free on the disk when it was measured last; -1 if it was not
   * @param peers as of the last tick
   */
  public record Detail(
      long atNanos,
      long startedNanos,
      long caughtUpNanos,
      long leaderZxid,
      long logTimeMillis,
      long snapshotTimeMillis,
      int stateVersion,
      long tailCacheBytes,
      String reason,
      long agreedZxid,
      long alarmZxid,
      String alarm,
      String shortage,
      long stateBytes,
      long usableBytes,
      List<PeerStatus> peers) {}

  /** Whether this node is the established leader. */
  public boolean leads() {
    return serving && replica.role() == ReplicaStatus.Role.LEADER;
  }

  /**
   * Entries that the leader has committed and this node has not applied; those of earlier epochs
   * are not counted, so it is a lower bound then. -1 without a leader.
   */
  public long lagEntries() {
    long leader = more.leaderZxid();
    if (leader == Zxid.NONE) {
      return -1;
    }
    if (leader <= appliedZxid) {
      return 0;
    }
    boolean sameEpoch = Zxid.epoch(leader) == Zxid.epoch(appliedZxid);
    return Zxid.counter(leader) + (sameEpoch ? -Zxid.counter(appliedZxid) : 1);
  }

  /** For how long, at that moment, this node has not been up to date; 0 if it is. */
  public long lagNanos(long nowNanos) {
    return serving && lagEntries() == 0 ? 0 : Math.max(0, nowNanos - more.caughtUpNanos());
  }
}
