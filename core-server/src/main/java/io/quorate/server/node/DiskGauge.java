package io.quorate.server.node;

import io.quorate.server.replication.DiskSpace;
import io.quorate.server.replication.DiskSpace.Level;
import io.quorate.server.replication.LogEntry;
import java.util.List;

/**
 * Judges the free space of the disk. A level is left for a better one only when there is a quarter
 * more than it takes to be out of it, so that a server does not flutter at the edge. Confined to
 * the node thread.
 */
final class DiskGauge {
  /** Measured at the latest when such a part of the reserve was logged. */
  private static final int PARTS = 16;

  private final ResourceLimits limits;
  private DiskSpace space = DiskSpace.UNKNOWN;
  private long nextNanos;
  private long loggedBytes;
  private boolean asked;
  private boolean known;

  DiskGauge(ResourceLimits limits, long nowNanos) {
    this.limits = limits;
    nextNanos = nowNanos;
  }

  /** These entries take space from now on. */
  void logged(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      loggedBytes += entry.payload().length;
    }
  }

  /**
   * Whether to measure now; then {@link #measured} follows. Not by time alone: a fast disk takes
   * much of a small reserve between two moments.
   */
  boolean isDue(long nowNanos) {
    boolean much = loggedBytes >= limits.diskReserveBytes() / PARTS;
    if (limits.diskReserveBytes() == 0 || asked || (nowNanos - nextNanos < 0 && !much)) {
      return false;
    }
    asked = true;
    loggedBytes = 0;
    nextNanos = nowNanos + limits.diskMeasureNanos();
    return true;
  }

  DiskSpace measured(long usableBytes) {
    asked = false;
    known = true;
    long scarce = withHysteresis(limits.scarceBelowBytes(), space.level() == Level.SCARCE);
    long low = withHysteresis(limits.diskReserveBytes(), space.level() != Level.AMPLE);
    Level level = usableBytes < scarce ? Level.SCARCE : usableBytes < low ? Level.LOW : Level.AMPLE;
    space = new DiskSpace(level, usableBytes);
    return space;
  }

  private static long withHysteresis(long below, boolean inside) {
    return inside ? below + below / 4 : below;
  }

  DiskSpace space() {
    return space;
  }

  /**
   * Whether a snapshot of about that size leaves enough. It may be started below the reserve: with
   * it, older snapshots and log can go.
   */
  boolean holdsSnapshot(long bytes) {
    return !known || space.usableBytes() - bytes >= limits.scarceBelowBytes();
  }
}
