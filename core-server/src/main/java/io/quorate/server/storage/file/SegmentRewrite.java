package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes a segment anew, with its first entries only, and puts it in place of the old file in one
 * step. Identifiers are made anew from what the scan found; a hole keeps its bytes and its
 * identifier.
 *
 * <p>This is how a log is cut, and how recovery makes the last segment durable: pages that were
 * read from a cache after a failed fsync, or after a kill, need not be on the disk.
 */
final class SegmentRewrite {
  private static final int CHUNK_BYTES = 256 << 10;

  private SegmentRewrite() {}

  /** Durable on return; reads back what it wrote before it replaces the old file. */
  static LogSegment run(Disk disk, String directory, String name, int keptCount)
      throws IOException {
    String temporary = name + Layout.TEMPORARY;
    SegmentScan written;
    try (Disk.File old = disk.open(name);
        Disk.File fresh = Layout.createAnew(disk, temporary)) {
      SegmentScan scan = scan(old, name);
      int kept = Math.min(keptCount, scan.count());
      int[] offsets = scan.offsets();
      scan.header().writeTo(fresh);
      copy(old, fresh, offsets[0], offsets[kept]);
      writeIdentifiers(fresh, scan, kept);
      fresh.sync();
      written = scan(fresh, temporary);
      verify(scan, written, kept, temporary);
    }
    disk.rename(temporary, name);
    disk.syncDirectory(directory);
    return LogSegment.open(disk, name, written);
  }

  private static SegmentScan scan(Disk.File file, String name) throws IOException {
    try {
      return SegmentScan.of(file, predecessorNamed(name), null);
    } catch (IllegalArgumentException e) {
      throw new StorageException(name + ": " + e.getMessage(), e);
    }
  }

  private static long predecessorNamed(String name) {
    int start = name.lastIndexOf("log-") + 4;
    return Long.parseLong(name, start, start + 16, 16);
  }

  private static void copy(Disk.File old, Disk.File fresh, int start, int end) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(Math.min(CHUNK_BYTES, Math.max(1, end - start)));
    int size = chunk.capacity();
    // The file is at least as long as its head, even with no entry in it.
    fresh.write(start - 1L, ByteBuffer.allocate(1));
    for (long at = start; at < end; at += size) {
      chunk.clear().limit((int) Math.min(size, end - at));
      Layout.readFully(old, at, chunk);
      if (chunk.hasRemaining()) {
        fresh.write(at, chunk);
      }
    }
  }

  private static void writeIdentifiers(Disk.File fresh, SegmentScan scan, int kept)
      throws IOException {
    ByteBuffer slots = ByteBuffer.allocate(kept * Identifier.BYTES);
    int[] offsets = scan.offsets();
    for (int i = 0; i < kept; i++) {
      int bodyLength = offsets[i + 1] - offsets[i] - EntryRecord.HEADER_BYTES;
      Identifier.write(
          slots,
          scan.zxid(i),
          scan.hash(i),
          offsets[i],
          bodyLength,
          i,
          scan.header().predecessorZxid());
    }
    fresh.write(SegmentHeader.SLOTS_OFFSET, slots.flip());
  }

  private static void verify(SegmentScan scan, SegmentScan written, int kept, String name) {
    boolean same = written.count() == kept;
    for (int i = 0; i < kept && same; i++) {
      same = written.zxid(i) == scan.zxid(i) && written.hash(i) == scan.hash(i);
    }
    if (!same) {
      throw new StorageException(
          "%s: %d entries up to %s expected after writing them, found %d up to %s"
              .formatted(
                  name,
                  kept,
                  Zxid.format(kept == 0 ? scan.header().predecessorZxid() : scan.zxid(kept - 1)),
                  written.count(),
                  Zxid.format(written.lastZxid())));
    }
  }
}
