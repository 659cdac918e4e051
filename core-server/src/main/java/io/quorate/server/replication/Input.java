package io.quorate.server.replication;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that can happen to a replica. Each is one call of {@code Replica.step}. */
public sealed interface Input {

  /** First input of all: what storage holds. */
  record Start(Recovered recovered) implements Input {}

  /** Time passed; every 10 ms or so. */
  record Tick() implements Input {}

  /** The link with a peer is up: both directions, authenticated. Messages sent before are lost. */
  record PeerUp(int peer) implements Input {}

  /**
   * The link with a peer is gone, in both directions; whatever was under way in it is lost.
   *
   * @param reason for a person; nothing is decided by it
   */
  record PeerDown(int peer, String reason) implements Input {
    public PeerDown(int peer) {
      this(peer, "");
    }
  }

  /** A message arrived: in order of sending within one life of the link. */
  record Receive(int from, Message message) implements Input {}

  /**
   * Append these commands (at the leader) or forward them to it. Only legal while {@link
   * ReplicaStatus#serving()}. Lost without a word if the leader changes: the driver proposes again
   * after a {@link Effect.RoleChanged} that serves; commands are idempotent.
   */
  record Propose(List<byte[]> payloads) implements Input {}

  /**
   * Touch these sessions at the leader and confirm it by a later quorum round. Only legal while
   * serving; lost as proposals are.
   */
  record Confirm(long token, List<Long> sessionIds) implements Input {}

  record PromiseSaved(long token) implements Input {}

  record Appended(long generation, long lastZxid) implements Input {}

  record Truncated(long generation) implements Input {}

  /**
   * Entries read, in order, the first one following the asked position; empty if that position is
   * no longer (or not yet) in the log.
   */
  record LogRead(long token, List<LogEntry> entries) implements Input {}

  /**
   * A piece of a snapshot file; {@code bytes} null if that snapshot is gone.
   *
   * @param checksum of the whole file
   */
  record SnapshotChunkRead(
      long token, long offset, byte @Nullable [] bytes, long totalLength, int checksum)
      implements Input {}

  record StageStored(long stage, long endOffset) implements Input {}

  /**
   * The staged snapshot as verified; null if it does not verify (the reason is in the log of the
   * process).
   */
  record StageSealed(long stage, @Nullable SnapshotMeta meta) implements Input {}

  /** The staged history is the history now. */
  record HistorySwitched(long generation, Recovered recovered) implements Input {}

  /** The driver has written and verified a snapshot of its own. */
  record SnapshotTaken(SnapshotMeta meta) implements Input {}

  /** Room of this server's disk, whether it is news or not. */
  record DiskMeasured(DiskSpace space) implements Input {}

  /** What {@link Effect.MeasureSpace} found; for the driver, which judges it. */
  record SpaceMeasured(long usableBytes) implements Input {}

  /** The log now begins after this position. */
  record LogPurged(long baseZxid) implements Input {}
}
