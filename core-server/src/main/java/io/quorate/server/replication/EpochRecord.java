package io.quorate.server.replication;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Payload of an {@link EntryKind#EPOCH} entry.
 *
 * <pre>
 *   0           8        9          10
 *   | cluster   | leader | founding | membership if founding |
 * </pre>
 *
 * @param founding the membership of the founding, with all incarnations, in the first entry of a
 *     history; null in every other
 */
public record EpochRecord(long clusterId, int leaderId, @Nullable Membership founding) {
  private static final int FIXED_BYTES = 10;

  byte[] encode() {
    byte[] membership = founding == null ? new byte[0] : founding.encode();
    byte[] bytes = new byte[FIXED_BYTES + membership.length];
    ByteBuffer.wrap(bytes)
        .putLong(clusterId)
        .put((byte) leaderId)
        .put((byte) (founding == null ? 0 : 1))
        .put(membership);
    return bytes;
  }

  /** Reads what a leader wrote; {@link IllegalArgumentException} for anything else. */
  public static EpochRecord decode(byte[] payload) {
    try {
      ByteBuffer in = ByteBuffer.wrap(payload);
      long clusterId = in.getLong();
      int leaderId = in.get() & 0xFF;
      boolean founding = in.get() != 0;
      return new EpochRecord(clusterId, leaderId, founding ? Membership.decode(in) : null);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("epoch record ends too early", e);
    }
  }
}
