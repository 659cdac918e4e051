package io.quorate.server.node;

import io.quorate.server.divergence.Divergence;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.request.RequestObserver;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;

/**
 * Hears what a node does, on the node thread, at the moment it does it. Must not call back. For
 * tests, checkers and metrics.
 */
public interface NodeObserver extends RequestObserver {
  /** Hears nothing. */
  NodeObserver NONE = new NodeObserver() {};

  /**
   * Role, leader, epoch or phase changed.
   *
   * @param cause why, in one line for a person
   */
  default void roleChanged(ReplicaStatus status, String cause) {}

  /** This server stands for leader of that epoch; what becomes of it, the role tells. */
  default void electionBegan(long epoch) {}

  /** An entry was applied. */
  default void applied(LogEntry entry, long digest) {}

  /** The state was replaced by a snapshot. */
  default void stateLoaded(long zxid, long digest) {}

  /** At the leader: this way was chosen to synchronize that peer. */
  default void synced(int peer, SyncPlan plan) {}

  /** At the leader: a piece of a snapshot is sent to that peer. */
  default void snapshotPieceSent(int peer, long offset, int bytes) {}

  /** A command was applied, with this result; {@link #applied} follows. */
  default void commandApplied(long zxid, Command command, ApplyResult result) {}

  /** A slice of what is committed was applied, and took that long. */
  default void applyRan(int entries, long nanos) {}

  /**
   * The thread of the node took a turn; not called by drivers without a thread.
   *
   * @param nanos from the first event to the end of the turn
   * @param events that it took from its inbox
   */
  default void turnTaken(int events, long nanos) {}

  /** A part of the turn is done; everything since the one before belongs to it. */
  default void turnPartDone(TurnPart part) {}

  /** So many commands were handed to the replica. */
  default void proposed(int commands) {}

  /** The state is about to be replaced by the snapshot of that zxid. */
  default void stateLoading(long zxid) {}

  /**
   * A turn is over.
   *
   * @param status as other threads see it from now on
   */
  default void turnEnded(NodeStatus status) {}

  /** The state differs from that of the others; the node stops to be rebuilt. */
  default void diverged(Divergence divergence) {}

  /** The alarm began (zxid where states differ) or ended ({@code Zxid.NONE}). */
  default void alarm(long zxid) {}

  /**
   * Something for people.
   *
   * @param urgent whether somebody should act
   */
  default void notice(String text, boolean urgent) {}

  /** A peer's link is reset because of what it sent. */
  default void linkReset(int peer, String reason) {}
}
