package io.quorate.client;

/**
 * What one server says of itself, session or not.
 *
 * @param role leader, follower, looking or unfounded
 * @param leaderId id of the server it takes for the leader, 0 if it knows none
 * @param serving whether it serves sessions
 * @param durableZxid last entry on its disk
 * @param appliedZxid last entry applied
 * @param digest of the state at {@code appliedZxid}; equal on all servers at an equal zxid
 * @param snapshotZxid of its newest snapshot, 0 if it has none
 * @param connections of clients to this server
 * @param watches of clients on this server
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
    long znodes) {}
