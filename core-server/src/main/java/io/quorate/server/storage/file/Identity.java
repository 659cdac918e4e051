package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whose directory this is: a second copy of what the superblock says, written once when the cluster
 * becomes known. It tells a directory that lost its superblock from one that is new.
 *
 * <pre>
 *   0       8         12          20       24
 *   | magic | version | clusterId | nodeId | crc |
 * </pre>
 */
record Identity(long clusterId, int nodeId) {
  static final int BYTES = 28;
  private static final long MAGIC = 0x5152_4944_454E_5449L; // "QRIDENTI"

  ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.putLong(MAGIC).putInt(Superblock.FORMAT_VERSION).putLong(clusterId).putInt(nodeId);
    return out.putInt(Crc32c.of(out, 0, BYTES - 4)).flip();
  }

  static Identity decode(ByteBuffer in) {
    Expect.that(in.remaining() == BYTES, "%d bytes expected, found %d", BYTES, in.remaining());
    Expect.crc(in.getInt(BYTES - 4), Crc32c.of(in, 0, BYTES - 4));
    Expect.that(in.getLong(0) == MAGIC, "magic expected, found 0x%x", in.getLong(0));
    return new Identity(in.getLong(12), in.getInt(20));
  }

  /** The record of a directory; null if there is none, or none that is whole. */
  static @Nullable Identity read(Disk disk) throws IOException {
    if (!disk.exists(Layout.IDENTITY)) {
      return null;
    }
    try (Disk.File file = disk.open(Layout.IDENTITY)) {
      ByteBuffer in = ByteBuffer.allocate(BYTES + 1);
      Layout.readFully(file, 0, in);
      return decode(in);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
