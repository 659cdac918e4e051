package io.quorate.recipes.discovery;

import io.quorate.data.ZnodePath;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How services are found. Immutable; the methods that take a value give a changed copy.
 *
 * @param root znode that the services are below
 * @param emptyAfter a view that is older shows and gives nothing; at least half of the session
 *     timeout, because the age of a sound view goes up to about a quarter of it. Null to serve the
 *     last one known, however old
 * @param retireFor how long an instance is not picked after one failure; doubles with each further
 *     one
 * @param retireForMax the longest
 * @param resyncSpread after changes may have been missed, a view is read anew after a random part
 *     of this, so that not all clients come at once
 */
public record DiscoveryOptions(
    String root,
    @Nullable Duration emptyAfter,
    Duration retireFor,
    Duration retireForMax,
    Duration resyncSpread) {

  private static final int ROOT_CHARS_MAX = 4096;
  private static final Duration LONGEST = Duration.ofDays(365);

  /** Below {@code /services}; serves stale views; retires for a second, a minute at most. */
  public static final DiscoveryOptions DEFAULT =
      new DiscoveryOptions(
          "/services", null, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMillis(500));

  public DiscoveryOptions {
    String problem =
        root.equals(ZnodePath.ROOT)
            ? "the root itself can't hold services"
            : root.length() > ROOT_CHARS_MAX
                ? "longer than " + ROOT_CHARS_MAX + " characters"
                : ZnodePath.problemWith(root);
    if (problem != null) {
      throw new IllegalArgumentException("root of the services: " + problem);
    }
    if (emptyAfter != null) {
      requirePositive("emptyAfter", emptyAfter);
    }
    requirePositive("retireFor", retireFor);
    requirePositive("retireForMax", retireForMax);
    if (retireForMax.compareTo(retireFor) < 0) {
      throw new IllegalArgumentException(
          "expected retireForMax of at least retireFor, " + retireFor + "; found " + retireForMax);
    }
    if (Objects.requireNonNull(resyncSpread, "resyncSpread").isNegative()
        || resyncSpread.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("resyncSpread in [0, 365 days], found " + resyncSpread);
    }
  }

  private static void requirePositive(String what, Duration duration) {
    if (duration.isZero() || duration.isNegative() || duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(what + " in (0, 365 days], found " + duration);
    }
  }

  public DiscoveryOptions root(String path) {
    return new DiscoveryOptions(path, emptyAfter, retireFor, retireForMax, resyncSpread);
  }

  /** Rather nothing than what is older than {@code bound}. */
  public DiscoveryOptions emptyAfter(Duration bound) {
    return new DiscoveryOptions(root, bound, retireFor, retireForMax, resyncSpread);
  }

  /** Rather the last view known than nothing; the default. */
  public DiscoveryOptions serveStale() {
    return new DiscoveryOptions(root, null, retireFor, retireForMax, resyncSpread);
  }

  /** How long an instance rests after a failure, and at most after several. */
  public DiscoveryOptions retireFor(Duration first, Duration atMost) {
    return new DiscoveryOptions(root, emptyAfter, first, atMost, resyncSpread);
  }

  public DiscoveryOptions resyncSpread(Duration spread) {
    return new DiscoveryOptions(root, emptyAfter, retireFor, retireForMax, spread);
  }
}
