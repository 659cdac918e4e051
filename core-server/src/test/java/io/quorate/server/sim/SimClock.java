package io.quorate.server.sim;

import io.quorate.server.base.NodeClock;

/**
 * A clock of one machine: its own origin, a rate that is off by some parts per million, leaps
 * ahead. The wall clock runs at the true rate with an error that may jump either way.
 */
final class SimClock implements NodeClock {
  private static final long WALL_ORIGIN_MILLIS = 1_700_000_000_000L;
  private static final long MILLION = 1_000_000L;
  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** Above every session time-out: no countdown meets two leaps. */
  private static final long LEAP_EVERY_NANOS = 5_000_000_000L;

  private final World world;
  private final long originNanos;
  private final long ratePpm;
  private long leapsNanos;
  private long lastLeapNanos = -LEAP_EVERY_NANOS;
  private long wallErrorMillis;

  SimClock(World world, long originNanos, long ratePpm, long wallErrorMillis) {
    this.world = world;
    this.originNanos = originNanos;
    this.ratePpm = ratePpm;
    this.wallErrorMillis = wallErrorMillis;
  }

  @Override
  public long monotonicNanos() {
    long true0 = world.now();
    return originNanos
        + leapsNanos
        + true0
        + true0 / MILLION * ratePpm
        + true0 % MILLION * ratePpm / MILLION;
  }

  @Override
  public long wallMillis() {
    return WALL_ORIGIN_MILLIS + wallErrorMillis + world.now() / NANOS_PER_MILLI;
  }

  /** Whether the last leap was long enough ago. */
  boolean mayLeap() {
    return world.now() - lastLeapNanos >= LEAP_EVERY_NANOS;
  }

  /** The monotonic clock leaps ahead, as after a suspended virtual machine. */
  void leap(long nanos) {
    leapsNanos += nanos;
    lastLeapNanos = world.now();
  }

  /** The wall clock is set, ahead or back. */
  void setWall(long errorMillis) {
    wallErrorMillis = errorMillis;
  }
}
