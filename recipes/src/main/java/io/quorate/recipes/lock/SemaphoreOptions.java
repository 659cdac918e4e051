package io.quorate.recipes.lock;

import java.time.Duration;

/**
 * How a semaphore behaves. Immutable.
 *
 * @param maxHold how long permits last at the most, in log time; zero for as long as their session
 */
public record SemaphoreOptions(Duration maxHold) {
  /** Permits last as long as their session. */
  public static final SemaphoreOptions DEFAULT = new SemaphoreOptions(Duration.ZERO);

  public SemaphoreOptions {
    LockOptions.requireWithinLimits("maxHold", maxHold);
  }

  /** Permits come back after that time at the latest, whether their holder is alive or not. */
  public SemaphoreOptions maxHold(Duration longest) {
    return new SemaphoreOptions(longest);
  }
}
