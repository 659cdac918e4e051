package io.quorate.client;

import java.util.List;

/**
 * What one server says of itself, session or not.
 *
 * @param role leader, follower, observer, looking or unfounded
 * @param leaderId id of the server it takes for the leader, 0 if it knows none
 * @param serving whether it serves sessions
 * @param durableZxid last entry on its disk
 * @param appliedZxid last entry applied
 * @param digest of the state at {@code appliedZxid}; equal on all servers at an equal zxid
 * @param snapshotZxid of its newest snapshot, 0 if it has none
 * @param sessions of the whole ensemble
 * @param connections of clients to this server
 * @param watches of clients on this server
 * @param committedZxid last entry that it knows to be committed
 * @param leaderZxid what its leader has committed, as far as it heard; 0 without a leader
 * @param lagEntries committed by the leader and not applied here, counted in the leader's epoch; -1
 *     without a leader
 * @param lagMillis since it last had applied everything that its leader committed
 * @param logTimeMillis the leader's wall clock in the newest applied entry, since 1970
 * @param snapshotAgeMillis since the last entry in the newest snapshot was stamped; -1 if there is
 *     no snapshot
 * @param stateVersion of the state machine, in force
 * @param stateVersionMax the newest that it supports
 * @param reason why it does not serve, in one line; empty if it serves
 * @param alarm what a person must act upon, in one line; empty if nothing
 * @param peers the other servers, by id
 */
public record ServerStatus(
    int serverId,
    String role,
    int leaderId,
    long epoch,
    boolean serving,
    long durableZxid,
    long appliedZxid,
    long digest,
    long snapshotZxid,
    int sessions,
    int connections,
    int watches,
    long znodes,
    long committedZxid,
    long leaderZxid,
    long lagEntries,
    long lagMillis,
    long logTimeMillis,
    long uptimeMillis,
    long snapshotAgeMillis,
    int stateVersion,
    int stateVersionMax,
    String reason,
    String alarm,
    List<Peer> peers) {

  public ServerStatus {
    peers = List.copyOf(peers);
  }

  /**
   * What that server knows of another.
   *
   * @param role voter or observer
   * @param linkUp whether the two have a connection
   * @param state what the leader does for it: none, asked, snapshot or stream; none elsewhere
   * @param counts whether its votes and acks count; a voter that lost its data does not until an
   *     entry names its new incarnation
   * @param matchZxid durable there as far as acknowledged to the leader, 0 if unknown
   * @param ackAgeMillis since the leader last heard of it, -1 if unknown
   */
  public record Peer(
      int serverId,
      String role,
      boolean linkUp,
      String state,
      boolean counts,
      long matchZxid,
      long ackAgeMillis) {}
}
