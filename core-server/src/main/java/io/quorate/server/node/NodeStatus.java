package io.quorate.server.node;

import io.quorate.server.replication.ReplicaStatus;

/**
 * An immutable picture of a node after one of its turns, for other threads.
 *
 * @param replica role, leader, epoch, durable and committed zxid
 * @param serving whether clients are served: the replica is in touch with a leader, and no state is
 *     being loaded
 * @param digest rolling digest of the state at {@code appliedZxid}
 * @param sessions open sessions of the whole ensemble
 * @param connections of clients to this server
 */
public record NodeStatus(
    ReplicaStatus replica,
    boolean serving,
    long appliedZxid,
    long digest,
    int sessions,
    int connections,
    int watches,
    long znodes) {

  /** Whether this node is the established leader. */
  public boolean leads() {
    return serving && replica.role() == ReplicaStatus.Role.LEADER;
  }
}
