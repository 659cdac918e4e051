package io.quorate.server.storage.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C of bytes in buffers and arrays; positions and limits stay as they are. */
final class Crc32c {
  private Crc32c() {}

  static int of(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  /** Of {@code length} bytes at absolute {@code offset}. */
  static int of(ByteBuffer buffer, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().limit(offset + length).position(offset));
    return (int) crc.getValue();
  }

  /** Of bytes followed by a number that ties them to the place they belong to. */
  static int of(ByteBuffer buffer, int offset, int length, long place) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().limit(offset + length).position(offset));
    for (int shift = 56; shift >= 0; shift -= 8) {
      crc.update((int) (place >>> shift) & 0xFF);
    }
    return (int) crc.getValue();
  }
}
