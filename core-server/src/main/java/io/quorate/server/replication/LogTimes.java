package io.quorate.server.replication;

import io.quorate.server.base.Invariant;
import java.util.Arrays;

/**
 * Log time of delivered entries, kept as runs of entries with equal time, so that a snapshot can be
 * labelled with the time of any entry that the state machine may be at.
 */
final class LogTimes {
  private static final int CAPACITY_MIN = 64;

  private long[] fromZxids = new long[CAPACITY_MIN];
  private long[] times = new long[CAPACITY_MIN];
  private int size;

  /** Forgets everything; the time at {@code zxid} is known. */
  void reset(long zxid, long timeMillis) {
    size = 0;
    note(zxid, timeMillis);
  }

  /** Notes the time of the next delivered entry. */
  void note(long zxid, long timeMillis) {
    if (size > 0 && times[size - 1] == timeMillis) {
      return;
    }
    if (size == times.length) {
      fromZxids = Arrays.copyOf(fromZxids, size * 2);
      times = Arrays.copyOf(times, size * 2);
    }
    fromZxids[size] = zxid;
    times[size] = timeMillis;
    size++;
  }

  /** Time at {@code zxid}, which was noted and not purged. */
  long at(long zxid) {
    int run = runOf(zxid);
    Invariant.check(run >= 0, "time at 0x%x is not known", zxid);
    return times[run];
  }

  /** Forgets what is only needed below {@code zxid}. */
  void purgeBelow(long zxid) {
    int run = runOf(zxid);
    if (run > 0) {
      fromZxids = Arrays.copyOfRange(fromZxids, run, Math.max(size, run + CAPACITY_MIN));
      times = Arrays.copyOfRange(times, run, Math.max(size, run + CAPACITY_MIN));
      size -= run;
    }
  }

  private int runOf(long zxid) {
    int found = Arrays.binarySearch(fromZxids, 0, size, zxid);
    return found >= 0 ? found : -found - 2;
  }
}
