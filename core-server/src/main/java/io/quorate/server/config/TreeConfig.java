package io.quorate.server.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the ensemble does with znodes by itself, and who may do everything with them.
 *
 * @param superDigest the digest id ({@code user:hash}) of who may do everything; null for nobody
 * @param dueInterval between two looks for expiries and times to live that are over
 * @param containersInterval between two looks for empty containers
 * @param sweepBatchMax znodes deleted by one entry of the log
 * @param containerUnused how long a container is kept that never had a child
 */
public record TreeConfig(
    @Nullable Secret superDigest,
    Duration dueInterval,
    Duration containersInterval,
    int sweepBatchMax,
    Duration containerUnused) {

  public TreeConfig {
    Ranges.require(ConfigKeys.SWEEP_DUE_INTERVAL, dueInterval);
    Ranges.require(ConfigKeys.SWEEP_CONTAINERS_INTERVAL, containersInterval);
    Ranges.require(ConfigKeys.SWEEP_BATCH_MAX, (long) sweepBatchMax);
    Ranges.require(ConfigKeys.SWEEP_CONTAINERS_UNUSED, containerUnused);
  }

  /** What holds when the file says nothing. */
  public static TreeConfig defaults() {
    return new TreeConfig(
        null,
        ConfigKeys.SWEEP_DUE_INTERVAL.orDefault(null),
        ConfigKeys.SWEEP_CONTAINERS_INTERVAL.orDefault(null),
        ConfigKeys.SWEEP_BATCH_MAX.orDefault(null).intValue(),
        ConfigKeys.SWEEP_CONTAINERS_UNUSED.orDefault(null));
  }
}
