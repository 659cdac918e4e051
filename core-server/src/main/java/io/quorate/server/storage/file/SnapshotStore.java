package io.quorate.server.storage.file;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.quorate.data.Zxid;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of one history.
 *
 * <p>Used by the log thread and, for writing and reading a snapshot, by the snapshot thread. The
 * lock guards names: no file of this history appears or gets its final name after {@link
 * #replaced}, so that its directory can be deleted. Content is written and verified outside of it.
 */
final class SnapshotStore {
  /** Whether a file was seen to be intact. */
  private enum State {
    UNCHECKED,
    VERIFIED,
    DAMAGED
  }

  private record Known(State state, SnapshotReader.@Nullable Verified verified) {
    static final Known UNCHECKED = new Known(State.UNCHECKED, null);

    static Known of(SnapshotReader.@Nullable Verified verified) {
      return new Known(verified == null ? State.DAMAGED : State.VERIFIED, verified);
    }
  }

  private final Disk disk;
  private final String directory;
  private final FailureLatch latch;
  private final Consumer<String> report;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final TreeMap<Long, Known> known = new TreeMap<>();

  @GuardedBy("lock")
  private boolean replaced;

  SnapshotStore(Disk disk, String directory, FailureLatch latch, Consumer<String> report)
      throws IOException {
    this.disk = disk;
    this.directory = directory;
    this.latch = latch;
    this.report = report;
    for (long zxid : Layout.snapshots(disk, directory)) {
      known.put(zxid, Known.UNCHECKED);
    }
  }

  /**
   * The newest snapshot up to {@code upToZxid} that is intact; older ones stay unchecked until they
   * are needed.
   */
  @Nullable SnapshotMeta newestVerified(long upToZxid) throws IOException {
    for (long zxid : newestFirst()) {
      SnapshotReader.Verified verified = zxid > upToZxid ? null : verified(zxid);
      if (verified != null) {
        return verified.meta();
      }
    }
    return null;
  }

  /** Deletes what is not trusted any more, durably. */
  void deleteAfter(long zxid) throws IOException {
    boolean deleted = false;
    for (long newer : newestFirst()) {
      if (newer > zxid) {
        synchronized (lock) {
          known.remove(newer);
        }
        report.accept(path(newer) + " may hold a state that diverged; deleted");
        disk.delete(path(newer));
        deleted = true;
      }
    }
    if (deleted) {
      disk.syncDirectory(directory);
    }
  }

  /** That snapshot is there and was seen to be intact. */
  void note(SnapshotReader.Verified verified) {
    synchronized (lock) {
      known.put(verified.meta().zxid(), Known.of(verified));
    }
  }

  /** Checks those that were not, newest first. On the snapshot thread. */
  void verifyAll() throws IOException {
    for (long zxid : newestFirst()) {
      try {
        verified(zxid);
      } catch (IOException e) {
        if (isThere(zxid)) {
          throw e;
        }
      }
    }
  }

  private boolean isThere(long zxid) {
    synchronized (lock) {
      return !replaced && known.containsKey(zxid);
    }
  }

  private List<Long> newestFirst() {
    synchronized (lock) {
      List<Long> zxids = new ArrayList<>(known.keySet());
      Collections.reverse(zxids);
      return zxids;
    }
  }

  /** What an intact snapshot says of itself; null if there is none of that zxid. */
  private SnapshotReader.@Nullable Verified verified(long zxid) throws IOException {
    Known entry;
    synchronized (lock) {
      entry = known.get(zxid);
    }
    if (entry == null) {
      return null;
    }
    if (entry.state() != State.UNCHECKED) {
      return entry.verified();
    }
    SnapshotReader.Verified verified = null;
    try (Disk.File file = disk.open(path(zxid))) {
      SnapshotReader.Verified found = SnapshotReader.verify(file);
      Expect.that(
          found.meta().zxid() == zxid,
          "zxid %s expected, found %s",
          Zxid.format(zxid),
          Zxid.format(found.meta().zxid()));
      verified = found;
    } catch (IllegalArgumentException e) {
      report.accept(path(zxid) + " " + e.getMessage() + "; this snapshot does not count");
    }
    synchronized (lock) {
      if (known.containsKey(zxid)) { // retention may have deleted it meanwhile
        known.put(zxid, Known.of(verified));
      }
    }
    return verified;
  }

  /** Part of the file of an intact snapshot; null if there is none. */
  Storage.@Nullable Piece piece(long zxid, long offset, int maxBytes) throws IOException {
    SnapshotReader.Verified verified = verified(zxid);
    if (verified == null) {
      return null;
    }
    try (Disk.File file = disk.open(path(zxid))) {
      long length = verified.length();
      int count = (int) Math.max(0, Math.min(maxBytes, length - offset));
      ByteBuffer bytes = ByteBuffer.allocate(count);
      Layout.readFully(file, offset, bytes);
      if (bytes.remaining() != count) {
        throw new StorageException(
            "%s at offset %d: %d bytes expected, found %d"
                .formatted(path(zxid), offset, count, bytes.remaining()));
      }
      return new Storage.Piece(bytes.array(), length, verified.checksum());
    }
  }

  Storage.SnapshotSink create(SnapshotMeta meta) throws IOException {
    String temporary = path(meta.zxid()) + Layout.TEMPORARY;
    synchronized (lock) {
      if (replaced) {
        return new ReplacedSink();
      }
      Disk.File file = Layout.createAnew(disk, temporary);
      return new Sink(meta, temporary, file, new SnapshotWriter(file, meta));
    }
  }

  /** Null if this history was replaced: its files go, or are gone. */
  Storage.@Nullable SnapshotSource open(long zxid) throws IOException {
    try {
      if (verified(zxid) == null) {
        throw new StorageException(path(zxid) + ": no intact snapshot there");
      }
      Disk.File file = disk.open(path(zxid));
      return new Source(path(zxid), file, new SnapshotReader(file));
    } catch (IOException | StorageException e) {
      if (isReplaced()) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Keeps the newest intact ones, and those that are pinned, and deletes the rest. With fewer
   * intact ones than wanted nothing is deleted, damaged ones neither. Reads no file: one that was
   * not checked yet does not count, and stays as long as there are too few that do (R24).
   *
   * @return zxid of the oldest one kept; {@link Zxid#NONE} if nothing may be purged yet
   */
  long retain(int kept, List<Long> pinned) throws IOException {
    List<Long> zxids = newestFirst();
    int intact = 0;
    long oldestKept = Zxid.NONE;
    List<Long> surplus = new ArrayList<>();
    for (long zxid : zxids) {
      boolean counts = intact < kept && state(zxid) == State.VERIFIED;
      if (counts || pinned.contains(zxid)) {
        intact += counts ? 1 : 0;
        oldestKept = zxid;
      } else {
        surplus.add(zxid);
      }
    }
    if (intact < kept) {
      return Zxid.NONE;
    }
    for (long zxid : surplus) {
      synchronized (lock) {
        known.remove(zxid);
      }
      disk.delete(path(zxid));
    }
    if (!surplus.isEmpty()) {
      disk.syncDirectory(directory);
    }
    return oldestKept;
  }

  private State state(long zxid) {
    synchronized (lock) {
      return known.getOrDefault(zxid, Known.UNCHECKED).state();
    }
  }

  private boolean isReplaced() {
    synchronized (lock) {
      return replaced;
    }
  }

  /** From now on no file of this history is made. */
  void replaced() {
    synchronized (lock) {
      replaced = true;
    }
  }

  private String path(long zxid) {
    return Layout.path(directory, Layout.snapshot(zxid));
  }

  /** Closes a file of which nothing depends any more. */
  private static void closeQuietly(Disk.File file) {
    try {
      file.close();
    } catch (IOException e) {
      // Nothing that was promised depends on it.
      return;
    }
  }

  /** A snapshot under way. */
  private final class Sink implements Storage.SnapshotSink {
    private final SnapshotMeta meta;
    private final String temporary;
    private final Disk.File file;
    private final SnapshotWriter writer;

    Sink(SnapshotMeta meta, String temporary, Disk.File file, SnapshotWriter writer) {
      this.meta = meta;
      this.temporary = temporary;
      this.file = file;
      this.writer = writer;
    }

    @Override
    public void write(ByteBuffer block) {
      latch.run("write of " + temporary, () -> writer.write(block));
    }

    @Override
    public boolean commit() {
      return latch.get("commit of " + temporary, this::finish);
    }

    private boolean finish() throws IOException {
      writer.finish();
      SnapshotReader.Verified verified;
      try {
        verified = SnapshotReader.verify(file);
      } catch (IllegalArgumentException e) {
        throw new StorageException(temporary + " reads back differently: " + e.getMessage(), e);
      }
      file.close();
      synchronized (lock) {
        if (replaced) {
          return false;
        }
        disk.rename(temporary, path(meta.zxid()));
        disk.syncDirectory(directory);
        known.put(meta.zxid(), Known.of(verified));
        return true;
      }
    }

    @Override
    public void abort() {
      closeQuietly(file);
      latch.run(
          "delete of " + temporary,
          () -> {
            synchronized (lock) {
              if (!replaced && disk.exists(temporary)) {
                disk.delete(temporary);
              }
            }
          });
    }
  }

  /** A snapshot of a history that was replaced before it began. */
  private static final class ReplacedSink implements Storage.SnapshotSink {
    @Override
    public void write(ByteBuffer block) {
      block.position(block.limit());
    }

    @Override
    public boolean commit() {
      return false;
    }

    @Override
    public void abort() {
      // There is nothing to forget.
    }
  }

  /** A snapshot being read. */
  private final class Source implements Storage.SnapshotSource {
    private final String path;
    private final Disk.File file;
    private final SnapshotReader reader;

    Source(String path, Disk.File file, SnapshotReader reader) {
      this.path = path;
      this.file = file;
      this.reader = reader;
    }

    @Override
    public SnapshotMeta meta() {
      return reader.meta();
    }

    @Override
    public @Nullable ByteBuffer next() {
      List<@Nullable ByteBuffer> block = new ArrayList<>(1);
      latch.run("read of " + path, () -> block.add(readBlock()));
      return block.get(0);
    }

    private @Nullable ByteBuffer readBlock() throws IOException {
      try {
        return reader.next();
      } catch (IllegalArgumentException e) {
        throw new StorageException(path + " " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      closeQuietly(file);
    }
  }
}
