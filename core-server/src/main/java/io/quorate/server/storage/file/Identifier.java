package io.quorate.server.storage.file;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What identifies an entry, kept apart from it: with the entry damaged, it says that there was one
 * and which.
 *
 * <pre>
 *   0      8      16       20           24     28    32
 *   | zxid | hash | offset | bodyLength | slot | crc |
 * </pre>
 *
 * <p>32 bytes, so that none straddles a sector. The CRC32C covers the rest and the segment's
 * predecessor, which the record does not hold: an identifier of another segment is none.
 *
 * @param offset of the entry record in the file
 */
record Identifier(long zxid, long hash, int offset, int bodyLength) {
  static final int BYTES = 32;

  /** Appends the record for a slot to {@code out}. */
  static void write(
      ByteBuffer out,
      long zxid,
      long hash,
      int offset,
      int bodyLength,
      int slot,
      long predecessor) {
    int start = out.position();
    out.putLong(zxid).putLong(hash).putInt(offset).putInt(bodyLength).putInt(slot);
    out.putInt(Crc32c.of(out, start, BYTES - 4, predecessor));
  }

  /** The identifier in a slot of the slots area; null if there is no valid one. */
  static @Nullable Identifier read(ByteBuffer slots, int slot, long predecessor) {
    int at = slot * BYTES;
    if (slots.getInt(at + 24) != slot
        || slots.getInt(at + 28) != Crc32c.of(slots, at, BYTES - 4, predecessor)) {
      return null;
    }
    return new Identifier(
        slots.getLong(at), slots.getLong(at + 8), slots.getInt(at + 16), slots.getInt(at + 20));
  }

  /** Whether nothing was ever written to a slot. */
  static boolean isBlank(ByteBuffer slots, int slot) {
    int at = slot * BYTES;
    return (slots.getLong(at)
            | slots.getLong(at + 8)
            | slots.getLong(at + 16)
            | slots.getLong(at + 24))
        == 0;
  }
}
