package io.quorate.recipes.base;

import io.quorate.client.ClientScheduler;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long to wait before trying again: doubles from try to try up to a limit, with jitter, so that
 * many clients that failed together do not try again together. Confined to its owner.
 */
public final class Pause {
  /** Beyond this every pause is the longest, and no shift overflows. */
  private static final int DOUBLINGS_MAX = 30;

  private final ClientScheduler scheduler;
  private final Duration first;
  private final Duration longest;
  private int tries;

  public Pause(ClientScheduler scheduler, Duration first, Duration longest) {
    this.scheduler = scheduler;
    this.first = first;
    this.longest = longest;
  }

  /** The next one: between half of what it would be and all of it. */
  public Duration next() {
    return after(tries++, first, longest, scheduler::nextLong);
  }

  /** It went well: begin with the first again. */
  public void reset() {
    tries = 0;
  }

  /**
   * Without an object: the pause after so many tries that had a pause already.
   *
   * @param dice random bits
   */
  public static Duration after(int tries, Duration first, Duration longest, LongSupplier dice) {
    long nanos = longest.toNanos();
    int doublings = Math.max(0, Math.min(tries, DOUBLINGS_MAX));
    if (first.toNanos() <= nanos >> doublings) {
      nanos = first.toNanos() << doublings;
    }
    return jittered(nanos, dice);
  }

  /** Between half of {@code duration} and all of it. */
  public static Duration jittered(ClientScheduler scheduler, Duration duration) {
    return jittered(duration.toNanos(), scheduler::nextLong);
  }

  private static Duration jittered(long nanos, LongSupplier dice) {
    long half = Math.max(1, nanos / 2);
    return Duration.ofNanos(half + Long.remainderUnsigned(dice.getAsLong(), half + 1));
  }
}
