package io.quorate.recipes.queue;

import java.time.Duration;

/**
 * How an item is put. Immutable.
 *
 * @param priority 0 to 9; higher ones are taken first
 * @param delay how long the item stays hidden, in log time; zero for not at all
 */
public record PutOptions(int priority, Duration delay) {
  static final int PRIORITY_MAX = 9;
  private static final int PRIORITY_USUAL = 4;

  /** Priority 4, at once. */
  public static final PutOptions DEFAULT = new PutOptions(PRIORITY_USUAL, Duration.ZERO);

  public PutOptions {
    if (priority < 0 || priority > PRIORITY_MAX) {
      throw new IllegalArgumentException("expected a priority of 0 to 9, found " + priority);
    }
    if (delay.isNegative()) {
      throw new IllegalArgumentException("expected a delay of 0 or more, found " + delay);
    }
  }

  public PutOptions priority(int value) {
    return new PutOptions(value, delay);
  }

  public PutOptions delay(Duration value) {
    return new PutOptions(priority, value);
  }
}
