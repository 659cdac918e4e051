package io.quorate.server.replication;

import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The newest entries of the log, without a gap up to its end, bounded in bytes. What is not here is
 * read from storage.
 */
final class TailCache {
  /** What an entry costs beside its payload, about. */
  private static final int ENTRY_OVERHEAD_BYTES = 80;

  private static final int CAPACITY_MIN = 64;

  private final long bytesMax;
  private @Nullable LogEntry[] ring = new LogEntry[CAPACITY_MIN];
  private int first;
  private int size;
  private long bytes;
  private long previousZxid;

  TailCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** What the entries cost in memory, about. */
  long bytes() {
    return bytes;
  }

  /** Empty, at the end of a log whose last entry is {@code lastZxid}. */
  void clear(long lastZxid) {
    ring = new LogEntry[CAPACITY_MIN];
    first = 0;
    size = 0;
    bytes = 0;
    previousZxid = lastZxid;
  }

  void add(LogEntry entry) {
    if (size == ring.length) {
      @Nullable LogEntry[] larger = new LogEntry[ring.length * 2];
      for (int i = 0; i < size; i++) {
        larger[i] = at(i);
      }
      ring = larger;
      first = 0;
    }
    ring[(first + size) % ring.length] = entry;
    size++;
    bytes += cost(entry);
    while (bytes > bytesMax && size > 0) {
      LogEntry oldest = at(0);
      ring[first] = null;
      first = (first + 1) % ring.length;
      size--;
      bytes -= cost(oldest);
      previousZxid = oldest.zxid();
    }
  }

  /** Forgets every entry above {@code zxid}, the log's last one from now on. */
  void truncateAfter(long zxid) {
    if (zxid < previousZxid) {
      clear(zxid);
      return;
    }
    while (size > 0 && at(size - 1).zxid() > zxid) {
      LogEntry last = at(size - 1);
      ring[(first + size - 1) % ring.length] = null;
      size--;
      bytes -= cost(last);
    }
  }

  /** The last entry, or null if it is not here. */
  @Nullable LogEntry last() {
    return size == 0 ? null : at(size - 1);
  }

  /** Whether the entry that follows {@code zxid} is here. */
  boolean holdsAfter(long zxid) {
    return size > 0 && zxid >= previousZxid && zxid < at(size - 1).zxid();
  }

  /**
   * Entries after {@code zxid} up to {@code untilZxid}, at least one if there is one, bounded by
   * count and bytes.
   */
  List<LogEntry> after(long zxid, long untilZxid, int entriesMax, long payloadBytesMax) {
    List<LogEntry> found = new ArrayList<>();
    if (!holdsAfter(zxid)) {
      return found;
    }
    long total = 0;
    for (int i = indexAfter(zxid); i < size && found.size() < entriesMax; i++) {
      LogEntry entry = at(i);
      total += entry.bodyLength();
      if (entry.zxid() > untilZxid || (!found.isEmpty() && total > payloadBytesMax)) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  private int indexAfter(long zxid) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).zxid() <= zxid) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private LogEntry at(int index) {
    Invariant.check(index >= 0 && index < size, "no entry at %d of %d", index, size);
    return Objects.requireNonNull(ring[(first + index) % ring.length]);
  }

  private static int cost(LogEntry entry) {
    return entry.payload().length + ENTRY_OVERHEAD_BYTES;
  }
}
