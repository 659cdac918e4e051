package io.quorate.server.storage.file;

/**
 * What may be chosen about storage.
 *
 * @param segmentBytes a log segment is closed once its entries take this many bytes; in [4 KiB, 1
 *     GiB]
 * @param snapshotsKept how many verified snapshots stay, the log after the oldest of them with
 *     them; at least 1
 */
public record StorageOptions(int segmentBytes, int snapshotsKept) {
  public static final int SEGMENT_BYTES_MIN = 4 << 10;
  public static final int SEGMENT_BYTES_MAX = 1 << 30;
  public static final StorageOptions DEFAULT = new StorageOptions(16 << 20, 3);

  public StorageOptions {
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
