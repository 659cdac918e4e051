package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Zxid;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Does things to storage and remembers what must be there after a crash, and what may be there
 * because the step under way had not returned.
 */
final class CrashModel {
  private final Storage storage;
  private final Bench bench;

  /** The whole history, purged entries among it. */
  List<LogEntry> entries = new ArrayList<>();

  /** Entries that must be there: a prefix of {@link #entries}, by count. */
  int must;

  /** Set while a switch is under way: the other history that may be there. */
  @Nullable List<LogEntry> other;

  @Nullable Promise promise;
  @Nullable Promise promiseUnderWay;
  @Nullable SnapshotMeta snapshot;
  @Nullable SnapshotMeta snapshotUnderWay;

  CrashModel(Storage storage, Bench bench) {
    this.storage = storage;
    this.bench = bench;
  }

  void append(int count, int payloadBytes) {
    List<LogEntry> batch = bench.entries(count, payloadBytes);
    entries.addAll(batch);
    storage.append(batch);
  }

  void sync() {
    storage.sync();
    must = entries.size();
  }

  void savePromise(long epoch) {
    promiseUnderWay = Bench.promise(epoch);
    storage.savePromise(promiseUnderWay);
    promise = promiseUnderWay;
  }

  void truncate(int kept) {
    LogEntry last = entries.get(kept - 1);
    must = kept;
    storage.truncateAfter(last.zxid(), last.chainHash());
    entries = new ArrayList<>(entries.subList(0, kept));
    bench.after(last.zxid(), last.chainHash());
  }

  void snapshot(int at) {
    snapshotUnderWay = Bench.meta(entries.get(at));
    Bench.snapshot(storage, entries.get(at));
    snapshot = snapshotUnderWay;
  }

  /** Receives the snapshot at one entry of another history, and what follows it there. */
  void switchTo(byte[] file, List<LogEntry> history, int at) {
    storage.stageBegin();
    for (int from = 0; from < file.length; from += 900) {
      storage.stagePiece(from, Arrays.copyOfRange(file, from, Math.min(file.length, from + 900)));
    }
    SnapshotMeta meta = storage.stageSeal();
    storage.stageAppend(history.subList(at + 1, history.size()));
    other = history;
    snapshotUnderWay = meta;
    storage.stageSwitch();
    entries = new ArrayList<>(history);
    must = entries.size();
    snapshot = meta;
    other = null;
    LogEntry last = entries.get(must - 1);
    bench.after(last.zxid(), last.chainHash());
  }

  /** What was recovered is what had to be kept, at most what was begun, and nothing else. */
  void check(Recovered recovered, Storage reopened) {
    assertThat(recovered.holes()).isEmpty();
    assertThat(recovered.promise()).isIn(promise, promiseUnderWay);
    List<LogEntry> history = entries;
    List<LogEntry> replacement = other;
    if (replacement != null && recovered.log().lastHash() == last(replacement).chainHash()) {
      history = replacement;
      assertThat(recovered.snapshot()).isEqualTo(snapshotUnderWay);
    } else {
      assertThat(recovered.snapshot()).isIn(snapshot, snapshotUnderWay);
      int recoveredCount = indexOf(history, recovered.log().lastZxid()) + 1;
      assertThat(recoveredCount).isBetween(must, entries.size());
    }
    int base = indexOf(history, recovered.log().baseZxid()) + 1;
    List<LogEntry> expected = history.subList(base, base + recovered.log().size());
    assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(expected));
    assertThat(Bench.names(Bench.readAll(reopened, recovered))).isEqualTo(Bench.names(expected));
    SnapshotMeta found = recovered.snapshot();
    if (found != null) {
      LogEntry at = history.get(indexOf(history, found.zxid()));
      assertThat(Bench.readSnapshot(reopened, found.zxid())).isEqualTo(Bench.blocks(at));
    }
  }

  private static LogEntry last(List<LogEntry> entries) {
    return entries.get(entries.size() - 1);
  }

  private static int indexOf(List<LogEntry> entries, long zxid) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).zxid() == zxid) {
        return i;
      }
    }
    assertThat(zxid).isEqualTo(Zxid.NONE);
    return -1;
  }
}
