package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Zxid and chain hash of every retained log entry, in order, packed: the exact membership test that
 * synchronization needs (R1).
 *
 * <p>Entries follow a base: the position after which the log begins (0 and hash 0 for a history
 * kept from its start, else the position of a snapshot or of the last purged entry). Mutable, 16
 * bytes an entry; confined to its owner's thread.
 */
public final class LogIdentifiers {
  private static final int CAPACITY_MIN = 64;

  private long baseZxid;
  private long baseHash;
  private long[] zxids = new long[CAPACITY_MIN];
  private long[] hashes = new long[CAPACITY_MIN];
  private int start;
  private int end;

  public LogIdentifiers(long baseZxid, long baseHash) {
    this.baseZxid = baseZxid;
    this.baseHash = baseHash;
  }

  /** An independent copy. */
  public LogIdentifiers copy() {
    LogIdentifiers copy = new LogIdentifiers(baseZxid, baseHash);
    copy.zxids = Arrays.copyOfRange(zxids, start, Math.max(end, start + CAPACITY_MIN));
    copy.hashes = Arrays.copyOfRange(hashes, start, Math.max(end, start + CAPACITY_MIN));
    copy.end = end - start;
    return copy;
  }

  public long baseZxid() {
    return baseZxid;
  }

  public long baseHash() {
    return baseHash;
  }

  /** Number of entries after the base. */
  public int size() {
    return end - start;
  }

  public boolean isEmpty() {
    return end == start;
  }

  /** Zxid of the last entry, or of the base. */
  public long lastZxid() {
    return isEmpty() ? baseZxid : zxids[end - 1];
  }

  /** Chain hash of the last entry, or of the base. */
  public long lastHash() {
    return isEmpty() ? baseHash : hashes[end - 1];
  }

  /** Zxid of the entry at {@code index}, 0 being the first after the base. */
  public long zxidAt(int index) {
    Invariant.check(index >= 0 && index < size(), "index %d of %d entries", index, size());
    return zxids[start + index];
  }

  /** Chain hash of the entry at {@code index}. */
  public long hashAt(int index) {
    Invariant.check(index >= 0 && index < size(), "index %d of %d entries", index, size());
    return hashes[start + index];
  }

  /** Adds the next entry; zxids increase. */
  public void append(long zxid, long hash) {
    Invariant.check(zxid > lastZxid(), "append of 0x%x after 0x%x", zxid, lastZxid());
    if (end == zxids.length) {
      int capacity = Math.max(CAPACITY_MIN, size() * 2);
      zxids = Arrays.copyOf(Arrays.copyOfRange(zxids, start, end), capacity);
      hashes = Arrays.copyOf(Arrays.copyOfRange(hashes, start, end), capacity);
      end -= start;
      start = 0;
    }
    zxids[end] = zxid;
    hashes[end] = hash;
    end++;
  }

  /** Whether exactly this entry, or the base, is in this history: same zxid and same hash. */
  public boolean contains(long zxid, long hash) {
    if (zxid == baseZxid) {
      return hash == baseHash;
    }
    int index = indexOf(zxid);
    return index >= 0 && hashAt(index) == hash;
  }

  /** Index of the entry with that zxid, or {@code -(insertion point) - 1}. */
  public int indexOf(long zxid) {
    int at = Arrays.binarySearch(zxids, start, end, zxid);
    return at >= 0 ? at - start : at + start;
  }

  /** Number of entries after the base, up to and including {@code zxid}. */
  public int countUpTo(long zxid) {
    int index = indexOf(zxid);
    return index >= 0 ? index + 1 : -index - 1;
  }

  /**
   * Position of the last entry at or below {@code zxid}, or the base if it is not above {@code
   * zxid}.
   */
  public EpochBoundary floor(long zxid) {
    Invariant.check(zxid >= baseZxid, "floor of 0x%x below the base 0x%x", zxid, baseZxid);
    int index = indexOf(zxid);
    int at = index >= 0 ? index : -index - 2;
    return at < 0
        ? new EpochBoundary(baseZxid, baseHash)
        : new EpochBoundary(zxidAt(at), hashAt(at));
  }

  /** Drops every entry above {@code zxid}, which must be an entry or the base. */
  public void truncateAfter(long zxid) {
    Invariant.check(zxid >= baseZxid, "truncate after 0x%x below the base 0x%x", zxid, baseZxid);
    int index = indexOf(zxid);
    Invariant.check(index >= 0 || zxid == baseZxid, "truncate after 0x%x, which is no entry", zxid);
    end = zxid == baseZxid ? start : start + index + 1;
  }

  /** Drops entries up to and including {@code zxid}, which becomes the base. */
  public void purgeUpTo(long zxid) {
    if (zxid == baseZxid) {
      return;
    }
    int index = indexOf(zxid);
    Invariant.check(index >= 0, "purge up to 0x%x, which is no entry", zxid);
    baseHash = hashAt(index);
    baseZxid = zxid;
    start += index + 1;
  }

  /**
   * Last entry of each epoch after the base, oldest first; the base itself first, unless it is 0 or
   * of the same epoch as the next.
   */
  public List<EpochBoundary> boundaries() {
    List<EpochBoundary> boundaries = new ArrayList<>();
    long lastZxid = baseZxid;
    long lastHash = baseHash;
    int at = start;
    while (true) {
      // Jump to the last entry of the epoch that follows, by binary search: a long epoch costs no
      // scan.
      if (at == end) {
        if (lastZxid != Zxid.NONE) {
          boundaries.add(new EpochBoundary(lastZxid, lastHash));
        }
        return boundaries;
      }
      long epoch = Zxid.epoch(zxids[at]);
      if (lastZxid != Zxid.NONE && Zxid.epoch(lastZxid) != epoch) {
        boundaries.add(new EpochBoundary(lastZxid, lastHash));
      }
      int found = Arrays.binarySearch(zxids, at, end, Zxid.of(epoch, Zxid.COUNTER_MAX));
      int afterEpoch = found >= 0 ? found + 1 : -found - 1;
      lastZxid = zxids[afterEpoch - 1];
      lastHash = hashes[afterEpoch - 1];
      at = afterEpoch;
    }
  }
}
