package io.quorate.server.config;

/**
 * How log and snapshots grow and go.
 *
 * @param segmentBytes size at which a new file of the log is begun
 * @param snapshotEveryEntries entries between snapshots
 * @param snapshotEveryBytes log bytes between snapshots, if that comes first
 * @param snapshotWriteRate bytes per second at most
 * @param snapshotsKept verified ones
 * @param logKeptBytes of log kept beyond what the oldest kept snapshot needs
 */
public record StorageConfig(
    long segmentBytes,
    long snapshotEveryEntries,
    long snapshotEveryBytes,
    long snapshotWriteRate,
    int snapshotsKept,
    long logKeptBytes) {

  public StorageConfig {
    Ranges.require(ConfigKeys.LOG_SEGMENT_BYTES, segmentBytes);
    Ranges.require(ConfigKeys.SNAPSHOT_EVERY_ENTRIES, snapshotEveryEntries);
    Ranges.require(ConfigKeys.SNAPSHOT_EVERY_BYTES, snapshotEveryBytes);
    Ranges.require(ConfigKeys.SNAPSHOT_WRITE_RATE, snapshotWriteRate);
    Ranges.require(ConfigKeys.SNAPSHOTS_KEPT, (long) snapshotsKept);
    Ranges.require(ConfigKeys.LOG_KEPT_BYTES, logKeptBytes);
  }

  /** At the default rate, and with no more log than the kept snapshots need. */
  public StorageConfig(
      long segmentBytes, long snapshotEveryEntries, long snapshotEveryBytes, int snapshotsKept) {
    this(
        segmentBytes,
        snapshotEveryEntries,
        snapshotEveryBytes,
        ConfigKeys.SNAPSHOT_WRITE_RATE.orDefault(null),
        snapshotsKept,
        0);
  }

  /** What holds when the file says nothing. */
  public static StorageConfig defaults() {
    return new StorageConfig(
        ConfigKeys.LOG_SEGMENT_BYTES.orDefault(null),
        ConfigKeys.SNAPSHOT_EVERY_ENTRIES.orDefault(null),
        ConfigKeys.SNAPSHOT_EVERY_BYTES.orDefault(null),
        ConfigKeys.SNAPSHOT_WRITE_RATE.orDefault(null),
        ConfigKeys.SNAPSHOTS_KEPT.orDefault(null).intValue(),
        ConfigKeys.LOG_KEPT_BYTES.orDefault(null));
  }
}
