package io.quorate.recipes.base;

import io.quorate.client.ClientScheduler;
import java.time.Duration;

/**
 * How long to wait before trying again: doubles from try to try up to a limit, with jitter, so that
 * many clients that failed together do not try again together. Confined to its owner.
 */
public final class Pause {
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
    long nanos = longest.toNanos();
    int doublings = Math.min(tries, 30);
    if (first.toNanos() <= nanos >> doublings) {
      nanos = first.toNanos() << doublings;
    }
    tries++;
    return jittered(scheduler, Duration.ofNanos(nanos));
  }

  /** It went well: begin with the first again. */
  public void reset() {
    tries = 0;
  }

  /** Between half of {@code duration} and all of it. */
  public static Duration jittered(ClientScheduler scheduler, Duration duration) {
    long half = Math.max(1, duration.toNanos() / 2);
    return Duration.ofNanos(half + Long.remainderUnsigned(scheduler.nextLong(), half + 1));
  }
}
