package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.LogIdentifiers;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log of one history: segments in order, each following the last entry of the one before.
 *
 * <p>A log always has a segment, an empty one if need be: none at all means that files were lost.
 * After recovery and after a cut the next append opens a new segment. Confined to the log thread.
 */
final class SegmentedLog {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Disk disk;
  private final String directory;
  private final long historyId;
  private final StorageOptions options;

  /** Records on their way to the file; made by the first append, then used again and again. */
  private @Nullable ByteBuffer reused;

  /** Never empty; only the last one may be writable. */
  private final List<LogSegment> segments;

  /** Every entry of all segments, unsynced ones among them. */
  private final LogIdentifiers identifiers;

  SegmentedLog(
      Disk disk,
      String directory,
      long historyId,
      StorageOptions options,
      List<LogSegment> segments,
      LogIdentifiers identifiers) {
    this.disk = disk;
    this.directory = directory;
    this.historyId = historyId;
    this.options = options;
    this.segments = new ArrayList<>(segments);
    this.identifiers = identifiers;
  }

  /** A new log after a position, durable with its first segment. */
  static SegmentedLog create(
      Disk disk,
      String directory,
      long historyId,
      StorageOptions options,
      long baseZxid,
      long baseHash)
      throws IOException {
    SegmentedLog log =
        new SegmentedLog(
            disk, directory, historyId, options, List.of(), new LogIdentifiers(baseZxid, baseHash));
    log.openSegment();
    return log;
  }

  LogIdentifiers identifiers() {
    return identifiers;
  }

  int segmentCount() {
    return segments.size();
  }

  /** Written in order, in as few writes as the buffer allows; nothing is durable yet. */
  void append(List<LogEntry> entries) throws IOException {
    ByteBuffer buffer = buffer();
    long offset = last().end();
    for (LogEntry entry : entries) {
      check(entry);
      if (!last().writable() || last().isFull() || last().entryBytes() >= options.segmentBytes()) {
        flush(buffer, offset);
        sync();
        openSegment();
        offset = last().end();
      }
      int recordLength = EntryRecord.recordLength(entry.bodyLength());
      if (recordLength > buffer.remaining()) {
        flush(buffer, offset);
        offset = last().end();
      }
      if (recordLength > buffer.capacity()) {
        ByteBuffer large = ByteBuffer.allocate(recordLength);
        EntryRecord.write(large, entry);
        last().write(offset, large.flip());
        offset += recordLength;
      } else {
        EntryRecord.write(buffer, entry);
      }
      last().add(entry);
      identifiers.append(entry.zxid(), entry.chainHash());
    }
    flush(buffer, offset);
  }

  private ByteBuffer buffer() {
    ByteBuffer buffer = reused;
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      reused = buffer;
    }
    return buffer.clear();
  }

  private void flush(ByteBuffer buffer, long offset) throws IOException {
    if (buffer.position() > 0) {
      last().write(offset, buffer.flip());
    }
    buffer.clear();
  }

  private void check(LogEntry entry) {
    Invariant.check(
        entry.bodyLength() <= EntryRecord.BODY_BYTES_MAX,
        "entry body of at most %d bytes expected, found %d",
        EntryRecord.BODY_BYTES_MAX,
        entry.bodyLength());
    Invariant.check(
        entry.zxid() > identifiers.lastZxid() && entry.follows(identifiers.lastHash()),
        "an entry following 0x%x expected, found 0x%x",
        identifiers.lastZxid(),
        entry.zxid());
  }

  void sync() throws IOException {
    if (last().writable()) {
      last().sync();
    }
  }

  /** Opens a segment after the last entry; it takes the place of an empty one. */
  private void openSegment() throws IOException {
    if (!segments.isEmpty() && last().count() == 0) {
      last().close();
      segments.remove(segments.size() - 1);
    }
    SegmentHeader header =
        new SegmentHeader(
            SegmentHeader.slotCapacityFor(options.segmentBytes()),
            historyId,
            identifiers.lastZxid(),
            identifiers.lastHash());
    segments.add(LogSegment.create(disk, directory, header, options.segmentBytes()));
  }

  /**
   * Cuts everything above a position. Newer segments go first, each deletion synced before the
   * next, so that a crash leaves a prefix of the old log that still holds the position; then the
   * segment with the position is written anew without its end.
   */
  void truncateAfter(long afterZxid, long afterHash) throws IOException {
    if (!identifiers.contains(afterZxid, afterHash)) {
      throw new StorageException(
          "truncate after %s#%x: no such entry; the log is [%s, %s]"
              .formatted(
                  Zxid.format(afterZxid),
                  afterHash,
                  Zxid.format(identifiers.baseZxid()),
                  Zxid.format(identifiers.lastZxid())));
    }
    if (afterZxid == identifiers.lastZxid()) {
      sync();
      return;
    }
    while (segments.size() > 1 && last().header().predecessorZxid() >= afterZxid) {
      LogSegment gone = segments.remove(segments.size() - 1);
      gone.close();
      disk.delete(gone.name());
      disk.syncDirectory(directory);
    }
    LogSegment cut = segments.remove(segments.size() - 1);
    identifiers.truncateAfter(afterZxid);
    int kept = identifiers.size() - entriesIn(segments);
    cut.close();
    segments.add(SegmentRewrite.run(disk, directory, cut.name(), kept));
  }

  private static int entriesIn(List<LogSegment> segments) {
    int count = 0;
    for (LogSegment segment : segments) {
      count += segment.count();
    }
    return count;
  }

  /** See {@link io.quorate.server.storage.Storage#read}. */
  List<LogEntry> read(long afterZxid, int maxBytes) throws IOException {
    int next;
    long hash;
    if (afterZxid == identifiers.baseZxid()) {
      next = 0;
      hash = identifiers.baseHash();
    } else {
      int index = identifiers.indexOf(afterZxid);
      if (index < 0) {
        return List.of();
      }
      next = index + 1;
      hash = identifiers.hashAt(index);
    }
    List<LogEntry> entries = new ArrayList<>();
    long zxid = afterZxid;
    int bytes = 0;
    int first = 0;
    for (LogSegment segment : segments) {
      int after = first + segment.count();
      if (next < after && bytes < maxBytes) {
        bytes += segment.read(next - first, zxid, hash, maxBytes - bytes, entries);
        LogEntry newest = entries.get(entries.size() - 1);
        zxid = newest.zxid();
        hash = newest.chainHash();
        if (zxid != identifiers.zxidAt(after - 1)) {
          break;
        }
        next = after;
      }
      first = after;
    }
    return entries;
  }

  /**
   * Deletes whole segments of entries up to a position, oldest first, but for the newest of them
   * that take no more than {@code bytesKept}; never the last segment.
   */
  void purgeUpTo(long zxid, long bytesKept) throws IOException {
    int needless = 0;
    long bytes = 0;
    while (needless + 1 < segments.size()
        && segments.get(needless + 1).header().predecessorZxid() <= zxid) {
      bytes += segments.get(needless).entryBytes();
      needless++;
    }
    while (needless > 0 && (bytesKept == 0 || bytes > bytesKept)) {
      LogSegment gone = segments.remove(0);
      bytes -= gone.entryBytes();
      needless--;
      gone.close();
      disk.delete(gone.name());
      disk.syncDirectory(directory);
      identifiers.purgeUpTo(segments.get(0).header().predecessorZxid());
    }
  }

  private LogSegment last() {
    return segments.get(segments.size() - 1);
  }

  void close() throws IOException {
    for (LogSegment segment : segments) {
      segment.close();
    }
  }
}
