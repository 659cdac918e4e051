package io.quorate.recipes.cache;

import java.time.Duration;

/**
 * What a {@link NearCache} is to be. Immutable; each method gives a changed copy.
 *
 * @param maximumSize most entries, absent ones included; 1 or more
 * @param reloadAfter an entry is dropped after so long although no event came: a permission that
 *     was taken away is noticed this late
 * @param maxStale while the cache was last known to be current longer ago, it serves no entry but
 *     asks the ensemble, or fails at once without a connection
 */
public record CacheOptions(long maximumSize, Duration reloadAfter, Duration maxStale) {
  private static final Duration RELOAD_AFTER = Duration.ofMinutes(10);

  /** Longest time that a cache can measure. */
  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE / 2);

  public CacheOptions {
    if (maximumSize < 1) {
      throw new IllegalArgumentException("a cache holds 1 entry or more, found " + maximumSize);
    }
    if (reloadAfter.isZero() || reloadAfter.isNegative() || maxStale.isNegative()) {
      throw new IllegalArgumentException(
          "times of a cache are above zero, found " + reloadAfter + " and " + maxStale);
    }
    reloadAfter = reloadAfter.compareTo(FOREVER) > 0 ? FOREVER : reloadAfter;
    maxStale = maxStale.compareTo(FOREVER) > 0 ? FOREVER : maxStale;
  }

  /** So many entries, each for 10 minutes at most, served however old when cut off. */
  public static CacheOptions maximumSize(long entries) {
    return new CacheOptions(entries, RELOAD_AFTER, FOREVER);
  }

  public CacheOptions reloadAfter(Duration duration) {
    return new CacheOptions(maximumSize, duration, maxStale);
  }

  /** Fails closed: serves nothing that was last known to be current longer ago. */
  public CacheOptions maxStale(Duration duration) {
    return new CacheOptions(maximumSize, reloadAfter, duration);
  }
}
