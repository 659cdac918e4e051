package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Zxid;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Goal: what stays of log and snapshots, and that the log thread reads no snapshot for it. */
class RetentionTest {
  private static final int SEGMENT_BYTES = StorageOptions.SEGMENT_BYTES_MIN;
  private static final int PAYLOAD_BYTES = 100;

  private final Bench bench = new Bench(5);

  private FileStorage storage(int snapshotsKept, long logBytesKept) {
    StorageOptions options = new StorageOptions(SEGMENT_BYTES, snapshotsKept, logBytesKept);
    return new FileStorage(bench.disk, Bench.NODE, options, bench.reports::add);
  }

  private List<LogEntry> write(Storage storage, int count) {
    List<LogEntry> entries = bench.entries(count, PAYLOAD_BYTES);
    for (LogEntry entry : entries) {
      storage.append(List.of(entry));
    }
    storage.sync();
    return entries;
  }

  private static long recordBytes() {
    return EntryRecord.recordLength(
        LogEntry.following(0, 1, 1, EntryKind.COMMAND, new byte[PAYLOAD_BYTES]).bodyLength());
  }

  @Test
  void logBeforeTheOldestSnapshot_staysUpToItsLimit() {
    long kept = 8L * SEGMENT_BYTES;
    FileStorage storage = storage(1, kept);
    storage.recover();
    List<LogEntry> entries = write(storage, 1_000);
    Bench.snapshot(storage, entries.get(899));
    long base = storage.retain(List.of());
    long before = (entries.get(899).zxid() - base) * recordBytes();
    // Whole segments: the one in which the snapshot lies stays anyway, and one may just not fit.
    assertThat(before).isBetween(kept - SEGMENT_BYTES, kept + 2L * SEGMENT_BYTES);
    assertThat(storage.read(base, 1)).isNotEmpty();
    storage.close();
  }

  @Test
  void pinnedSnapshot_staysWithTheLogAfterIt() {
    FileStorage storage = storage(1, 0);
    storage.recover();
    List<LogEntry> entries = write(storage, 400);
    long pinned = entries.get(99).zxid();
    Bench.snapshot(storage, entries.get(99));
    Bench.snapshot(storage, entries.get(399));
    assertThat(storage.retain(List.of(pinned, Zxid.of(9, 9)))).isLessThanOrEqualTo(pinned);
    assertThat(storage.readSnapshotPiece(pinned, 0, 10)).isNotNull();
    assertThat(storage.read(pinned, 1)).isNotEmpty();

    assertThat(storage.retain(List.of())).isGreaterThan(pinned);
    assertThat(storage.readSnapshotPiece(pinned, 0, 10)).isNull();
    storage.close();
  }

  /** R24: only what was verified counts; and it is verified beside the log thread. */
  @Test
  void snapshotsFoundAtTheStart_countOnceTheyWereVerified() {
    FileStorage storage = storage(2, 0);
    storage.recover();
    List<LogEntry> entries = write(storage, 300);
    Bench.snapshot(storage, entries.get(99));
    Bench.snapshot(storage, entries.get(199));
    Bench.snapshot(storage, entries.get(299));
    storage.close();

    FileStorage again = storage(2, 0);
    again.recover();
    long reads = reads();
    assertThat(again.retain(List.of())).isEqualTo(Zxid.NONE);
    assertThat(reads()).as("reads by retention").isEqualTo(reads);
    again.verifySnapshots();
    long base = again.retain(List.of());
    assertThat(base).isNotEqualTo(Zxid.NONE).isLessThanOrEqualTo(entries.get(199).zxid());
    assertThat(again.readSnapshotPiece(entries.get(99).zxid(), 0, 10)).isNull();
    again.close();
  }

  private long reads;

  private long reads() {
    bench.disk.setHook(
        (operation, name) -> {
          if (operation == SimDisk.Operation.READ && name.endsWith(".snap")) {
            reads++;
          }
        });
    return reads;
  }

  /** What is received is verified as it comes: seal and switch read next to nothing of it. */
  @Test
  void sealAndSwitch_doNotReadTheWholeSnapshotAgain() {
    FileStorage sender = storage(1, 0);
    sender.recover();
    LogEntry at = write(sender, 10).get(9);
    Storage.SnapshotSink sink = sender.createSnapshot(Bench.meta(at));
    for (int i = 0; i < 12; i++) {
      sink.write(ByteBuffer.allocate(SnapshotFormat.BLOCK_BYTES_MAX));
    }
    assertThat(sink.commit()).isTrue();
    Bench other = new Bench(6);
    CountingDisk disk = new CountingDisk(other.disk);
    FileStorage receiver = other.storage(disk);
    receiver.recover();
    receiver.stageBegin();
    long offset = 0;
    long total = 1;
    while (offset < total) {
      Storage.Piece piece =
          Objects.requireNonNull(sender.readSnapshotPiece(at.zxid(), offset, 256 << 10));
      receiver.stagePiece(offset, piece.bytes());
      offset += piece.bytes().length;
      total = piece.totalLength();
    }
    disk.read = 0;
    assertThat(receiver.stageSeal()).isEqualTo(Bench.meta(at));
    assertThat(receiver.stageSwitch().snapshot()).isEqualTo(Bench.meta(at));
    System.out.printf("[staging] %,d bytes received; seal and switch read %,d%n", total, disk.read);
    // The last block and a bit, and an empty log.
    assertThat(disk.read).isLessThan(3L * SnapshotFormat.BLOCK_BYTES_MAX);
    sender.close();
    receiver.close();
  }

  /** Counts the bytes that are read. */
  private static final class CountingDisk extends ForwardingDisk {
    long read;

    CountingDisk(Disk disk) {
      super(disk);
    }

    @Override
    protected File wrap(String name, File file) {
      return new ForwardingFile(file) {
        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
          int count = super.read(offset, into);
          read += count;
          return count;
        }
      };
    }
  }
}
