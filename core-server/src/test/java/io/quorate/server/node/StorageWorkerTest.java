package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Zxid;
import io.quorate.server.replication.Effect;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.Input;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StorageWorkerTest {
  private final MemoryStorage storage = new MemoryStorage(new MemoryStorage.Shelf());
  private final StorageWorker worker = new StorageWorker(storage);

  private static List<LogEntry> entries(int count) {
    List<LogEntry> entries = new ArrayList<>();
    long hash = 0;
    for (int i = 0; i < count; i++) {
      LogEntry entry =
          LogEntry.following(
              hash, Zxid.of(1, i), 1, i == 0 ? EntryKind.EPOCH : EntryKind.COMMAND, new byte[i]);
      entries.add(entry);
      hash = entry.chainHash();
    }
    return entries;
  }

  @Test
  void consecutiveAppends_shareOneSync() {
    List<LogEntry> entries = entries(3);

    List<Input> done =
        worker.execute(
            List.of(
                new Effect.Append(1, entries.subList(0, 1)),
                new Effect.Append(1, entries.subList(1, 3))));

    assertThat(storage.syncs()).isEqualTo(1);
    assertThat(done)
        .containsExactly(
            new Input.Appended(1, Zxid.of(1, 0)), new Input.Appended(1, Zxid.of(1, 2)));
  }

  @Test
  void completions_keepTheOrderOfSubmission() {
    List<LogEntry> entries = entries(2);

    List<Input> done =
        worker.execute(
            List.of(
                new Effect.Append(1, entries),
                new Effect.SavePromise(7, new Promise(1, 2, 3, 1, null)),
                new Effect.Truncate(2, entries.get(0).zxid(), entries.get(0).chainHash()),
                new Effect.Append(2, entries.subList(1, 2)),
                new Effect.ReadLog(9, entries.get(0).zxid(), 1)));

    assertThat(done)
        .containsExactly(
            new Input.Appended(1, Zxid.of(1, 1)),
            new Input.PromiseSaved(7),
            new Input.Truncated(2),
            new Input.Appended(2, Zxid.of(1, 1)),
            new Input.LogRead(9, entries.subList(1, 2)));
    assertThat(storage.syncs()).isEqualTo(2);
  }

  @Test
  void everythingExecuted_survivesACrash() {
    List<LogEntry> entries = entries(2);
    worker.execute(List.of(new Effect.Append(1, entries)));

    storage.crash();

    assertThat(storage.recover().log().lastZxid()).isEqualTo(Zxid.of(1, 1));
  }
}
