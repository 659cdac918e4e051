package io.quorate.server.transport.client.proto;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.quorate.protocol.Framing;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a client into frames, wherever they were split. A frame that came whole is not
 * copied; of one that did not, as much is held as has come. Confined to the connection's loop.
 */
final class ProtoFrameReader {
  private static final int FIRST_BYTES = 4 << 10;

  /** What comes out. */
  interface Sink {
    /** The first bytes of the connection. */
    void magic(int magic);

    /** Limit of the frame that begins. */
    int bodyBytesMax();

    /** One frame; the buffer is valid during the call only. */
    void body(ByteBuffer body);

    /** A frame above the limit begins; nothing was allocated for it. */
    void tooLarge(long length, int max);

    /** Whether more is wanted; asked between frames. */
    boolean open();
  }

  private boolean magicSeen;
  private int headerBytes;
  private int header;
  private int length = -1;
  private @Nullable ByteBuf partial;

  /** Takes all bytes of {@code in}, unless the sink closes meanwhile. Does not release it. */
  void read(ByteBufAllocator allocator, ByteBuf in, Sink sink) {
    while (in.isReadable() && sink.open()) {
      if (length < 0) {
        readHeader(in, sink);
      }
      if (length >= 0 && sink.open()) {
        readBody(allocator, in, sink);
      }
    }
  }

  private void readHeader(ByteBuf in, Sink sink) {
    while (headerBytes < Framing.LENGTH_BYTES && in.isReadable()) {
      header = header << 8 | in.readUnsignedByte();
      headerBytes++;
    }
    if (headerBytes < Framing.LENGTH_BYTES) {
      return;
    }
    headerBytes = 0;
    if (!magicSeen) {
      magicSeen = true;
      sink.magic(header);
      return;
    }
    int max = sink.bodyBytesMax();
    if (Integer.compareUnsigned(header, max) > 0) {
      sink.tooLarge(Integer.toUnsignedLong(header), max);
      return;
    }
    length = header;
  }

  private void readBody(ByteBufAllocator allocator, ByteBuf in, Sink sink) {
    if (partial == null && in.readableBytes() >= length) {
      ByteBuffer body = in.nioBuffer(in.readerIndex(), length);
      in.skipBytes(length);
      length = -1;
      sink.body(body);
      return;
    }
    if (partial == null) {
      partial = allocator.buffer(Math.min(length, FIRST_BYTES), length);
    }
    int arrived = Math.min(in.readableBytes(), length - partial.readableBytes());
    // Grows with what arrives, never with what was announced.
    partial.writeBytes(in, arrived);
    if (partial.readableBytes() == length) {
      ByteBuf whole = partial;
      partial = null;
      length = -1;
      try {
        sink.body(whole.nioBuffer());
      } finally {
        whole.release();
      }
    }
  }

  /** Gives back what is held of an unfinished frame. */
  void release() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }
}
