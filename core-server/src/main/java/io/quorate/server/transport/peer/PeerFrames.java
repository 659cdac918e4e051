package io.quorate.server.transport.peer;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/**
 * How messages lie in the byte stream of a peer connection, the same in both directions.
 *
 * <pre>
 *  once                       then, over and over
 * +----+----+----+----+      +--------------------+---------------------+------------- - -
 * | D1 | 'Q'| 'P'| 01 |      | length (uint32 BE) | CRC32C of the body  | body
 * +----+----+----+----+      +--------------------+---------------------+------------- - -
 * </pre>
 *
 * <p>{@code length} counts the body only, and is never 0: a stream of zero bytes is no stream of
 * frames.
 */
final class PeerFrames {
  /** Last byte of the preamble; raised when the handshake or the framing changes. */
  static final int VERSION = 1;

  /** First bytes of each direction of a peer connection. */
  static final int PREAMBLE = 0xD1_51_50_00 | VERSION;

  static final int PREAMBLE_BYTES = 4;
  static final int HEADER_BYTES = 8;

  /** Largest frame body before both sides are authenticated. */
  static final int BODY_BYTES_BEFORE_AUTHENTICATION_MAX = 256;

  private PeerFrames() {}

  /** Appends one frame. */
  static void write(ByteBuf out, byte[] body) {
    out.writeInt(body.length).writeInt(checksumOf(body)).writeBytes(body);
  }

  /** CRC32C of the whole body. */
  static int checksumOf(byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(body, 0, body.length);
    return (int) crc.getValue();
  }
}
