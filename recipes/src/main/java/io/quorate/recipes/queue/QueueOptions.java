package io.quorate.recipes.queue;

import java.time.Duration;

/**
 * How a queue treats its items. Everybody who uses one queue should say the same: whoever takes or
 * brings back an item applies its own. Immutable.
 *
 * @param visibility how long an item belongs to its taker before it goes to another, unless
 *     extended; at least 100 ms, in log time
 * @param maxAttempts deliveries before an item goes to the dead letters, 1 or more
 * @param capacity most items that were put and not taken yet, delayed ones included; 0 for no
 *     bound. What comes back after a delivery is not refused and does not count
 * @param backOff pause before the second delivery of an item whose handler failed; doubles with
 *     each further one
 * @param backOffMax longest such pause
 * @param agingEvery each so-many-th take of a client serves the lower priorities in turn; 0 for
 *     never, and then lower ones can starve
 * @param segmentItems items of one folder, after which the next one is begun
 */
public record QueueOptions(
    Duration visibility,
    int maxAttempts,
    long capacity,
    Duration backOff,
    Duration backOffMax,
    int agingEvery,
    int segmentItems) {

  private static final Duration VISIBILITY_MIN = Duration.ofMillis(100);

  /** Thirty seconds, ten attempts, no bound. */
  public static final QueueOptions DEFAULT =
      new QueueOptions(
          Duration.ofSeconds(30), 10, 0, Duration.ofSeconds(1), Duration.ofMinutes(5), 10, 1000);

  public QueueOptions {
    require(visibility.compareTo(VISIBILITY_MIN) >= 0, "visibility of 100 ms or more", visibility);
    require(maxAttempts >= 1, "maxAttempts of 1 or more", maxAttempts);
    require(capacity >= 0, "capacity of 0 or more", capacity);
    require(backOff.toMillis() >= 1, "backOff of 1 ms or more", backOff);
    require(backOffMax.compareTo(backOff) >= 0, "backOffMax of backOff or more", backOffMax);
    require(agingEvery == 0 || agingEvery >= 2, "agingEvery of 0, or 2 or more", agingEvery);
    require(segmentItems >= 1, "segmentItems of 1 or more", segmentItems);
  }

  private static void require(boolean condition, String expected, Object found) {
    if (!condition) {
      throw new IllegalArgumentException("expected " + expected + ", found " + found);
    }
  }

  /** The defaults with that visibility. */
  public static QueueOptions visibility(Duration visibility) {
    return new QueueOptions(
        visibility,
        DEFAULT.maxAttempts,
        DEFAULT.capacity,
        DEFAULT.backOff,
        DEFAULT.backOffMax,
        DEFAULT.agingEvery,
        DEFAULT.segmentItems);
  }

  public QueueOptions maxAttempts(int attempts) {
    return new QueueOptions(
        visibility, attempts, capacity, backOff, backOffMax, agingEvery, segmentItems);
  }

  public QueueOptions capacity(long items) {
    return new QueueOptions(
        visibility, maxAttempts, items, backOff, backOffMax, agingEvery, segmentItems);
  }

  public QueueOptions backOff(Duration first, Duration longest) {
    return new QueueOptions(
        visibility, maxAttempts, capacity, first, longest, agingEvery, segmentItems);
  }

  public QueueOptions agingEvery(int takes) {
    return new QueueOptions(
        visibility, maxAttempts, capacity, backOff, backOffMax, takes, segmentItems);
  }

  public QueueOptions segmentItems(int items) {
    return new QueueOptions(
        visibility, maxAttempts, capacity, backOff, backOffMax, agingEvery, items);
  }
}
