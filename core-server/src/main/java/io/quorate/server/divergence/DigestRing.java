package io.quorate.server.divergence;

import io.quorate.server.replication.StateDigest;
import org.jspecify.annotations.Nullable;

/** Digests after the newest applied entries, the oldest overwritten first. */
final class DigestRing {
  private final long[] zxids;
  private final int[] versions;
  private final long[] digests;

  /** Entries ever added; the newest lies before this, modulo the capacity. */
  private long added;

  DigestRing(int capacity) {
    zxids = new long[capacity];
    versions = new int[capacity];
    digests = new long[capacity];
  }

  /** In zxid order. */
  void add(long zxid, int version, long digest) {
    int at = slot(added++);
    zxids[at] = zxid;
    versions[at] = version;
    digests[at] = digest;
  }

  void clear() {
    added = 0;
  }

  /** The state after that entry; null if it was not applied here, or too long ago. */
  @Nullable StateDigest find(long zxid) {
    long low = Math.max(0, added - zxids.length);
    long high = added;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (zxids[slot(middle)] < zxid) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    int at = slot(low);
    return low < added && zxids[at] == zxid
        ? new StateDigest(zxid, versions[at], digests[at])
        : null;
  }

  private int slot(long number) {
    return (int) (number % zxids.length);
  }
}
