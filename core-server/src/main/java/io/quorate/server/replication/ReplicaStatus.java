package io.quorate.server.replication;

/**
 * An immutable picture of a replica.
 *
 * @param leaderId 0 if none is known
 * @param epoch the epoch followed, led or last promised
 * @param serving whether proposals and confirmations can be given to it: an established leader, or
 *     a synchronized follower or observer of one
 */
public record ReplicaStatus(
    int nodeId,
    Role role,
    int leaderId,
    long epoch,
    boolean serving,
    long durableZxid,
    long committedZxid,
    long snapshotZxid) {

  /** What a node is at the moment. */
  public enum Role {
    /** The ensemble does not exist yet, or this node does not know to which it belongs. */
    UNFOUNDED,
    /** Without a leader: asks around (pre-vote) or stands for election. */
    LOOKING,
    /** Votes and has a leader; synchronizing or synchronized. */
    FOLLOWER,
    /** Follows a leader as others do, but never counts towards a quorum. */
    OBSERVER,
    /** Has a quorum of promises; synchronizing the others, or established. */
    LEADER
  }
}
