package io.quorate.server.replication;

/**
 * An immutable picture of what a replica knows of another server.
 *
 * @param linkUp whether the two have a connection
 * @param counts whether its votes and acks count here: a voter whose incarnation is the one in
 *     force, as far as it said
 * @param matchZxid durable there as far as acknowledged to this leader, 0 if unknown
 * @param ackAgeNanos since it was last heard of by this leader, -1 if unknown or not a leader
 */
public record PeerStatus(
    int id,
    boolean voter,
    boolean linkUp,
    Sync sync,
    boolean counts,
    long matchZxid,
    long ackAgeNanos) {

  /** What this leader does for it. */
  public enum Sync {
    /** Nothing: no leader here, or no link. */
    NONE,
    /** Asked for its position. */
    ASKED,
    /** Sends it a snapshot. */
    SNAPSHOT,
    /** Sends it the entries as they come. */
    STREAM
  }
}
