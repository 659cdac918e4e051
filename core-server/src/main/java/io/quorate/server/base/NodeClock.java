package io.quorate.server.base;

/**
 * The two clocks of a node. Time-outs use the monotonic one only; the wall clock is only stamped
 * into entries by a leader.
 */
public interface NodeClock {
  /** Monotonic, nanoseconds, arbitrary origin; never goes back. */
  long monotonicNanos();

  /** Milliseconds since 1970 UTC; may jump. */
  long wallMillis();
}
