package io.quorate.client;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * An instant on a monotonic clock of this process: unlike a wall-clock time it can't jump, and
 * unlike one it means nothing elsewhere. Immutable; any thread.
 */
public final class Deadline {
  private final long atNanos;
  private final LongSupplier clock;

  private Deadline(long atNanos, LongSupplier clock) {
    this.atNanos = atNanos;
    this.clock = clock;
  }

  /**
   * The instant {@code atNanos} of {@code clock}, nanoseconds of arbitrary origin (see {@link
   * ClientScheduler#nanoTime}).
   */
  public static Deadline at(long atNanos, LongSupplier clock) {
    return new Deadline(atNanos, clock);
  }

  /** So long after now; as far as the clock reaches if that is further. */
  public static Deadline after(Duration duration, LongSupplier clock) {
    long nanos =
        Duration.ofNanos(Long.MAX_VALUE / 2).compareTo(duration) < 0
            ? Long.MAX_VALUE / 2
            : Math.max(0, duration.toNanos());
    return new Deadline(clock.getAsLong() + nanos, clock);
  }

  /** How long it is until then; zero once it has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, atNanos - clock.getAsLong()));
  }

  public boolean hasPassed() {
    return atNanos - clock.getAsLong() <= 0;
  }

  /** The instant, in nanoseconds of the clock it was made with. */
  public long nanoTime() {
    return atNanos;
  }

  @Override
  public String toString() {
    return hasPassed() ? "passed" : "in " + remaining().toMillis() + " ms";
  }
}
