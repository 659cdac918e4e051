package io.quorate.server.node;

/**
 * When a node writes a snapshot of its own: after so many applied entries or bytes of payload,
 * whichever comes first, each shortened by a random part, so that the servers of an ensemble do not
 * all write at once.
 *
 * @param entries applied since the last snapshot
 * @param bytes of payload applied since the last snapshot
 * @param jitterPercent how much of both may be taken off, 0..90
 * @param bytesPerSecondMax how fast it is written at most
 */
public record SnapshotPolicy(long entries, long bytes, int jitterPercent, long bytesPerSecondMax) {
  /** As fast as the disk takes it. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  public SnapshotPolicy {
    if (entries < 1 || bytes < 1) {
      throw new IllegalArgumentException(
          "a snapshot follows 1 or more entries and bytes, found " + entries + " and " + bytes);
    }
    if (bytesPerSecondMax < 1) {
      throw new IllegalArgumentException(
          "a snapshot is written at 1 or more bytes per second, found " + bytesPerSecondMax);
    }
    if (jitterPercent < 0 || jitterPercent > 90) {
      throw new IllegalArgumentException("jitter must be in [0, 90] %, found " + jitterPercent);
    }
  }

  /** Written without a limit. */
  public SnapshotPolicy(long entries, long bytes, int jitterPercent) {
    this(entries, bytes, jitterPercent, UNLIMITED);
  }

  public static SnapshotPolicy defaults() {
    return new SnapshotPolicy(200_000, 256L << 20, 40);
  }
}
