package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.replication.LogIdentifiers;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One history: a log, and the snapshots of states along it.
 *
 * @param newest the newest intact snapshot when the history was opened
 * @param holes found when it was opened
 */
record History(
    long id,
    String directory,
    SegmentedLog log,
    SnapshotStore snapshots,
    @Nullable SnapshotMeta newest,
    List<Recovered.Hole> holes) {

  /** Makes an empty history; durable, but not named by the superblock yet. */
  static void create(Disk disk, long id, StorageOptions options) throws IOException {
    String directory = Layout.history(id);
    disk.createDirectory(directory);
    SegmentedLog.create(disk, directory, id, options, Zxid.NONE, 0).close();
    disk.syncDirectory(Layout.ROOT);
  }

  /**
   * Reads, verifies and makes durable anew what a history directory holds.
   *
   * @param trustedZxid snapshots after this are deleted, unless nothing else would be left
   * @param verified a snapshot in it that was verified just now and need not be read again
   * @throws StorageException if something that was durable is lost and can't be identified
   */
  static History open(
      Disk disk,
      long id,
      long trustedZxid,
      StorageOptions options,
      FailureLatch latch,
      Consumer<String> report,
      SnapshotReader.@Nullable Verified verified)
      throws IOException {
    String directory = Layout.history(id);
    for (String name : disk.list(directory)) {
      if (name.endsWith(Layout.TEMPORARY)) {
        disk.delete(Layout.path(directory, name));
      }
    }
    disk.syncDirectory(directory);
    LogRecovery recovery = new LogRecovery(disk, directory, id, options, report);
    SegmentedLog log = recovery.run();
    SnapshotStore snapshots = new SnapshotStore(disk, directory, latch, report);
    if (verified != null) {
      snapshots.note(verified);
    }
    SnapshotMeta newest = snapshots.newestVerified(trustedZxid);
    boolean rebuilds = trustedZxid != Long.MAX_VALUE;
    if (newest == null && rebuilds && log.identifiers().baseZxid() != Zxid.NONE) {
      throw new StorageException(
          ("%s: the state must be rebuilt, but no intact snapshot up to %s is left, and the log"
                  + " begins after %s; wipe the data directory and start this server again: it gets"
                  + " the state of the others")
              .formatted(
                  directory, Zxid.format(trustedZxid), Zxid.format(log.identifiers().baseZxid())));
    }
    snapshots.deleteAfter(trustedZxid);
    checkBelongTogether(directory, log.identifiers(), newest);
    return new History(id, directory, log, snapshots, newest, recovery.holes());
  }

  private static void checkBelongTogether(
      String directory, LogIdentifiers log, @Nullable SnapshotMeta snapshot) {
    String base = Zxid.format(log.baseZxid());
    if (snapshot == null) {
      if (log.baseZxid() != Zxid.NONE) {
        throw new StorageException(
            "%s: the log begins after %s, but no intact snapshot reaches there"
                .formatted(directory, base));
      }
      return;
    }
    String position = "%s#%x".formatted(Zxid.format(snapshot.zxid()), snapshot.chainHash());
    if (snapshot.zxid() > log.lastZxid()) {
      throw new StorageException(
          "%s: a snapshot at %s, but the log ends at %s; entries were lost"
              .formatted(directory, position, Zxid.format(log.lastZxid())));
    }
    if (snapshot.zxid() < log.baseZxid()) {
      throw new StorageException(
          "%s: the log begins after %s, but the newest intact snapshot is at %s"
              .formatted(directory, base, position));
    }
    if (!log.contains(snapshot.zxid(), snapshot.chainHash())) {
      throw new StorageException(
          "%s: a snapshot at %s, but the log has no such entry; they belong to different histories"
              .formatted(directory, position));
    }
  }

  /** As of when it was opened. */
  Recovered recovered(@Nullable Promise promise) {
    return new Recovered(promise, newest, log.identifiers().copy(), holes);
  }

  /** No more files appear in it, and those of the log are closed. */
  void close() throws IOException {
    snapshots.replaced();
    log.close();
  }
}
