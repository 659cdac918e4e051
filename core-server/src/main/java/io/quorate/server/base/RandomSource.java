package io.quorate.server.base;

/** Where randomness comes from: a secure source in production, a seeded stream in the simulator. */
@FunctionalInterface
public interface RandomSource {
  long nextLong();

  /** Uniform enough for jitter: in [0, boundExclusive). */
  default long nextBelow(long boundExclusive) {
    Invariant.check(boundExclusive > 0, "bound must be positive, found %d", boundExclusive);
    return Math.floorMod(nextLong(), boundExclusive);
  }
}
