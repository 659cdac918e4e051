package io.quorate.recipes.discovery;

import java.time.Duration;
import java.util.function.LongSupplier;

/** How long to wait after failures in a row: doubling, capped, and spread by dice. */
final class Backoff {
  private static final int DOUBLINGS_MAX = 30;

  private final long firstNanos;
  private final long mostNanos;
  private final LongSupplier dice;

  Backoff(Duration first, Duration most, LongSupplier dice) {
    this.firstNanos = first.toNanos();
    this.mostNanos = most.toNanos();
    this.dice = dice;
  }

  /** A random time in the upper half of what {@code failures} (1 or more) deserve. */
  Duration after(int failures) {
    int doublings = Math.min(failures - 1, DOUBLINGS_MAX);
    long nanos = firstNanos > mostNanos >> doublings ? mostNanos : firstNanos << doublings;
    return Duration.ofNanos(nanos - Long.remainderUnsigned(dice.getAsLong(), nanos / 2 + 1));
  }
}
