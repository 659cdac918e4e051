package io.quorate.server.storage.file;

import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Promise;
import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one superblock slot says: which history counts, whose directory it is, and the promise.
 *
 * <pre>
 *   0       8         12       16         24          32       36         40
 *   | magic | version | length | sequence | historyId | nodeId | promised | promise ... | crc |
 *
 *   promise: clusterId 8 | incarnation 8 | epoch 8 | votedFor 4 | membership length 4 | membership
 * </pre>
 *
 * <p>{@code length} counts every byte before the CRC32C, which covers them all. A file holds two
 * slots, {@link #SLOT_BYTES} apart, written and synced in turn, the staler one first: at each
 * moment one of them is whole, and once both are written, damage to either costs nothing.
 *
 * @param sequence grows with each change; the greater of two valid slots rules
 * @param promise null until the first was saved
 */
record Superblock(long sequence, long historyId, int nodeId, @Nullable Promise promise) {
  static final int SLOT_BYTES = 128 << 10;
  static final int SLOTS = 2;
  static final int FORMAT_VERSION = 1;
  private static final long MAGIC = 0x5152_5355_5045_5242L; // "QRSUPERB"
  private static final int HEADER_BYTES = 40;
  private static final int PROMISE_BYTES = 32;
  private static final int CRC_BYTES = 4;

  Superblock next(long newHistoryId, @Nullable Promise newPromise) {
    return new Superblock(sequence + 1, newHistoryId, nodeId, newPromise);
  }

  ByteBuffer encode() {
    byte[] membership =
        promise == null || promise.membership() == null
            ? new byte[0]
            : promise.membership().encode();
    int length = HEADER_BYTES + (promise == null ? 0 : PROMISE_BYTES + membership.length);
    if (length + CRC_BYTES > SLOT_BYTES) {
      throw new IllegalArgumentException(
          "a promise must fit into %d bytes, found %d".formatted(SLOT_BYTES, length));
    }
    ByteBuffer out = ByteBuffer.allocate(length + CRC_BYTES);
    out.putLong(MAGIC).putInt(FORMAT_VERSION).putInt(length).putLong(sequence);
    out.putLong(historyId).putInt(nodeId).putInt(promise == null ? 0 : 1);
    if (promise != null) {
      out.putLong(promise.clusterId()).putLong(promise.incarnation()).putLong(promise.epoch());
      out.putInt(promise.votedFor()).putInt(membership.length).put(membership);
    }
    out.putInt(Crc32c.of(out, 0, length));
    return out.flip();
  }

  /** Reads one slot; whatever is wrong with it is said in an {@link IllegalArgumentException}. */
  static Superblock decode(ByteBuffer slot) {
    try {
      ByteBuffer in = slot.slice();
      Expect.that(in.remaining() >= HEADER_BYTES + CRC_BYTES, "slot ends at %d", in.remaining());
      long magic = in.getLong();
      Expect.that(magic == MAGIC, "magic 0x%x expected, found 0x%x", MAGIC, magic);
      int version = in.getInt();
      Expect.that(version == FORMAT_VERSION, "format version 1 expected, found %d", version);
      int length = in.getInt();
      int lengthMax = in.limit() - CRC_BYTES;
      Expect.that(
          length >= HEADER_BYTES && length <= lengthMax,
          "length in [%d, %d] expected, found %d",
          HEADER_BYTES,
          lengthMax,
          length);
      Expect.crc(in.getInt(length), Crc32c.of(in, 0, length));
      in.limit(length);
      long sequence = in.getLong();
      long historyId = in.getLong();
      int nodeId = in.getInt();
      boolean promised = in.getInt() != 0;
      Expect.that(historyId > 0, "positive history id expected, found %d", historyId);
      return new Superblock(sequence, historyId, nodeId, promised ? decodePromise(in) : null);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("slot ends too early", e);
    }
  }

  private static Promise decodePromise(ByteBuffer in) {
    long clusterId = in.getLong();
    long incarnation = in.getLong();
    long epoch = in.getLong();
    int votedFor = in.getInt();
    int membershipBytes = in.getInt();
    Expect.that(
        membershipBytes == in.remaining(),
        "membership of %d bytes expected, found %d",
        in.remaining(),
        membershipBytes);
    Membership membership = membershipBytes == 0 ? null : Membership.decode(in);
    return new Promise(clusterId, incarnation, epoch, votedFor, membership);
  }

  /** Both slots as found: each is a superblock or the reason why it is none. */
  record Found(@Nullable Superblock[] slots, @Nullable String[] problems) {
    /** The valid slot with the greater sequence, or null. */
    @Nullable Superblock newest() {
      int at = newestSlot();
      return at < 0 ? null : slots[at];
    }

    /** Its number, or -1 if neither is valid. */
    int newestSlot() {
      Superblock first = slots[0];
      Superblock second = slots[1];
      if (first == null || second == null) {
        return first != null ? 0 : second != null ? 1 : -1;
      }
      return first.sequence() >= second.sequence() ? 0 : 1;
    }
  }

  /** Reads both slots of an open superblock file. */
  static Found read(Disk.File file) throws IOException {
    @Nullable Superblock[] slots = new @Nullable Superblock[SLOTS];
    @Nullable String[] problems = new @Nullable String[SLOTS];
    for (int i = 0; i < SLOTS; i++) {
      long offset = (long) i * SLOT_BYTES;
      long present = Math.max(0, Math.min(SLOT_BYTES, file.length() - offset));
      ByteBuffer slot = ByteBuffer.allocate((int) present);
      Layout.readFully(file, offset, slot);
      try {
        slots[i] = decode(slot);
      } catch (IllegalArgumentException e) {
        problems[i] = e.getMessage();
      }
    }
    return new Found(slots, problems);
  }
}
