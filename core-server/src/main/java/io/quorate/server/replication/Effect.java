package io.quorate.server.replication;

import java.util.List;

/**
 * Everything a replica can want done. The driver executes the effects of a step in the order given.
 *
 * <p>{@link Storage} effects go to the log thread, first in, first out over all steps; each
 * completes with the {@link Input} it names, in the same order, and only after its result is
 * durable. Consecutive appends may share one fsync. Any storage error ends the process: there is no
 * input for failure (R16).
 *
 * <p>A <em>generation</em> fences storage work of a role that is over (R7): the replica raises it
 * when it changes role or cuts its log, and drops completions of older generations.
 */
public sealed interface Effect {

  /** Hand to the peer's link: first in, first out, lost with the link, never blocks. */
  record Send(int peer, Message message) implements Effect {}

  /** Work for the log thread. */
  sealed interface Storage extends Effect {
    /** Whether an input will say that it is done. */
    default boolean completes() {
      return true;
    }
  }

  /** Write and sync to both superblock slots in turn; completes with {@link Input.PromiseSaved}. */
  record SavePromise(long token, Promise promise) implements Storage {}

  /**
   * Append and sync; completes with {@link Input.Appended} naming the last zxid. Entries follow
   * what was appended before.
   */
  record Append(long generation, List<LogEntry> entries) implements Storage {}

  /**
   * Cut every entry above {@code afterZxid} and sync the cut; completes with {@link
   * Input.Truncated}.
   */
  record Truncate(long generation, long afterZxid, long afterHash) implements Storage {}

  /**
   * Read entries after {@code afterZxid} (exclusive), at least one, about {@code maxBytes};
   * completes with {@link Input.LogRead}.
   */
  record ReadLog(long token, long afterZxid, int maxBytes) implements Storage {}

  /**
   * Read a piece of the stored snapshot file of that zxid; completes with {@link
   * Input.SnapshotChunkRead}.
   */
  record ReadSnapshotChunk(long token, long snapshotZxid, long offset, int maxBytes)
      implements Storage {}

  /**
   * Begin a staged history beside the present one, dropping an earlier unfinished one. No
   * completion. Stages are numbered, and completions name theirs; they go on over changes of the
   * role.
   */
  record StageBegin(long stage) implements Storage {
    @Override
    public boolean completes() {
      return false;
    }
  }

  /**
   * Add a piece of the snapshot file to the staged history; completes with {@link
   * Input.StageStored}. Pieces come in order.
   */
  record StageChunk(long stage, long offset, byte[] bytes) implements Storage {}

  /**
   * Verify the whole staged snapshot and open a log after it; completes with {@link
   * Input.StageSealed} (which says so if the snapshot does not verify).
   */
  record StageSeal(long stage) implements Storage {}

  /** Append to the staged log; no completion of its own (the switch covers it). */
  record StageAppend(long stage, List<LogEntry> entries) implements Storage {
    @Override
    public boolean completes() {
      return false;
    }
  }

  /** Forget the staged history, if there is one. No completion. */
  record StageDrop() implements Storage {
    @Override
    public boolean completes() {
      return false;
    }
  }

  /**
   * Sync the staged history and make it the history by one superblock write; completes with {@link
   * Input.HistorySwitched}.
   */
  record StageSwitch(long generation) implements Storage {}

  /**
   * Drop snapshots beyond retention and log segments that no retained verified snapshot needs;
   * completes with {@link Input.LogPurged}.
   *
   * @param pinned zxids of snapshots to keep besides, with the log after them
   */
  record Retain(List<Long> pinned) implements Storage {}

  /**
   * Ask the disk how much can still be written; completes with {@link Input.SpaceMeasured}. The
   * driver's own.
   */
  record MeasureSpace() implements Storage {}

  /**
   * Apply these committed and locally durable entries, in order. Each entry is delivered once per
   * start.
   */
  record Deliver(List<LogEntry> entries) implements Effect {}

  /**
   * The history was replaced: load the state from this snapshot; deliveries go on after it. Also
   * the first effect of a start from a snapshot.
   */
  record LoadSnapshot(SnapshotMeta meta) implements Effect {}

  /**
   * Role, leader, phase or epoch changed; {@link ReplicaStatus} says to what. Proposals and
   * confirmations not yet settled must be issued anew.
   *
   * @param cause why, in one line for a person
   */
  record RoleChanged(ReplicaStatus status, String cause) implements Effect {}

  /** At the leader: these sessions were heard of; restart their leases. */
  record Touched(List<Long> sessionIds) implements Effect {}

  /**
   * Answer to {@link Input.Confirm}: the leader recorded the touches, and afterwards a quorum
   * round, begun later, showed that it still leads.
   *
   * @param zxid last entry of the leader's log when the request arrived, at or above everything
   *     committed then: whatever was confirmed is done once this is applied. Not the commit point,
   *     because the end of a session may be in the log and not committed: its ping must not be
   *     answered any more
   */
  record Confirmed(long token, long zxid) implements Effect {}

  /**
   * A question of the leader that is followed, or an answer to this leader: about states, of which
   * the replica knows nothing.
   */
  record DigestMessage(int from, Message message) implements Effect {}

  /**
   * At the leader: this way was chosen to synchronize that peer. For operators and tests.
   *
   * @param resumedAt offset at which a snapshot goes on; 0 if it begins anew or is not the way
   */
  record Synced(int peer, SyncPlan plan, long resumedAt) implements Effect {}

  /**
   * Something for the log of the process; nothing else follows.
   *
   * @param urgent whether a person should act
   */
  record Notice(String text, boolean urgent) implements Effect {}

  /** Stop the process: going on could lose data or can't help. The reason is for a person. */
  record Halt(String reason) implements Effect {}
}
