package io.quorate.server;

import io.quorate.data.Zxid;
import io.quorate.server.metrics.MeteredStorage;
import io.quorate.server.storage.file.StorageReport;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the storage does that an operator may want to know. On the threads of the storage. */
final class StorageLog implements MeteredStorage.Listener, StorageReport {
  private static final Logger LOG = LoggerFactory.getLogger(QuorateServer.class);

  /** A disk that takes longer makes every write of the ensemble wait for it. */
  static final long SLOW_SYNC_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);

  private static final long REPEAT_NANOS_MIN = TimeUnit.SECONDS.toNanos(10);

  private final int id;

  /** Log thread only. */
  private long slowTold;

  private long slowSuppressed;
  private long slowNanos;

  StorageLog(int id) {
    this.id = id;
  }

  @Override
  public void found(String text) {
    LOG.warn("{}; server={}", text, id);
  }

  @Override
  public void intact(String text) {
    LOG.info("{}; server={}", text, id);
  }

  @Override
  public void synced(int entries, long bytes, long nanos) {
    // Time is counted in what the slow syncs themselves took: no clock is needed for a limit.
    if (nanos < SLOW_SYNC_NANOS_MIN) {
      return;
    }
    slowNanos += nanos;
    if (slowTold != 0 && slowNanos - slowTold < REPEAT_NANOS_MIN) {
      slowSuppressed++;
      return;
    }
    slowTold = slowNanos;
    LOG.warn(
        "slow disk: a sync took {} ms, and writes wait for it; server={} entries={} bytes={}"
            + " suppressed={}",
        TimeUnit.NANOSECONDS.toMillis(nanos),
        id,
        entries,
        bytes,
        slowSuppressed);
    slowSuppressed = 0;
  }

  @Override
  public void snapshotWritten(long zxid, long bytes, long nanos) {
    LOG.info(
        "snapshot written and verified; server={} zxid={} bytes={} millis={}",
        id,
        Zxid.format(zxid),
        bytes,
        TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  @Override
  public void purged(long baseZxid) {
    LOG.info("old log deleted; server={} logBeginsAfter={}", id, Zxid.format(baseZxid));
  }
}
