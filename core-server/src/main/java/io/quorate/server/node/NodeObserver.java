package io.quorate.server.node;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;

/**
 * Hears what a node does, on the node thread, at the moment it does it. Must not call back. For
 * tests, checkers and metrics.
 */
public interface NodeObserver {
  /** Hears nothing. */
  NodeObserver NONE = new NodeObserver() {};

  /** Role, leader, epoch or phase changed. */
  default void roleChanged(ReplicaStatus status) {}

  /** An entry was applied. */
  default void applied(LogEntry entry, long digest) {}

  /** The state was replaced by a snapshot. */
  default void stateLoaded(long zxid, long digest) {}

  /** At the leader: this way was chosen to synchronize that peer. */
  default void synced(int peer, SyncPlan plan) {}

  /** Something that an operator should read. */
  default void notice(String text) {}

  /** A peer's link is reset because of what it sent. */
  default void linkReset(int peer, String reason) {}
}
