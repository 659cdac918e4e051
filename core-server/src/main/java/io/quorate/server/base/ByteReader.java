package io.quorate.server.base;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link ByteWriter} wrote. Whatever the bytes hold, every method returns or throws
 * {@link IllegalArgumentException}, and none allocates more than the bytes left account for.
 */
public final class ByteReader {
  private final byte[] bytes;
  private final int end;
  private int at;

  public ByteReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads {@code [from, to)} only. */
  public ByteReader(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  /** Bytes not yet read. */
  public int left() {
    return end - at;
  }

  public int readByte() {
    need(1);
    return bytes[at++];
  }

  /** 0 or 1. */
  public boolean readBoolean() {
    int value = readByte();
    if (value != 0 && value != 1) {
      throw malformed("a boolean is 0 or 1, found " + value);
    }
    return value == 1;
  }

  public int readInt() {
    need(4);
    int value =
        bytes[at] << 24
            | (bytes[at + 1] & 0xFF) << 16
            | (bytes[at + 2] & 0xFF) << 8
            | (bytes[at + 3] & 0xFF);
    at += 4;
    return value;
  }

  public long readLong() {
    long high = readInt();
    return high << 32 | (readInt() & 0xFFFF_FFFFL);
  }

  /**
   * A number of items of which each takes {@code bytesEach} or more.
   *
   * @param max inclusive
   */
  public int readCount(int bytesEach, int max) {
    int count = readInt();
    if (count < 0 || count > max || (long) count * bytesEach > left()) {
      throw malformed(
          count + " items of " + bytesEach + " bytes or more; at most " + max + " are allowed");
    }
    return count;
  }

  public byte[] readRaw(int count) {
    need(count);
    byte[] value = Arrays.copyOfRange(bytes, at, at + count);
    at += count;
    return value;
  }

  public byte @Nullable [] readBytesOrNull() {
    int count = readInt();
    return count == -1 ? null : readRaw(count);
  }

  public byte[] readBytes() {
    return readRaw(readInt());
  }

  public String readString() {
    int count = readInt();
    if (count < 0) {
      return readCodeUnits(count);
    }
    need(count);
    int from = at;
    at += count;
    for (int i = from; i < at; i++) {
      if (bytes[i] < 0) {
        return decodeUtf8(from, count);
      }
    }
    return new String(bytes, from, count, StandardCharsets.US_ASCII);
  }

  /** Refuses bytes after the end. */
  public void expectEnd() {
    if (at != end) {
      throw malformed("the end was expected, found " + left() + " more bytes");
    }
  }

  /** An exception that says where it went wrong. */
  public IllegalArgumentException malformed(String problem) {
    return new IllegalArgumentException("at byte " + at + " of " + end + ": " + problem);
  }

  private String decodeUtf8(int from, int count) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, from, count))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "at byte " + from + " of " + end + ": a string of " + count + " bytes is not UTF-8", e);
    }
  }

  private String readCodeUnits(int negated) {
    long units = -(long) negated;
    if (units * 2 > left()) {
      throw malformed(units + " code units, but " + left() + " bytes are left");
    }
    StringBuilder value = new StringBuilder((int) units);
    for (long i = 0; i < units; i++) {
      value.append((char) ((readByte() & 0xFF) << 8 | (readByte() & 0xFF)));
    }
    String string = value.toString();
    if (ByteWriter.isWellFormed(string)) {
      throw malformed("code units for a string that UTF-8 expresses");
    }
    return string;
  }

  private void need(int count) {
    if (count < 0 || count > left()) {
      throw malformed(count + " bytes expected, " + left() + " left");
    }
  }
}
