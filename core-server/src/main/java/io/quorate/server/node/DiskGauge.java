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

  /** What a record, its identifier and an entry's own fields take beside its payload, about. */
  private static final int ENTRY_OVERHEAD_BYTES = 128;

  private final ResourceLimits limits;
  private DiskSpace space = DiskSpace.UNKNOWN;
  private long nextNanos;

  /** The last answer of the disk. */
  private long measuredBytes;

  /** Logged since the disk was asked for that answer. */
  private long sinceMeasuredBytes;

  /** Logged since the disk was asked last. */
  private long sinceAskedBytes;

  private boolean asked;
  private boolean known;

  DiskGauge(ResourceLimits limits, long nowNanos) {
    this.limits = limits;
    nextNanos = nowNanos;
  }

  /**
   * These entries take space from now on, whether they are written already or not: between two
   * answers of the disk much more may be logged than a small reserve holds.
   *
   * @return whether {@link #space} is another one for it
   */
  boolean logged(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      long bytes = (long) ENTRY_OVERHEAD_BYTES + entry.payload().length;
      sinceMeasuredBytes += bytes;
      sinceAskedBytes += bytes;
    }
    DiskSpace now = known ? judge(measuredBytes - sinceMeasuredBytes) : space;
    boolean worse = space.isBetterThan(now);
    if (worse) {
      space = now;
    }
    return worse;
  }

  /**
   * Whether to measure now; then {@link #measured} follows. Not by time alone: a fast disk takes
   * much of a small reserve between two moments.
   */
  boolean isDue(long nowNanos) {
    boolean much = sinceAskedBytes >= limits.diskReserveBytes() / PARTS;
    if (limits.diskReserveBytes() == 0 || asked || (nowNanos - nextNanos < 0 && !much)) {
      return false;
    }
    asked = true;
    sinceAskedBytes = 0;
    nextNanos = nowNanos + limits.diskMeasureNanos();
    return true;
  }

  /** The disk was asked in the order of the log: what was logged before is in its answer. */
  DiskSpace measured(long usableBytes) {
    asked = false;
    known = true;
    measuredBytes = usableBytes;
    sinceMeasuredBytes = sinceAskedBytes;
    space = judge(usableBytes - sinceMeasuredBytes);
    return space;
  }

  private DiskSpace judge(long usableBytes) {
    long scarce = withHysteresis(limits.scarceBelowBytes(), space.level() == Level.SCARCE);
    long low = withHysteresis(limits.diskReserveBytes(), space.level() != Level.AMPLE);
    Level level = usableBytes < scarce ? Level.SCARCE : usableBytes < low ? Level.LOW : Level.AMPLE;
    return new DiskSpace(level, Math.max(0, usableBytes));
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
    return !known || measuredBytes - sinceMeasuredBytes - bytes >= limits.scarceBelowBytes();
  }
}
