package io.quorate.server.sim;

import io.quorate.server.base.RandomSource;
import java.nio.charset.StandardCharsets;

/**
 * The generator xoshiro256** 1.0 of David Blackman and Sebastiano Vigna, seeded by SplitMix64,
 * after their public description. Fixed here, so that a seed means the same on every JDK.
 */
final class Xoshiro256 implements RandomSource {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long s0;
  private long s1;
  private long s2;
  private long s3;

  /** A generator in exactly this state, not all zero. */
  Xoshiro256(long s0, long s1, long s2, long s3) {
    this.s0 = s0;
    this.s1 = s1;
    this.s2 = s2;
    this.s3 = s3;
  }

  /** A generator whose state SplitMix64 draws from {@code seed}. */
  static Xoshiro256 ofSeed(long seed) {
    long[] state = new long[4];
    long at = seed;
    for (int i = 0; i < state.length; i++) {
      state[i] = splitMix64(at);
      at += GOLDEN_GAMMA;
    }
    return new Xoshiro256(state[0], state[1], state[2], state[3]);
  }

  /**
   * The stream of {@code name} under {@code seed}. Streams are independent: one more draw in one of
   * them, or one more stream, shifts no other.
   */
  static Xoshiro256 named(long seed, String name) {
    long mixed = splitMix64(seed);
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      mixed = splitMix64(mixed ^ b);
    }
    return ofSeed(mixed);
  }

  /** The first output of SplitMix64 in state {@code state}; the next state is one gamma further. */
  static long splitMix64(long state) {
    long z = state + GOLDEN_GAMMA;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  @Override
  public long nextLong() {
    long result = Long.rotateLeft(s1 * 5, 7) * 9;
    long t = s1 << 17;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = Long.rotateLeft(s3, 45);
    return result;
  }

  /** In [0, boundExclusive). */
  int below(int boundExclusive) {
    return (int) nextBelow(boundExclusive);
  }

  /** In [min, max], both inclusive. */
  long between(long min, long max) {
    return min + nextBelow(max - min + 1);
  }

  /** True in {@code numerator} of {@code denominator} cases. */
  boolean chance(long numerator, long denominator) {
    return nextBelow(denominator) < numerator;
  }

  /**
   * A delay around {@code mean}: mostly below, now and then a multiple. Integers only, so that
   * every platform draws the same.
   */
  long around(long mean) {
    long base = between(mean / 4, mean + mean / 4);
    return chance(1, 20) ? base * between(2, 10) : base;
  }
}
