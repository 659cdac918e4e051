package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A history that is being received, beside the present one. Nothing of it counts before the
 * superblock names it; recovery deletes it otherwise. Confined to the log thread.
 */
final class StagedHistory {
  /** So that the seal has little left to sync. */
  private static final long SYNC_EVERY_BYTES = 16 << 20;

  private static final String INCOMING = "incoming" + Layout.TEMPORARY;

  private final Disk disk;
  private final long id;
  private final StorageOptions options;
  private final StorageReport report;
  private final String directory;
  private final Disk.File incoming;
  private final IncomingCheck check;
  private long received;
  private long synced;
  private SnapshotReader.@Nullable Verified verified;
  private @Nullable SegmentedLog log;

  StagedHistory(Disk disk, long id, StorageOptions options, StorageReport report)
      throws IOException {
    this.disk = disk;
    this.id = id;
    this.options = options;
    this.report = report;
    this.directory = Layout.history(id);
    disk.createDirectory(directory);
    this.incoming = disk.create(Layout.path(directory, INCOMING));
    this.check = new IncomingCheck(incoming);
  }

  /** The snapshot as it was sealed; null before. */
  SnapshotReader.@Nullable Verified verified() {
    return verified;
  }

  long id() {
    return id;
  }

  void piece(long offset, byte[] bytes) throws IOException {
    Invariant.check(log == null, "a piece after the seal");
    Invariant.check(offset == received, "a piece at %d expected, found %d", received, offset);
    incoming.write(offset, ByteBuffer.wrap(bytes));
    received += bytes.length;
    check.grown(received);
    if (received - synced >= SYNC_EVERY_BYTES) {
      incoming.sync();
      synced = received;
    }
  }

  /** Null if the snapshot is damaged: then all of it has to come again. */
  @Nullable SnapshotMeta seal() throws IOException {
    Invariant.check(log == null, "a second seal");
    incoming.sync();
    SnapshotMeta meta;
    try {
      verified = check.finish(received);
      meta = verified.meta();
    } catch (IllegalArgumentException e) {
      report.found("received snapshot " + e.getMessage() + "; it does not count");
      return null;
    }
    incoming.close();
    disk.rename(
        Layout.path(directory, INCOMING), Layout.path(directory, Layout.snapshot(meta.zxid())));
    log = SegmentedLog.create(disk, directory, id, options, meta.zxid(), meta.chainHash());
    report.intact("received snapshot " + Zxid.format(meta.zxid()) + " is intact");
    return meta;
  }

  void append(List<LogEntry> entries) throws IOException {
    sealed().append(entries);
  }

  /** Everything is durable on return, but for the superblock; nothing can be added. */
  void finish() throws IOException {
    sealed().sync();
    sealed().close();
    disk.syncDirectory(directory);
    disk.syncDirectory(Layout.ROOT);
  }

  private SegmentedLog sealed() {
    SegmentedLog sealed = log;
    if (sealed == null) {
      throw new IllegalStateException("the staged snapshot is not sealed");
    }
    return sealed;
  }

  /** Deletes it. */
  void drop() throws IOException {
    incoming.close();
    if (log != null) {
      log.close();
    }
    Layout.deleteDirectory(disk, Layout.ROOT, directory);
  }
}
