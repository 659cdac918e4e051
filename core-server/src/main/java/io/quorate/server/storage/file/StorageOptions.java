package io.quorate.server.storage.file;

/**
 * What may be chosen about storage.
 *
 * @param segmentBytes a log segment is closed once its entries take this many bytes; in [4 KiB, 1
 *     GiB]
 * @param snapshotsKept how many verified snapshots stay, the log after the oldest of them with
 *     them; at least 1
 * @param logBytesKept so much log before the oldest of them stays as well, in whole segments
 * @param tightBelowBytes with less than so much free space only the newest verified snapshot stays,
 *     and the log after it
 */
public record StorageOptions(
    int segmentBytes, int snapshotsKept, long logBytesKept, long tightBelowBytes) {
  public static final int SEGMENT_BYTES_MIN = 4 << 10;
  public static final int SEGMENT_BYTES_MAX = 1 << 30;
  public static final StorageOptions DEFAULT = new StorageOptions(16 << 20, 3);

  /** With no more log than the kept snapshots need. */
  public StorageOptions(int segmentBytes, int snapshotsKept) {
    this(segmentBytes, snapshotsKept, 0);
  }

  /** The same however little space is free. */
  public StorageOptions(int segmentBytes, int snapshotsKept, long logBytesKept) {
    this(segmentBytes, snapshotsKept, logBytesKept, 0);
  }

  public StorageOptions {
    if (logBytesKept < 0) {
      throw new IllegalArgumentException(
          "log bytes kept must not be negative, found " + logBytesKept);
    }
    if (segmentBytes < SEGMENT_BYTES_MIN || segmentBytes > SEGMENT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "segment bytes must be in [%d, %d], found %d"
              .formatted(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX, segmentBytes));
    }
    if (snapshotsKept < 1) {
      throw new IllegalArgumentException(
          "at least 1 snapshot must be kept, found " + snapshotsKept);
    }
  }
}
