package io.quorate.server.node;

import io.quorate.server.base.NodeClock;

/** The clocks of this machine. Any thread. */
public final class RealClock implements NodeClock {
  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }

  @Override
  public long wallMillis() {
    return System.currentTimeMillis();
  }
}
