package io.quorate.server.replication;

import io.quorate.data.Zxid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this node is at the moment, and what only that role knows. Made at a transition, thrown away
 * at the next; see {@link RoleTransitions}.
 *
 * <p>A method that a role does not override does nothing: what it is about is no concern of that
 * role.
 */
sealed interface Role permits Unfounded, Looking, Follower, Leader {

  ReplicaStatus.Role name();

  /** The leader, or 0. */
  int leaderId();

  /** Led or followed; the last promise of one without a leader. */
  long epoch();

  /** See {@link ReplicaStatus#serving()}. */
  default boolean serving() {
    return false;
  }

  /** What the leader of this node is known to have committed; 0 without one. */
  default long leaderCommitZxid() {
    return Zxid.NONE;
  }

  /** The time that an entry made now would have; 0 where none can be made. */
  default long logTimeMillis() {
    return 0;
  }

  /** Why it does not serve, for a person; null if {@link NodeState#reason} says it. */
  default @Nullable String waitsFor() {
    return null;
  }

  /** What a leader does for that peer, and when it heard of it; null for everybody else. */
  default @Nullable Progress progressOf(int peer) {
    return null;
  }

  /**
   * Whether this node has a live leader, so that it must not help {@code candidate} to replace it
   * (stickiness). A leader itself is asked for leave by nobody but itself.
   */
  default boolean hearsOtherLeader(int candidate) {
    return false;
  }

  /** Room for writes in the ensemble, as far as this role knows. */
  default DiskSpace room() {
    return DiskSpace.UNKNOWN;
  }

  /** First call of all, in the step that made the role. */
  default void begin() {}

  default void onTick() {}

  /** The peer said of itself what is new. */
  default void onHello(int peer) {}

  default void onPeerDown(int peer, String reason) {}

  /** Messages that the table of {@link LegalMessages} allows in this role. */
  default void onMessage(int from, Message message) {}

  /** No write of this node is under way any more. */
  default void onRest() {}

  /** More of the log is durable: by a write of this generation. */
  default void onDurable() {}

  /** The promise made for that is durable. */
  default void onPromised(AfterSave after) {}

  default void onLogRead(long token, List<LogEntry> entries) {}

  default void onSnapshotChunkRead(Input.SnapshotChunkRead read) {}

  /** Storage has so much of the snapshot that is being received. */
  default void onStageStored(long endOffset) {}

  /** The staged snapshot was verified, or did not verify and is dropped. */
  default void onStageSealed() {}

  /** The staged history of this generation is the history now. */
  default void onHistorySwitched() {}

  default void onPropose(List<byte[]> payloads) {}

  default void onConfirm(long token, List<Long> sessionIds) {}

  /** Last call of each step: what was put off to be done once. */
  default void endStep() {}
}
