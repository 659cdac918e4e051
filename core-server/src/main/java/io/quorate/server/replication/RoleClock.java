package io.quorate.server.replication;

import io.quorate.server.base.Invariant;

/**
 * The time that time-outs are measured in: the monotonic clock without its leaps.
 *
 * <p>A process that was stopped, or a machine that was suspended, finds on waking that all its
 * time-outs have passed, although its peers may be as alive as ever: what they sent waits in the
 * sockets. So one step counts for at most {@code leapNanos}, and each peer keeps the rest of its
 * time to be heard (R18). Nothing but liveness hangs on it.
 */
final class RoleClock {
  private final long leapNanos;
  private long lastNanos;
  private long nowNanos;
  private boolean started;

  RoleClock(long leapNanos) {
    this.leapNanos = leapNanos;
  }

  void advanceTo(long monotonicNanos) {
    if (started) {
      long passed = monotonicNanos - lastNanos;
      Invariant.check(passed >= 0, "the monotonic clock went back by %d ns", -passed);
      nowNanos += Math.min(passed, leapNanos);
    }
    started = true;
    lastNanos = monotonicNanos;
  }

  long nowNanos() {
    return nowNanos;
  }
}
