package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@link Storage} in files, over a {@link Disk}.
 *
 * <pre>
 *   superblock              two slots: which history counts, node id, promise
 *   identity                whose directory it is, once the cluster is known
 *   history-N/              the history that the superblock names
 *     log-&lt;zxid&gt;.seg        a segment, named for the position it follows (16 hex digits)
 *     snap-&lt;zxid&gt;.snap      a snapshot
 *   history-N+1/            one that is being received
 *   history-N.orphaned/     found without a superblock; never deleted
 * </pre>
 *
 * <p>Whatever recovery decides about damage and leftovers goes to {@code report}, a sentence each,
 * for the log of the process. The disk belongs to the caller, who closes it after this. The threads
 * that use storage must not be interrupted: an interrupt closes a real file.
 */
public final class FileStorage implements Storage {
  private final Disk disk;
  private final int nodeId;
  private final StorageOptions options;
  private final StorageReport report;
  private final FailureLatch latch = new FailureLatch();

  private @Nullable SuperblockFile superblock;

  /** Written by the log thread, read by the snapshot thread too. */
  private volatile @Nullable History history;

  private @Nullable StagedHistory staged;

  /**
   * @param nodeId refused if the directory belongs to another node
   * @param report thread-safe; told what was decided at recovery and about damaged snapshots
   */
  public FileStorage(Disk disk, int nodeId, StorageOptions options, StorageReport report) {
    this.disk = disk;
    this.nodeId = nodeId;
    this.options = options;
    this.report = report;
  }

  // --- recovery ----------------------------------------------------------------------------------

  @Override
  public Recovered recover() {
    return recoverTrusting(Long.MAX_VALUE);
  }

  @Override
  public Recovered recoverTrusting(long trustedZxid) {
    Invariant.check(history == null, "recover is called once");
    return latch.get("recovery", () -> recoverOnce(trustedZxid));
  }

  private Recovered recoverOnce(long trustedZxid) throws IOException {
    for (String name : disk.list(Layout.ROOT)) {
      if (name.endsWith(Layout.TEMPORARY)) {
        disk.delete(name);
      }
    }
    disk.syncDirectory(Layout.ROOT);
    SuperblockFile found = openSuperblock();
    SuperblockFile open = found == null ? begin() : found;
    superblock = open;
    Superblock current = open.current();
    if (current.nodeId() != nodeId) {
      throw new StorageException(
          "this data directory belongs to node %d, the configuration says node %d"
              .formatted(current.nodeId(), nodeId));
    }
    saveIdentity(current.promise());
    deleteOtherHistories(current.historyId());
    History opened =
        History.open(disk, current.historyId(), trustedZxid, options, latch, report::found, null);
    history = opened;
    return opened.recovered(current.promise());
  }

  /** The superblock, durable anew; null if neither slot is valid. */
  private @Nullable SuperblockFile openSuperblock() throws IOException {
    if (!disk.exists(Layout.SUPERBLOCK)) {
      return null;
    }
    Disk.File file = disk.open(Layout.SUPERBLOCK);
    Superblock.Found found = Superblock.read(file);
    for (int i = 0; i < Superblock.SLOTS; i++) {
      String problem = found.problems()[i];
      if (problem != null) {
        report.found("superblock slot " + i + " is damaged: " + problem);
      }
    }
    Superblock newest = found.newest();
    if (newest == null) {
      file.close();
      return null;
    }
    if (!disk.list(Layout.ROOT).contains(Layout.history(newest.historyId()))) {
      file.close();
      throw new StorageException(
          "the superblock names %s, which is missing; what it held is lost"
              .formatted(Layout.history(newest.historyId())));
    }
    return SuperblockFile.resume(file, newest, found.newestSlot());
  }

  /** A new directory, or one that counts as wiped: what it holds is moved aside, never deleted. */
  private SuperblockFile begin() throws IOException {
    boolean wiped = false;
    long historyId = 0;
    List<String> names = disk.list(Layout.ROOT);
    for (String name : names) {
      long id = Layout.historyIdOf(name);
      if (id < 0) {
        continue;
      }
      historyId = Math.max(historyId, id);
      if (Orphans.isUnused(disk, name)) {
        Layout.deleteDirectory(disk, Layout.ROOT, name);
      } else {
        Orphans.moveAside(disk, name, report::found);
        wiped = true;
      }
    }
    if (names.contains(Layout.SUPERBLOCK)) {
      Orphans.moveAside(disk, Layout.SUPERBLOCK, report::found);
      wiped = true;
    }
    Identity identity = Identity.read(disk);
    if (wiped || identity != null) {
      report.found(
          "no valid superblock slot%s: this node lost its promise and counts as wiped"
              .formatted(
                  identity == null
                      ? ""
                      : " (node %d of cluster %x)"
                          .formatted(identity.nodeId(), identity.clusterId())));
    }
    if (identity != null && identity.nodeId() != nodeId) {
      throw new StorageException(
          "this data directory belongs to node %d, the configuration says node %d"
              .formatted(identity.nodeId(), nodeId));
    }
    History.create(disk, historyId + 1, options);
    return SuperblockFile.create(disk, new Superblock(1, historyId + 1, nodeId, null));
  }

  /** Unfinished stages and half deleted predecessors. The superblock is durable by now. */
  private void deleteOtherHistories(long historyId) throws IOException {
    for (String name : disk.list(Layout.ROOT)) {
      long id = Layout.historyIdOf(name);
      if (id >= 0 && id != historyId) {
        report.found(name + " is not the history that counts; deleted");
        Layout.deleteDirectory(disk, Layout.ROOT, name);
      }
    }
  }

  // --- promise -----------------------------------------------------------------------------------

  @Override
  public void savePromise(Promise promise) {
    latch.run(
        "save of the promise",
        () -> {
          SuperblockFile file = superblock();
          file.save(file.current().next(file.current().historyId(), promise));
          saveIdentity(promise);
        });
  }

  private void saveIdentity(@Nullable Promise promise) throws IOException {
    if (promise == null || promise.clusterId() == 0) {
      return;
    }
    Identity identity = new Identity(promise.clusterId(), nodeId);
    if (!identity.equals(Identity.read(disk))) {
      Layout.replace(disk, Layout.ROOT, Layout.IDENTITY, identity.encode());
    }
  }

  // --- log ---------------------------------------------------------------------------------------

  @Override
  public void append(List<LogEntry> entries) {
    latch.run("append", () -> history().log().append(entries));
  }

  @Override
  public void sync() {
    latch.run("sync", () -> history().log().sync());
  }

  @Override
  public void truncateAfter(long afterZxid, long afterHash) {
    latch.run("truncation", () -> history().log().truncateAfter(afterZxid, afterHash));
  }

  @Override
  public List<LogEntry> read(long afterZxid, int maxBytes) {
    return latch.get("read", () -> history().log().read(afterZxid, maxBytes));
  }

  // --- staged history ----------------------------------------------------------------------------

  @Override
  public void stageBegin() {
    latch.run(
        "begin of a staged history",
        () -> {
          if (staged != null) {
            staged.drop();
          }
          staged = new StagedHistory(disk, history().id() + 1, options, report);
        });
  }

  @Override
  public void stagePiece(long offset, byte[] bytes) {
    latch.run("staged piece", () -> staged().piece(offset, bytes));
  }

  @Override
  public @Nullable SnapshotMeta stageSeal() {
    List<SnapshotMeta> meta = new ArrayList<>(1);
    latch.run(
        "staged seal",
        () -> {
          SnapshotMeta sealed = staged().seal();
          if (sealed != null) {
            meta.add(sealed);
          }
        });
    return meta.isEmpty() ? null : meta.get(0);
  }

  @Override
  public void stageDrop() {
    latch.run(
        "drop of a staged history",
        () -> {
          if (staged != null) {
            staged.drop();
            staged = null;
          }
        });
  }

  @Override
  public void stageAppend(List<LogEntry> entries) {
    latch.run("staged append", () -> staged().append(entries));
  }

  @Override
  public Recovered stageSwitch() {
    return latch.get("switch of histories", this::switchHistory);
  }

  private Recovered switchHistory() throws IOException {
    StagedHistory stage = staged();
    stage.finish();
    // The log that was received is read back and verified before it replaces anything; the snapshot
    // was when it was sealed.
    History next =
        History.open(
            disk, stage.id(), Long.MAX_VALUE, options, latch, report::found, stage.verified());
    SuperblockFile file = superblock();
    Superblock switched = file.current().next(stage.id(), file.current().promise());
    file.save(switched);
    History old = history();
    staged = null;
    history = next;
    old.close();
    Layout.deleteDirectory(disk, Layout.ROOT, old.directory());
    return next.recovered(switched.promise());
  }

  // --- snapshots ---------------------------------------------------------------------------------

  @Override
  public @Nullable Piece readSnapshotPiece(long snapshotZxid, long offset, int maxBytes) {
    List<Piece> pieces = new ArrayList<>(1);
    latch.run(
        "read of a snapshot piece",
        () -> {
          Piece piece = history().snapshots().piece(snapshotZxid, offset, maxBytes);
          if (piece != null) {
            pieces.add(piece);
          }
        });
    return pieces.isEmpty() ? null : pieces.get(0);
  }

  @Override
  public long retain(List<Long> pinned) {
    return latch.get(
        "retention",
        () -> {
          History current = history();
          // A nearly full disk is worse than fewer copies of what the other servers have, too.
          boolean tight = disk.usableBytes() < options.tightBelowBytes();
          int kept = tight ? 1 : options.snapshotsKept();
          long oldestKept = current.snapshots().retain(kept, pinned);
          if (oldestKept != Zxid.NONE) {
            current.log().purgeUpTo(oldestKept, tight ? 0 : options.logBytesKept());
          }
          return current.log().identifiers().baseZxid();
        });
  }

  @Override
  public long usableBytes() {
    return latch.get("measuring of the free space", disk::usableBytes);
  }

  @Override
  public void verifySnapshots() {
    latch.run("verification of snapshots", () -> history().snapshots().verifyAll());
  }

  @Override
  public SnapshotSink createSnapshot(SnapshotMeta meta) {
    return latch.get("begin of a snapshot", () -> history().snapshots().create(meta));
  }

  @Override
  public @Nullable SnapshotSource openSnapshot(long zxid) {
    return latch
        .get(
            "open of a snapshot",
            () -> {
              History present = history();
              // The state of an older history may be asked for while its successor takes over.
              boolean superseded = present.newest() != null && zxid < present.newest().zxid();
              return superseded
                  ? Optional.<SnapshotSource>empty()
                  : Optional.ofNullable(present.snapshots().open(zxid));
            })
        .orElse(null);
  }

  // --- the rest ----------------------------------------------------------------------------------

  private SuperblockFile superblock() {
    SuperblockFile open = superblock;
    if (open == null) {
      throw new IllegalStateException("recover comes first");
    }
    return open;
  }

  private History history() {
    History open = history;
    if (open == null) {
      throw new IllegalStateException("recover comes first");
    }
    return open;
  }

  private StagedHistory staged() {
    StagedHistory open = staged;
    if (open == null) {
      throw new IllegalStateException("no history is staged");
    }
    return open;
  }

  /** Closes the files. What was synced is there; what was not may be lost. */
  @Override
  public void close() {
    try {
      if (superblock != null) {
        superblock.close();
      }
      History open = history;
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      report.found("close failed: " + e);
    }
  }
}
