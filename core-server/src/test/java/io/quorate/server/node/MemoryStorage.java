package io.quorate.server.node;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.LogIdentifiers;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Storage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Storage in a few collections, which a restarted server of the test takes over. {@link #crash}
 * forgets what was not synced. Snapshots live in a shelf shared by an ensemble; the "file" that one
 * server sends another is the number of the place there, with padding so that it takes several
 * pieces.
 */
final class MemoryStorage implements Storage {
  private static final int FILE_BYTES = 100;

  /** The snapshots of an ensemble. */
  static final class Shelf {
    private final List<Snapshot> places = new ArrayList<>();
  }

  private record Snapshot(long place, SnapshotMeta meta, List<byte[]> blocks) {}

  private static final class History {
    final TreeMap<Long, Snapshot> snapshots = new TreeMap<>();
    final List<LogEntry> entries = new ArrayList<>();
    long baseZxid;
    long baseHash;
  }

  private final Shelf shelf;
  private @Nullable Promise promise;
  private History history = new History();
  private int syncedEntries;
  private boolean keepsAll;
  private @Nullable History staged;
  private byte[] stagedFile = new byte[0];

  /** How many calls of {@link #sync}, for tests of group commit. */
  private int syncs;

  MemoryStorage(Shelf shelf) {
    this.shelf = shelf;
  }

  /** What the disk below says can still be written. */
  private long usableBytes = Long.MAX_VALUE;

  void setUsableBytes(long bytes) {
    usableBytes = bytes;
  }

  @Override
  public long usableBytes() {
    return usableBytes;
  }

  int syncs() {
    return syncs;
  }

  /** Forgets what was not synced. */
  void crash() {
    history.entries.subList(syncedEntries, history.entries.size()).clear();
    staged = null;
  }

  /** Retention keeps everything from now on. */
  void keepAllSnapshots() {
    keepsAll = true;
  }

  /** Zxid of the newest snapshot; 0 if there is none. */
  long newestSnapshot() {
    return history.snapshots.isEmpty() ? 0 : history.snapshots.lastKey();
  }

  @Override
  public Recovered recoverTrusting(long trustedZxid) {
    history.snapshots.tailMap(trustedZxid, false).clear();
    if (history.snapshots.isEmpty() && history.baseZxid != 0) {
      throw new IllegalStateException("nothing is left to rebuild from");
    }
    return recover();
  }

  @Override
  public Recovered recover() {
    LogIdentifiers log = new LogIdentifiers(history.baseZxid, history.baseHash);
    history.entries.forEach(entry -> log.append(entry.zxid(), entry.chainHash()));
    Snapshot newest = history.snapshots.isEmpty() ? null : history.snapshots.lastEntry().getValue();
    return new Recovered(promise, newest == null ? null : newest.meta(), log, List.of());
  }

  @Override
  public void savePromise(Promise newPromise) {
    promise = newPromise;
  }

  @Override
  public void append(List<LogEntry> entries) {
    appendTo(history, entries);
  }

  private static void appendTo(History to, List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      LogEntry last = to.entries.isEmpty() ? null : to.entries.get(to.entries.size() - 1);
      if (!entry.follows(last == null ? to.baseHash : last.chainHash())) {
        throw new IllegalStateException(entry + " does not follow " + last);
      }
      to.entries.add(entry);
    }
  }

  @Override
  public void sync() {
    syncs++;
    syncedEntries = history.entries.size();
  }

  @Override
  public void truncateAfter(long afterZxid, long afterHash) {
    history.entries.removeIf(entry -> entry.zxid() > afterZxid);
    syncedEntries = history.entries.size();
  }

  @Override
  public List<LogEntry> read(long afterZxid, int maxBytes) {
    List<LogEntry> found = new ArrayList<>();
    boolean known = afterZxid == history.baseZxid;
    int bytes = 0;
    for (LogEntry entry : history.entries) {
      if (entry.zxid() > afterZxid && known && (found.isEmpty() || bytes < maxBytes)) {
        found.add(entry);
        bytes += entry.bodyLength();
      }
      known |= entry.zxid() == afterZxid;
    }
    return found;
  }

  @Override
  public @Nullable Piece readSnapshotPiece(long snapshotZxid, long offset, int maxBytes) {
    Snapshot snapshot = history.snapshots.get(snapshotZxid);
    if (snapshot == null) {
      return null;
    }
    byte[] file = ByteBuffer.allocate(FILE_BYTES).putLong(snapshot.place()).array();
    int from = (int) offset;
    return new Piece(
        Arrays.copyOfRange(file, from, Math.min(FILE_BYTES, from + maxBytes)),
        FILE_BYTES,
        (int) snapshot.place());
  }

  @Override
  public void stageBegin() {
    staged = new History();
    stagedFile = new byte[0];
  }

  @Override
  public void stagePiece(long offset, byte[] bytes) {
    if (offset != stagedFile.length) {
      throw new IllegalStateException("piece at " + offset + " after " + stagedFile.length);
    }
    stagedFile = Arrays.copyOf(stagedFile, stagedFile.length + bytes.length);
    System.arraycopy(bytes, 0, stagedFile, (int) offset, bytes.length);
  }

  @Override
  public @Nullable SnapshotMeta stageSeal() {
    History sealed = staged();
    Snapshot snapshot = shelf.places.get((int) ByteBuffer.wrap(stagedFile).getLong());
    sealed.snapshots.put(snapshot.meta().zxid(), snapshot);
    sealed.baseZxid = snapshot.meta().zxid();
    sealed.baseHash = snapshot.meta().chainHash();
    return snapshot.meta();
  }

  @Override
  public void stageDrop() {
    staged = null;
  }

  @Override
  public void stageAppend(List<LogEntry> entries) {
    appendTo(staged(), entries);
  }

  @Override
  public Recovered stageSwitch() {
    history = staged();
    staged = null;
    syncedEntries = history.entries.size();
    return recover();
  }

  private History staged() {
    if (staged == null) {
      throw new IllegalStateException("nothing is staged");
    }
    return staged;
  }

  /** Keeps the newest snapshot and those that are pinned, and what follows them. */
  @Override
  public long retain(List<Long> pinned) {
    if (!history.snapshots.isEmpty() && !keepsAll) {
      long newest = history.snapshots.lastKey();
      history.snapshots.keySet().removeIf(zxid -> zxid != newest && !pinned.contains(zxid));
      long oldest = history.snapshots.firstKey();
      while (!history.entries.isEmpty() && history.entries.get(0).zxid() <= oldest) {
        LogEntry purged = history.entries.remove(0);
        syncedEntries--;
        history.baseZxid = purged.zxid();
        history.baseHash = purged.chainHash();
      }
    }
    return history.baseZxid;
  }

  @Override
  public void verifySnapshots() {
    // Nothing here can be damaged.
  }

  @Override
  public SnapshotSink createSnapshot(SnapshotMeta meta) {
    History into = history;
    List<byte[]> blocks = new ArrayList<>();
    return new SnapshotSink() {
      @Override
      public void write(ByteBuffer block) {
        byte[] bytes = new byte[block.remaining()];
        block.get(bytes);
        blocks.add(bytes);
      }

      @Override
      public boolean commit() {
        if (into != history) {
          return false;
        }
        Snapshot snapshot = new Snapshot(shelf.places.size(), meta, blocks);
        shelf.places.add(snapshot);
        into.snapshots.put(meta.zxid(), snapshot);
        return true;
      }

      @Override
      public void abort() {}
    };
  }

  @Override
  public SnapshotSource openSnapshot(long zxid) {
    Snapshot snapshot = history.snapshots.get(zxid);
    if (snapshot == null) {
      throw new IllegalStateException("no snapshot at " + zxid);
    }
    return new SnapshotSource() {
      private int next;

      @Override
      public SnapshotMeta meta() {
        return snapshot.meta();
      }

      @Override
      public @Nullable ByteBuffer next() {
        return next == snapshot.blocks().size()
            ? null
            : ByteBuffer.wrap(snapshot.blocks().get(next++));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {}
}
