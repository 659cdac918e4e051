package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.data.Zxid;
import io.quorate.server.base.InvariantViolation;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.StorageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What storage promises without faults, on a simulated and on a real disk. */
abstract class FileStorageContract {
  final Bench bench = new Bench(1);
  Storage storage = bench.storage(bench.disk);

  abstract Disk disk();

  Recovered start() {
    storage = bench.storage(disk());
    return storage.recover();
  }

  Recovered restart() {
    storage.close();
    return start();
  }

  @Test
  void emptyDirectory_isRecoveredAsEmpty() {
    Recovered recovered = start();
    assertThat(recovered.promise()).isNull();
    assertThat(recovered.snapshot()).isNull();
    assertThat(recovered.log().isEmpty()).isTrue();
    assertThat(recovered.log().baseZxid()).isEqualTo(Zxid.NONE);
    assertThat(bench.reports).isEmpty();
  }

  @Test
  void savedPromise_isRecovered() {
    start();
    storage.savePromise(Bench.promise(7));
    assertThat(restart().promise()).isEqualTo(Bench.promise(7));
    storage.savePromise(Bench.promise(8));
    storage.savePromise(Bench.promise(9));
    assertThat(restart().promise()).isEqualTo(Bench.promise(9));
    assertThat(bench.reports).isEmpty();
  }

  @Test
  void directoryOfAnotherNode_isRefused() {
    start();
    storage.close();
    Storage other = new FileStorage(disk(), 2, Bench.TINY, bench.reports::add);
    assertThatThrownBy(other::recover)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("belongs to node 1")
        .hasMessageContaining("node 2");
    other.close();
  }

  @Test
  void entriesAcrossManySegments_areReadBackAndRecovered() {
    start();
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      List<LogEntry> batch = bench.entries(7, i * 20);
      storage.append(batch);
      storage.sync();
      entries.addAll(batch);
    }
    List<LogEntry> large = bench.entries(2, 2 << 20);
    storage.append(large);
    storage.sync();
    entries.addAll(large);
    assertThat(Bench.names(Bench.readAll(storage, Zxid.NONE))).isEqualTo(Bench.names(entries));
    Recovered recovered = restart();
    assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(entries));
    assertThat(recovered.holes()).isEmpty();
    assertThat(Bench.names(Bench.readAll(storage, recovered))).isEqualTo(Bench.names(entries));
    List<LogEntry> more = bench.entries(5, 10);
    storage.append(more);
    storage.sync();
    entries.addAll(more);
    assertThat(Bench.hashes(restart())).isEqualTo(Bench.hashes(entries));
    assertThat(bench.reports).isEmpty();
  }

  @Test
  void read_startsAfterThePositionAndKeepsToItsLimit() {
    start();
    List<LogEntry> entries = bench.entries(40, 100);
    storage.append(entries);
    storage.sync();
    List<LogEntry> some = storage.read(entries.get(4).zxid(), 300);
    assertThat(Bench.names(some)).isEqualTo(Bench.names(entries.subList(5, 7)));
    assertThat(storage.read(entries.get(4).zxid(), 1)).hasSize(1);
    assertThat(storage.read(entries.get(39).zxid(), 1000)).isEmpty();
    assertThat(storage.read(Zxid.of(9, 9), 1000)).isEmpty();
  }

  @Test
  void entryThatDoesNotFollow_isRefused() {
    start();
    List<LogEntry> entries = bench.entries(3, 10);
    storage.append(entries.subList(0, 1));
    assertThatThrownBy(() -> storage.append(entries.subList(2, 3)))
        .isInstanceOf(InvariantViolation.class);
  }

  @Test
  void cutAtEveryEntry_leavesThePrefixAndTakesANewContinuation() {
    start();
    List<LogEntry> entries = bench.entries(60, 150);
    storage.append(entries);
    storage.sync();
    for (int kept = 55; kept >= 0; kept -= 5) {
      long zxid = kept == 0 ? Zxid.NONE : entries.get(kept - 1).zxid();
      long hash = kept == 0 ? 0 : entries.get(kept - 1).chainHash();
      storage.truncateAfter(zxid, hash);
      List<LogEntry> expected = new ArrayList<>(entries.subList(0, kept));
      assertThat(Bench.names(Bench.readAll(storage, Zxid.NONE))).isEqualTo(Bench.names(expected));
      expected.addAll(bench.after(zxid, hash).entries(2, 9));
      storage.append(expected.subList(kept, kept + 2));
      storage.sync();
      assertThat(Bench.names(Bench.readAll(storage, Zxid.NONE))).isEqualTo(Bench.names(expected));
      assertThat(Bench.hashes(restart())).isEqualTo(Bench.hashes(expected));
      storage.truncateAfter(zxid, hash);
    }
    assertThat(bench.reports).isEmpty();
  }

  @Test
  void cutToUnknownPosition_isRefused() {
    start();
    storage.append(bench.entries(3, 10));
    assertThatThrownBy(() -> storage.truncateAfter(Zxid.of(1, 1), 5))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("no such entry");
    assertThatThrownBy(storage::sync)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("failed before");
  }

  @Test
  void snapshot_isReadBackAndRecovered() {
    start();
    List<LogEntry> entries = bench.entries(10, 10);
    storage.append(entries);
    storage.sync();
    LogEntry at = entries.get(6);
    assertThat(Bench.snapshot(storage, at)).isTrue();
    Storage.SnapshotSink aborted = storage.createSnapshot(Bench.meta(entries.get(7)));
    aborted.write(Bench.blocks(at).get(0));
    aborted.abort();
    assertThat(Bench.readSnapshot(storage, at.zxid())).isEqualTo(Bench.blocks(at));
    Recovered recovered = restart();
    assertThat(recovered.snapshot()).isEqualTo(Bench.meta(at));
    assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(entries));
    assertThat(Bench.readSnapshot(storage, at.zxid())).isEqualTo(Bench.blocks(at));
    assertThat(storage.readSnapshotPiece(entries.get(7).zxid(), 0, 10)).isNull();
  }

  @Test
  void retention_keepsTheNewestSnapshotsAndTheLogAfterTheOldestOfThem() {
    start();
    List<LogEntry> entries = bench.entries(200, 100);
    for (int i = 0; i < 200; i++) {
      storage.append(entries.subList(i, i + 1));
      storage.sync();
      if (i % 50 == 49) {
        Bench.snapshot(storage, entries.get(i));
        long base = storage.retain(List.of());
        long oldestKept = i < 99 ? Zxid.NONE : entries.get(i - 50).zxid();
        assertThat(base).isLessThanOrEqualTo(oldestKept);
        assertThat(base == Zxid.NONE).isEqualTo(i < 99);
      }
    }
    assertThat(storage.readSnapshotPiece(entries.get(99).zxid(), 0, 10)).isNull();
    assertThat(storage.readSnapshotPiece(entries.get(149).zxid(), 0, 10)).isNotNull();
    long base = storage.retain(List.of());
    Recovered recovered = restart();
    assertThat(recovered.log().baseZxid()).isEqualTo(base).isGreaterThan(entries.get(99).zxid());
    assertThat(recovered.log().lastHash()).isEqualTo(entries.get(199).chainHash());
    assertThat(recovered.snapshot()).isEqualTo(Bench.meta(entries.get(199)));
    assertThat(bench.reports).isEmpty();
  }

  @Test
  void stagedHistory_replacesTheOldOne() {
    start();
    List<LogEntry> entries = bench.entries(80, 100);
    storage.append(entries.subList(0, 70));
    storage.sync();
    LogEntry at = entries.get(60);
    Bench.snapshot(storage, at);
    byte[] file = Bench.snapshotFile(storage, at.zxid());
    storage.truncateAfter(entries.get(9).zxid(), entries.get(9).chainHash());
    storage.savePromise(Bench.promise(3));
    storage.stageBegin();
    storage.stagePiece(0, new byte[] {1, 2, 3});
    assertThat(storage.stageSeal()).isNull();

    storage.stageBegin();
    for (int from = 0; from < file.length; from += 500) {
      int to = Math.min(file.length, from + 500);
      storage.stagePiece(from, Arrays.copyOfRange(file, from, to));
    }
    SnapshotMeta meta = storage.stageSeal();
    assertThat(meta).isEqualTo(Bench.meta(at));
    storage.stageAppend(entries.subList(61, 70));
    Storage.SnapshotSink late = storage.createSnapshot(Bench.meta(entries.get(5)));
    Recovered switched = storage.stageSwitch();
    late.write(Bench.blocks(at).get(0));
    assertThat(late.commit()).isFalse();
    assertThat(storage.openSnapshot(entries.get(5).zxid())).isNull();
    storage.append(entries.subList(70, 80));
    storage.sync();
    Recovered recovered = restart();
    assertThat(switched.log().baseZxid()).isEqualTo(at.zxid());
    assertThat(Bench.hashes(switched)).isEqualTo(Bench.hashes(entries.subList(61, 70)));
    assertThat(recovered.snapshot()).isEqualTo(meta);
    assertThat(recovered.promise()).isEqualTo(Bench.promise(3));
    assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(entries.subList(61, 80)));
    assertThat(Bench.readSnapshot(storage, at.zxid())).isEqualTo(Bench.blocks(at));
  }
}
