package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * One open segment file. Only the newest one of a log is ever appended to, and only by the process
 * that made it.
 *
 * <p>Entries are written at once, their identifiers only after the entries were synced: see {@link
 * Verdict} for what follows from that.
 */
final class LogSegment {
  private final String name;
  private final Disk.File file;
  private final SegmentHeader header;
  private final boolean writable;

  /** Entries in it, unsynced ones among them. */
  private int count;

  /** Entries whose identifiers are durable; at most {@link #count}. */
  private int identified;

  /** Where each record begins, and after the last one where the next goes. */
  private int[] offsets;

  /** Identifiers of entries in [identified, count), in order. */
  private ByteBuffer pendingSlots = ByteBuffer.allocateDirect(64 * Identifier.BYTES);

  private LogSegment(
      String name,
      Disk.File file,
      SegmentHeader header,
      boolean writable,
      int count,
      int[] offsets) {
    this.name = name;
    this.file = file;
    this.header = header;
    this.writable = writable;
    this.count = count;
    this.identified = count;
    this.offsets = offsets;
  }

  /**
   * Makes a segment after a position; it exists durably, and empty, on return. Its whole length is
   * set at once (sparse), so that a later sync has no length to write.
   */
  static LogSegment create(Disk disk, String directory, SegmentHeader header, int segmentBytes)
      throws IOException {
    String name = Layout.path(directory, Layout.segment(header.predecessorZxid()));
    String temporary = name + Layout.TEMPORARY;
    try (Disk.File file = Layout.createAnew(disk, temporary)) {
      header.writeTo(file);
      file.write(header.entriesOffset() + segmentBytes - 1, ByteBuffer.allocate(1));
      file.sync();
    }
    disk.rename(temporary, name);
    disk.syncDirectory(directory);
    int[] offsets = new int[64];
    offsets[0] = (int) header.entriesOffset();
    return new LogSegment(name, disk.open(name), header, true, 0, offsets);
  }

  /** Opens a scanned segment for reading. */
  static LogSegment open(Disk disk, String name, SegmentScan scan) throws IOException {
    return new LogSegment(
        name, disk.open(name), scan.header(), false, scan.count(), scan.offsets());
  }

  String name() {
    return name;
  }

  SegmentHeader header() {
    return header;
  }

  int count() {
    return count;
  }

  boolean writable() {
    return writable;
  }

  /** How many bytes of entries it has. */
  int entryBytes() {
    return offsets[count] - offsets[0];
  }

  boolean isFull() {
    return count == header.slotCapacity();
  }

  /** Notes an entry whose record goes to {@link #end()}; the bytes follow by {@link #write}. */
  void add(LogEntry entry) {
    Invariant.check(writable && !isFull(), "append to %s, which is closed", name);
    if (pendingSlots.remaining() < Identifier.BYTES) {
      ByteBuffer larger = ByteBuffer.allocateDirect(pendingSlots.capacity() * 2);
      pendingSlots = larger.put(pendingSlots.flip());
    }
    int bodyLength = entry.bodyLength();
    Identifier.write(
        pendingSlots,
        entry.zxid(),
        entry.chainHash(),
        offsets[count],
        bodyLength,
        count,
        header.predecessorZxid());
    if (count + 1 == offsets.length) {
      offsets = Arrays.copyOf(offsets, offsets.length * 2);
    }
    offsets[count + 1] = offsets[count] + EntryRecord.recordLength(bodyLength);
    count++;
  }

  int end() {
    return offsets[count];
  }

  void write(long offset, ByteBuffer records) throws IOException {
    file.write(offset, records);
  }

  /** Entries, then their identifiers: each synced before the next step. */
  void sync() throws IOException {
    if (identified == count) {
      return;
    }
    file.sync();
    pendingSlots.flip();
    file.write(SegmentHeader.SLOTS_OFFSET + (long) identified * Identifier.BYTES, pendingSlots);
    file.sync();
    pendingSlots.clear();
    identified = count;
  }

  /**
   * Adds entries from {@code slot} on to {@code out} until they take {@code maxBytes}, verified
   * against the chain; at least one.
   *
   * @return how many body bytes were added
   */
  int read(int slot, long previousZxid, long previousHash, int maxBytes, List<LogEntry> out)
      throws IOException {
    int first = offsets[slot];
    int last = slot;
    int bytes = offsets[slot + 1] - first;
    while (last + 1 < count && bytes < maxBytes) {
      int next = offsets[last + 2] - first;
      if (next > maxBytes) {
        break;
      }
      bytes = next;
      last++;
    }
    byte[] records = new byte[bytes];
    ByteBuffer in = ByteBuffer.wrap(records);
    Layout.readFully(file, first, in);
    long zxid = previousZxid;
    long hash = previousHash;
    int at = 0;
    for (int i = slot; i <= last; i++) {
      int length = offsets[i + 1] - first - at;
      int bodyLength = length - EntryRecord.HEADER_BYTES;
      String problem =
          in.limit() < at + length
              ? "file ends at " + (first + in.limit())
              : EntryRecord.problem(records, at, bodyLength, zxid, hash);
      if (!problem.isEmpty()) {
        if (i > slot) {
          return at;
        }
        throw new StorageException(
            "%s at offset %d: the entry after %s is damaged: %s"
                .formatted(name, first + at, Zxid.format(zxid), problem));
      }
      LogEntry entry = EntryRecord.entry(records, at, bodyLength);
      out.add(entry);
      zxid = entry.zxid();
      hash = entry.chainHash();
      at += length;
    }
    return at;
  }

  void close() throws IOException {
    file.close();
  }
}
