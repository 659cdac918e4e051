package io.quorate.server.replication;

import io.quorate.server.base.RandomSource;

/** A deadline at a random distance. Nanoseconds of the role's clock. */
final class ElectionTimer {
  private final RandomSource random;
  private long deadlineNanos;

  ElectionTimer(RandomSource random) {
    this.random = random;
  }

  /** The deadline is in [now + min, now + max) from now on. */
  void restart(long nowNanos, long minNanos, long maxExclusiveNanos) {
    deadlineNanos = nowNanos + minNanos + random.nextBelow(maxExclusiveNanos - minNanos);
  }

  boolean expired(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }
}
