package io.quorate.server.storage;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a node keeps: promise, log, snapshots.
 *
 * <p>Synchronous. Confined to the log thread, except for {@link #createSnapshot}, {@link
 * #openSnapshot} and {@link #verifySnapshots}, which the snapshot thread uses beside it. Every
 * method throws {@link StorageException} when it can't do what it says; afterwards only {@link
 * #close} is legal.
 */
public interface Storage extends AutoCloseable {

  /**
   * Reads and verifies what is there. First call of all, once. The tail of the log has been made
   * durable anew before its position is claimed.
   */
  Recovered recover();

  /**
   * As {@link #recover}, but without any snapshot after {@code trustedZxid}: those are deleted.
   * Used to rebuild a state that turned out to be wrong.
   *
   * @throws StorageException if neither a snapshot up to there nor a log from its very beginning is
   *     left; then nothing is deleted, and the text says what to do
   */
  Recovered recoverTrusting(long trustedZxid);

  /** Durable in both superblock slots on return. */
  void savePromise(Promise promise);

  /**
   * Written, not durable before {@link #sync}. Entries continue the chain of the last one;
   * otherwise it refuses.
   */
  void append(List<LogEntry> entries);

  /** Everything appended is durable on return: entries and identifiers under the same call. */
  void sync();

  /**
   * Every entry above {@code afterZxid} is gone, durably, on return; the next append opens a new
   * segment.
   */
  void truncateAfter(long afterZxid, long afterHash);

  /**
   * Entries after {@code afterZxid} in order, verified, at least one, about {@code maxBytes}; empty
   * if that position is not in the log.
   */
  List<LogEntry> read(long afterZxid, int maxBytes);

  /** A piece of the stored file of a snapshot; null if there is none of that zxid. */
  @Nullable Piece readSnapshotPiece(long snapshotZxid, long offset, int maxBytes);

  /**
   * Begins a history beside the present one: a snapshot, then a log after it. Drops an unfinished
   * earlier one.
   */
  void stageBegin();

  /** Appends a piece of the snapshot file. */
  void stagePiece(long offset, byte[] bytes);

  /**
   * Syncs and verifies the staged snapshot and opens the log after it; null if it does not verify.
   */
  @Nullable SnapshotMeta stageSeal();

  /** Deletes the staged history, if there is one. */
  void stageDrop();

  /** Appends to the staged log. */
  void stageAppend(List<LogEntry> entries);

  /**
   * Makes the staged history the history by one superblock write, durably; then the old one is
   * deleted.
   */
  Recovered stageSwitch();

  /**
   * Deletes snapshots beyond retention and whole segments that no retained, verified snapshot
   * needs.
   *
   * @param pinned zxids of snapshots that stay besides, with the log after them; those that are not
   *     there do not matter
   * @return zxid of the position after which the log now begins
   */
  long retain(List<Long> pinned);

  /** Bytes that can still be written, as the disk tells; {@link Long#MAX_VALUE} if not known. */
  long usableBytes();

  /**
   * Reads the snapshots that were found at recovery and not verified, so that retention can count
   * them: it reads nothing itself.
   */
  void verifySnapshots();

  /** Begins a snapshot; nothing of it counts before {@link SnapshotSink#commit}. */
  SnapshotSink createSnapshot(SnapshotMeta meta);

  /**
   * Opens a snapshot that verified; refuses one that does not, naming what is wrong where. Null if
   * the history that it belonged to was replaced by {@link #stageSwitch} meanwhile.
   */
  @Nullable SnapshotSource openSnapshot(long zxid);

  @Override
  void close();

  /**
   * Part of a stored snapshot file.
   *
   * @param checksum of the whole file
   */
  record Piece(byte[] bytes, long totalLength, int checksum) {}

  /** A snapshot being written. */
  interface SnapshotSink {
    /** Adds one record block; at most 1 MiB. */
    void write(ByteBuffer block);

    /**
     * Syncs, verifies by reading back, renames, syncs the directory. Returns whether it counts:
     * false if the history it belongs to was replaced meanwhile, and nothing of it is left.
     */
    boolean commit();

    /** Forgets it. */
    void abort();
  }

  /** A snapshot being read. */
  interface SnapshotSource extends AutoCloseable {
    SnapshotMeta meta();

    /** The next record block as it was written, verified; null after the last. */
    @Nullable ByteBuffer next();

    @Override
    void close();
  }
}
