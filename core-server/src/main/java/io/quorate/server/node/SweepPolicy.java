package io.quorate.server.node;

/**
 * How the leader sweeps: when it looks for znodes that are at their end, and how many of them one
 * entry deletes. No part of the state: what is deleted is decided at apply, by what the entry says.
 *
 * @param dueEveryNanos between two looks for expiries and times to live that are over
 * @param containersEveryNanos between two looks for empty containers
 * @param batchMax znodes deleted by one entry
 * @param unusedContainerMillis how long a container is kept that never had a child
 */
public record SweepPolicy(
    long dueEveryNanos, long containersEveryNanos, int batchMax, long unusedContainerMillis) {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  public SweepPolicy {
    if (dueEveryNanos < 1
        || containersEveryNanos < 1
        || batchMax < 1
        || unusedContainerMillis < 0) {
      throw new IllegalArgumentException(
          "intervals and the batch must be positive, found "
              + dueEveryNanos
              + ", "
              + containersEveryNanos
              + ", "
              + batchMax
              + ", "
              + unusedContainerMillis);
    }
  }

  /** Expiries within half a second, containers every minute. */
  public static SweepPolicy defaults() {
    return new SweepPolicy(NANOS_PER_SECOND / 4, 60 * NANOS_PER_SECOND, 1_000, 300_000);
  }
}
