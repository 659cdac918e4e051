package io.quorate.server.base;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes fixed binary layouts, big-endian, into memory that grows. The way back is ByteReader. */
public final class ByteWriter {
  private byte[] bytes;
  private int length;

  public ByteWriter(int initialCapacity) {
    bytes = new byte[Math.max(16, initialCapacity)];
  }

  /** Bytes written so far. */
  public int length() {
    return length;
  }

  public ByteWriter putByte(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
    return this;
  }

  public ByteWriter putInt(int value) {
    reserve(4);
    setInt(length, value);
    length += 4;
    return this;
  }

  public ByteWriter putLong(long value) {
    reserve(8);
    setInt(length, (int) (value >>> 32));
    setInt(length + 4, (int) value);
    length += 8;
    return this;
  }

  /** The bytes alone, without their number. */
  public ByteWriter putRaw(byte[] value) {
    return putRaw(value, 0, value.length);
  }

  public ByteWriter putRaw(byte[] value, int offset, int count) {
    reserve(count);
    System.arraycopy(value, offset, bytes, length, count);
    length += count;
    return this;
  }

  /** Int number of bytes, then the bytes; -1 for null. */
  public ByteWriter putBytes(byte @Nullable [] value) {
    if (value == null) {
      return putInt(-1);
    }
    return putInt(value.length).putRaw(value);
  }

  /**
   * Int n and n bytes of UTF-8. A string with an unpaired surrogate, which UTF-8 can't express,
   * goes as int -n and n UTF-16 code units, so that every string comes back as it was.
   */
  public ByteWriter putString(String value) {
    if (!isWellFormed(value)) {
      putInt(-value.length());
      for (int i = 0; i < value.length(); i++) {
        putByte(value.charAt(i) >>> 8).putByte(value.charAt(i));
      }
      return this;
    }
    return putBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Overwrites an int written before. */
  public void setInt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  /** A copy of what was written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** A copy of {@code [from, to)} of what was written. */
  public byte[] toBytes(int from, int to) {
    Invariant.check(to <= length, "%d bytes asked for, %d written", to, length);
    return Arrays.copyOfRange(bytes, from, to);
  }

  /** Forgets what was written. */
  public void reset() {
    length = 0;
  }

  /** Whether every surrogate of a string has its partner. */
  static boolean isWellFormed(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(i + 1));
        if (!paired) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private void reserve(int count) {
    if (bytes.length - length < count) {
      long wanted = Math.max((long) bytes.length * 2, (long) length + count);
      Invariant.check(
          (long) length + count <= Integer.MAX_VALUE - 8, "a layout beyond 2 GiB: %d", wanted);
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
    }
  }
}
