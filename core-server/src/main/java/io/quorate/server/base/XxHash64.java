package io.quorate.server.base;

/**
 * XXH64, the 64-bit non-cryptographic hash by Yann Collet, after its public specification (xxHash,
 * "doc/xxhash_spec.md"). Used for the chain over the log and for the rolling digest, where speed
 * and spread matter and an adversary does not choose the bytes unchecked.
 */
public final class XxHash64 {
  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;

  private XxHash64() {}

  public static long hash(byte[] bytes, int offset, int length, long seed) {
    int at = offset;
    int end = offset + length;
    long h;
    if (length >= 32) {
      long a = seed + P1 + P2;
      long b = seed + P2;
      long c = seed;
      long d = seed - P1;
      while (at <= end - 32) {
        a = round(a, readLong(bytes, at));
        b = round(b, readLong(bytes, at + 8));
        c = round(c, readLong(bytes, at + 16));
        d = round(d, readLong(bytes, at + 24));
        at += 32;
      }
      h =
          Long.rotateLeft(a, 1)
              + Long.rotateLeft(b, 7)
              + Long.rotateLeft(c, 12)
              + Long.rotateLeft(d, 18);
      h = merge(h, a);
      h = merge(h, b);
      h = merge(h, c);
      h = merge(h, d);
    } else {
      h = seed + P5;
    }
    h += length;
    while (at <= end - 8) {
      h = Long.rotateLeft(h ^ round(0, readLong(bytes, at)), 27) * P1 + P4;
      at += 8;
    }
    if (at <= end - 4) {
      h = Long.rotateLeft(h ^ (readInt(bytes, at) & 0xFFFF_FFFFL) * P1, 23) * P2 + P3;
      at += 4;
    }
    while (at < end) {
      h = Long.rotateLeft(h ^ (bytes[at] & 0xFFL) * P5, 11) * P1;
      at++;
    }
    return avalanche(h);
  }

  /** Hash of one {@code long}; cheap mixing for digests. */
  public static long mix(long value, long seed) {
    long h = seed + P5 + 8;
    h = Long.rotateLeft(h ^ round(0, value), 27) * P1 + P4;
    return avalanche(h);
  }

  private static long avalanche(long hash) {
    long h = hash;
    h = (h ^ h >>> 33) * P2;
    h = (h ^ h >>> 29) * P3;
    return h ^ h >>> 32;
  }

  private static long round(long accumulator, long input) {
    return Long.rotateLeft(accumulator + input * P2, 31) * P1;
  }

  private static long merge(long hash, long accumulator) {
    return (hash ^ round(0, accumulator)) * P1 + P4;
  }

  private static long readLong(byte[] b, int i) {
    return (readInt(b, i) & 0xFFFF_FFFFL) | ((long) readInt(b, i + 4) << 32);
  }

  private static int readInt(byte[] b, int i) {
    return (b[i] & 0xFF) | ((b[i + 1] & 0xFF) << 8) | ((b[i + 2] & 0xFF) << 16) | (b[i + 3] << 24);
  }
}
