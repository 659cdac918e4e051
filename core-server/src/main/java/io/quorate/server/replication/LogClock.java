package io.quorate.server.replication;

/**
 * The time that a leader stamps: its wall clock, but never back, and never still. Where the wall
 * clock is behind the log (it was set back, or the leader before was ahead), log time goes on at
 * half the rate of the monotonic clock until the wall clock has caught up: what is due comes due,
 * later but in bounded time, and the two meet again. If it stood still, a clock that was ahead by
 * an hour for a moment would keep every expiry waiting for an hour.
 */
final class LogClock {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** Rate behind which the wall clock catches up, as a part of real time. */
  private static final long SLOWER = 2;

  private long sinceNanos;
  private long sinceMillis;

  /**
   * @param lastMillis time of the last entry of the log
   */
  LogClock(long lastMillis, long nowNanos) {
    sinceMillis = lastMillis;
    sinceNanos = nowNanos;
  }

  /** The time of an entry made now; never below an earlier answer. */
  long millis(long wallMillis, long nowNanos) {
    long slow = sinceMillis + (nowNanos - sinceNanos) / (SLOWER * NANOS_PER_MILLI);
    if (wallMillis < slow) {
      return slow;
    }
    sinceMillis = wallMillis;
    sinceNanos = nowNanos;
    return wallMillis;
  }
}
