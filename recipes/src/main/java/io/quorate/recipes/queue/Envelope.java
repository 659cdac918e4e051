package io.quorate.recipes.queue;

import io.quorate.data.ZnodePath;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a znode of an item holds. Layout, big-endian: 'Q', version 1, priority byte, flags byte (1:
 * has a place in {@code room}), attempts int, length short and id, length short and reason, both in
 * UTF-8, and then the payload.
 *
 * @param id the same from put to acknowledgement, names its znodes outside of {@code ready}
 * @param attempts deliveries that have begun
 * @param reason of the last failure; empty if there was none
 */
record Envelope(
    String id, int priority, boolean roomed, int attempts, String reason, byte[] payload) {
  private static final byte MAGIC = 'Q';
  private static final byte VERSION = 1;
  private static final int ROOMED = 1;
  private static final int REASON_CHARS_MAX = 300;

  /** Longest header, so that a payload can be measured before it is put. */
  static final int HEADER_BYTES_MAX = 2048;

  Envelope attempt(int count) {
    return new Envelope(id, priority, roomed, count, reason, payload);
  }

  Envelope named(String newId) {
    return new Envelope(newId, priority, roomed, attempts, reason, payload);
  }

  /** As it is after it was taken: its place in {@code room} was given up. */
  Envelope outOfRoom() {
    return new Envelope(id, priority, false, attempts, reason, payload);
  }

  Envelope because(String why) {
    String brief = why.length() > REASON_CHARS_MAX ? why.substring(0, REASON_CHARS_MAX) : why;
    return new Envelope(id, priority, roomed, attempts, brief, payload);
  }

  byte[] encode() {
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    byte[] why = reason.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(12 + name.length + why.length + payload.length)
            .put(MAGIC)
            .put(VERSION)
            .put((byte) priority)
            .put((byte) (roomed ? ROOMED : 0))
            .putInt(attempts);
    return out.putShort((short) name.length)
        .put(name)
        .putShort((short) why.length)
        .put(why)
        .put(payload)
        .array();
  }

  /**
   * @throws IllegalArgumentException for bytes that are no item
   */
  static Envelope decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      if (in.get() != MAGIC || in.get() != VERSION) {
        throw new IllegalArgumentException("expected an item, found " + bytes.length + " bytes");
      }
      int priority = in.get();
      int flags = in.get();
      int attempts = in.getInt();
      String id = text(in);
      String reason = text(in);
      byte[] payload = new byte[in.remaining()];
      in.get(payload);
      if (priority < 0
          || priority > PutOptions.PRIORITY_MAX
          || attempts < 0
          || id.indexOf('/') >= 0
          || ZnodePath.problemWith("/" + id) != null) {
        throw new IllegalArgumentException("expected an item, found a header that is none");
      }
      return new Envelope(id, priority, (flags & ROOMED) != 0, attempts, reason, payload);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("expected an item, found a header cut short", e);
    }
  }

  private static String text(ByteBuffer in) {
    int length = in.getShort();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("expected an item, found a text of length " + length);
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
