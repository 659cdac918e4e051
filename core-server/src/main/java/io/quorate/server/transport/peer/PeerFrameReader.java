package io.quorate.server.transport.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a peer connection into frames, wherever they were split.
 *
 * <p>Holds at most one unfinished frame, and allocates a body only after its length was checked.
 * Confined to the peer loop.
 */
final class PeerFrameReader {
  /** What comes out. After {@link #illegal} the reader is of no further use. */
  interface Sink {
    void frame(byte[] body);

    void illegal(Refusal refusal, String reason);

    /** Whether more is wanted; asked between frames. */
    boolean open();
  }

  private final ByteBuf header = Unpooled.buffer(PeerFrames.HEADER_BYTES, PeerFrames.HEADER_BYTES);
  private boolean preambleSeen;
  private int bodyBytesMax = PeerFrames.BODY_BYTES_BEFORE_AUTHENTICATION_MAX;
  private int checksum;
  private byte @Nullable [] body;
  private int filled;

  /** Sets the limit for the frames that begin from now on. */
  void limit(int newBodyBytesMax) {
    bodyBytesMax = newBodyBytesMax;
  }

  /** Takes all bytes of {@code in}, unless the sink closes meanwhile. Does not release it. */
  void read(ByteBuf in, Sink sink) {
    while (in.isReadable() && sink.open()) {
      if (!preambleSeen) {
        readPreamble(in, sink);
      } else if (body == null) {
        readHeader(in, sink);
      } else {
        readBody(in, sink, body);
      }
    }
  }

  private void readPreamble(ByteBuf in, Sink sink) {
    int position = header.readableBytes();
    byte found = in.readByte();
    byte expected =
        (byte) (PeerFrames.PREAMBLE >>> (8 * (PeerFrames.PREAMBLE_BYTES - 1 - position)));
    header.writeByte(found);
    if (found != expected) {
      boolean version = position == PeerFrames.PREAMBLE_BYTES - 1;
      sink.illegal(
          version ? Refusal.VERSION : Refusal.NOT_A_PEER,
          version
              ? "peer protocol version " + PeerFrames.VERSION + " expected, found " + (found & 0xFF)
              : "peer protocol expected, found byte 0x%02x at %d".formatted(found, position));
    } else if (header.readableBytes() == PeerFrames.PREAMBLE_BYTES) {
      preambleSeen = true;
      header.clear();
    }
  }

  private void readHeader(ByteBuf in, Sink sink) {
    in.readBytes(header, Math.min(in.readableBytes(), header.writableBytes()));
    if (header.isWritable()) {
      return;
    }
    int length = header.readInt();
    checksum = header.readInt();
    header.clear();
    if (length <= 0 || length > bodyBytesMax) {
      sink.illegal(
          Refusal.FRAME_SIZE,
          "frame of 1 to "
              + bodyBytesMax
              + " bytes expected, found "
              + Integer.toUnsignedString(length));
      return;
    }
    body = new byte[length];
    filled = 0;
  }

  private void readBody(ByteBuf in, Sink sink, byte[] unfinished) {
    int count = Math.min(in.readableBytes(), unfinished.length - filled);
    in.readBytes(unfinished, filled, count);
    filled += count;
    if (filled < unfinished.length) {
      return;
    }
    body = null;
    int found = PeerFrames.checksumOf(unfinished);
    if (found == checksum) {
      sink.frame(unfinished);
    } else {
      sink.illegal(
          Refusal.CHECKSUM,
          "frame of %d bytes with checksum 0x%08x expected, found 0x%08x"
              .formatted(unfinished.length, checksum, found));
    }
  }
}
