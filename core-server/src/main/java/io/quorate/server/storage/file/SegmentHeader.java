package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The head of a segment file, kept twice: at 0 and at {@link #COPY_OFFSET}.
 *
 * <pre>
 *   0       8         12             16          24                32                40
 *   | magic | version | slotCapacity | historyId | predecessorZxid | predecessorHash | crc |
 *
 *   file:  0 header | 4096 header again | 8192 identifier slots | entriesOffset() entries ...
 * </pre>
 *
 * @param slotCapacity how many identifiers, so entries, the segment can hold
 * @param predecessorZxid the position that the first entry follows; the file is named for it
 */
record SegmentHeader(int slotCapacity, long historyId, long predecessorZxid, long predecessorHash) {
  static final int BYTES = 44;
  static final int COPY_OFFSET = 4096;
  static final int SLOTS_OFFSET = 8192;
  static final int SLOT_CAPACITY_MAX = 1 << 20;
  private static final int SLOT_CAPACITY_STEP = 16;
  private static final int BYTES_PER_SLOT = 128;
  private static final int ENTRIES_ALIGNMENT = 4096;
  private static final long MAGIC = 0x5152_5345_474C_4F47L; // "QRSEGLOG"

  /** Slots for entries of 128 bytes each: smaller ones fill the slots first, which is fine. */
  static int slotCapacityFor(int segmentBytes) {
    int wanted = segmentBytes / BYTES_PER_SLOT / SLOT_CAPACITY_STEP * SLOT_CAPACITY_STEP;
    return Math.max(SLOT_CAPACITY_STEP, Math.min(SLOT_CAPACITY_MAX, wanted));
  }

  /** Where entries begin; identifiers end at or before. */
  long entriesOffset() {
    long end = SLOTS_OFFSET + (long) slotCapacity * Identifier.BYTES;
    return (end + ENTRIES_ALIGNMENT - 1) / ENTRIES_ALIGNMENT * ENTRIES_ALIGNMENT;
  }

  void writeTo(Disk.File file) throws IOException {
    file.write(0, encode());
    file.write(COPY_OFFSET, encode());
  }

  private ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.putLong(MAGIC).putInt(Superblock.FORMAT_VERSION).putInt(slotCapacity).putLong(historyId);
    out.putLong(predecessorZxid).putLong(predecessorHash);
    return out.putInt(Crc32c.of(out, 0, BYTES - 4)).flip();
  }

  /** Reads one copy; {@link IllegalArgumentException} says what is wrong with it. */
  static SegmentHeader read(Disk.File file, long offset) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(BYTES);
    Layout.readFully(file, offset, in);
    Expect.that(in.remaining() == BYTES, "header of %d bytes, found %d", BYTES, in.remaining());
    long magic = in.getLong();
    Expect.that(magic == MAGIC, "magic 0x%x expected, found 0x%x", MAGIC, magic);
    Expect.crc(in.getInt(BYTES - 4), Crc32c.of(in, 0, BYTES - 4));
    int version = in.getInt();
    Expect.that(
        version == Superblock.FORMAT_VERSION, "format version 1 expected, found %d", version);
    SegmentHeader header = new SegmentHeader(in.getInt(), in.getLong(), in.getLong(), in.getLong());
    Expect.that(
        header.slotCapacity > 0 && header.slotCapacity <= SLOT_CAPACITY_MAX,
        "slot capacity in [1, %d] expected, found %d",
        SLOT_CAPACITY_MAX,
        header.slotCapacity);
    return header;
  }
}
