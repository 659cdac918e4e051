package io.quorate.server.config;

/**
 * How log and snapshots grow and go.
 *
 * @param segmentBytes size at which a new file of the log is begun
 * @param snapshotEveryEntries entries between snapshots
 * @param snapshotEveryBytes log bytes between snapshots, if that comes first
 * @param snapshotsKept verified ones
 */
public record StorageConfig(
    long segmentBytes, long snapshotEveryEntries, long snapshotEveryBytes, int snapshotsKept) {

  public StorageConfig {
    Ranges.require(ConfigKeys.LOG_SEGMENT_BYTES, segmentBytes);
    Ranges.require(ConfigKeys.SNAPSHOT_EVERY_ENTRIES, snapshotEveryEntries);
    Ranges.require(ConfigKeys.SNAPSHOT_EVERY_BYTES, snapshotEveryBytes);
    Ranges.require(ConfigKeys.SNAPSHOTS_KEPT, (long) snapshotsKept);
  }

  /** What holds when the file says nothing. */
  public static StorageConfig defaults() {
    return new StorageConfig(
        ConfigKeys.LOG_SEGMENT_BYTES.orDefault(null),
        ConfigKeys.SNAPSHOT_EVERY_ENTRIES.orDefault(null),
        ConfigKeys.SNAPSHOT_EVERY_BYTES.orDefault(null),
        ConfigKeys.SNAPSHOTS_KEPT.orDefault(null).intValue());
  }
}
