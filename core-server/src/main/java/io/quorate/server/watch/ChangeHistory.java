package io.quorate.server.watch;

import io.quorate.server.base.Invariant;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The newest changes of the tree, entry by entry, for watches that come from another connection. It
 * is complete above {@link #floor}: every change with a higher zxid, and up to the last applied
 * entry, is in it. An entry is kept or dropped as a whole, oldest first. Confined to the node
 * thread.
 *
 * <pre>
 *   zxid   ...  7  8      9  12  15      16 ...
 *          dropped | floor | kept         | not applied yet
 * </pre>
 */
public final class ChangeHistory {
  /** A kept entry without its changes, about. */
  private static final long ENTRY_BYTES = 96;

  /** A change without its path, about. Lists of access control are shared. */
  private static final long CHANGE_BYTES = 72;

  private final WatchLimits limits;
  private final WatchRules rules;
  private final TreeMap<Long, Entry> entries = new TreeMap<>();
  private long floor;
  private long newest;
  private int changeCount;
  private long bytes;

  private record Entry(List<ZnodeChange> changes, long bytes) {}

  /** Of a state before its first entry. */
  public ChangeHistory(WatchLimits limits, WatchRules rules) {
    this.limits = limits;
    this.rules = rules;
  }

  /** By the true rules. */
  ChangeHistory(WatchLimits limits) {
    this(limits, WatchRules.TRUE);
  }

  /** An entry was applied; zxids go up. */
  public void add(long zxid, List<ZnodeChange> changes) {
    Invariant.check(zxid > newest, "changes come in order: 0x%x after 0x%x", zxid, newest);
    newest = zxid;
    if (changes.isEmpty()) {
      return;
    }
    long size = ENTRY_BYTES;
    for (ZnodeChange change : changes) {
      size += CHANGE_BYTES + change.path().length();
    }
    entries.put(zxid, new Entry(List.copyOf(changes), size));
    changeCount += changes.size();
    bytes += size;
    while (changeCount > limits.historyChangesMax() || bytes > limits.historyBytesMax()) {
      Map.Entry<Long, Entry> oldest = entries.pollFirstEntry();
      floor = oldest.getKey();
      changeCount -= oldest.getValue().changes.size();
      bytes -= oldest.getValue().bytes;
    }
  }

  /** The state was replaced by one whose last entry has that zxid: nothing is known before it. */
  public void restart(long zxid) {
    entries.clear();
    changeCount = 0;
    bytes = 0;
    floor = zxid;
    newest = zxid;
  }

  /** Every change above this zxid is known. */
  public long floor() {
    return floor;
  }

  /** Whether every change after that zxid is known. */
  public boolean reachesBackTo(long zxid) {
    return rules.reachesBack(floor, zxid);
  }

  /** What is known after that zxid, in order, per entry; a view, valid until the next change. */
  Iterable<List<ZnodeChange>> after(long zxid) {
    return () -> entries.tailMap(zxid, false).values().stream().map(Entry::changes).iterator();
  }

  /** Changes kept. */
  public int changeCount() {
    return changeCount;
  }

  /** What they take in memory, about. */
  public long bytes() {
    return bytes;
  }
}
