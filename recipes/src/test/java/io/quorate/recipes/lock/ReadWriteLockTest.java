package io.quorate.recipes.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.GrantLostException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.GrantLoss;
import io.quorate.recipes.base.QueueAttempt.Own;
import io.quorate.recipes.base.Standing;
import io.quorate.recipes.base.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/**
 * Goal: many readers or one writer, in the order of the queue. Method: as {@link LockTrapsTest}.
 */
class ReadWriteLockTest extends LockTestBase {

  @Test
  void readers_shareIt_andAWriterIsAlone() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedReadWriteLock lock = Recipes.on(client).readWriteLock(path);
    DistributedReadWriteLock other = recipes("b").readWriteLock(path);

    Grant first = lock.read().acquire(LONG);
    Grant second = other.read().acquire(LONG);
    assertThat(other.read().tryAcquire()).hasValueSatisfying(Grant::close);
    CompletableFuture<WriteGrant> writing = other.write().acquireAsync(LONG);
    awaitQueued(client, 3);
    first.close();
    assertThat(writing).isNotDone();
    second.close();
    WriteGrant writer = writing.join();

    assertThat(lock.read().tryAcquire()).isEmpty();
    assertThat(lock.write().tryAcquire()).isEmpty();
    writer.close();
    assertThat(names(client)).isEmpty();
  }

  @Test
  void rw1_downgrade_keepsThePlaceAndTheToken_andAWaitingWriterWaitsForTheReader()
      throws InterruptedException {
    QuorateClient client = client("a");
    QuorateClient other = client("b");
    WriteGrant writer = Recipes.on(client).readWriteLock(path).write().acquire(LONG);
    CompletableFuture<Grant> readerBehind =
        Recipes.on(other).readWriteLock(path).read().acquireAsync(LONG);
    awaitQueued(client, 2);
    CompletableFuture<WriteGrant> writerBehind =
        Recipes.on(other).readWriteLock(path).write().acquireAsync(LONG);
    awaitQueued(client, 3);
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    writer.onLost(losses::add);

    Grant reader = writer.downgrade();
    Grant besides = readerBehind.join();

    assertThat(reader.fencingToken()).isEqualTo(writer.fencingToken());
    assertThat(writer.isHeld()).isFalse();
    writer.close();
    assertThat(reader.isHeld()).isTrue();
    assertThat(client.blocking().multi(reader.guard(), Op.exists("/")).existence(1)).isPresent();
    assertThat(writerBehind).isNotDone();
    besides.close();
    awaitQueued(client, 2);
    assertThat(writerBehind).isNotDone();
    reader.close();
    writerBehind.join().close();
    assertThat(losses).isEmpty();
    awaitQueued(client, 0);
  }

  @Test
  void rw1_downgradeOfALostWriter_fails() throws InterruptedException {
    QuorateClient client = client("a");
    WriteGrant writer = Recipes.on(client).readWriteLock(path).write().acquire(LONG);
    client.blocking().delete(path + "/" + names(client).get(0));

    assertThatThrownBy(writer::downgrade).isInstanceOf(GrantLostException.class);
    assertThat(names(client)).isEmpty();
  }

  @Test
  void rw2_upgrade_isRefusedAtOnce() throws InterruptedException {
    DistributedReadWriteLock lock = recipes("a").readWriteLock(path);

    try (Grant reader = lock.read().acquire(LONG)) {
      assertThatThrownBy(() -> lock.write().acquire(LONG))
          .isInstanceOf(UpgradeRefusedException.class);
      assertThat(reader.isHeld()).isTrue();
    }
    lock.write().acquire(LONG).close();
  }

  @Test
  void rw3_readerBehindTwoWritersAndAReader_isServed() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedReadWriteLock lock = Recipes.on(client).readWriteLock(path);
    WriteGrant first = lock.write().acquire(LONG);
    CompletableFuture<Grant> reader = lock.read().acquireAsync(LONG);
    awaitQueued(client, 2);
    CompletableFuture<WriteGrant> second = lock.write().acquireAsync(LONG);
    awaitQueued(client, 3);
    CompletableFuture<Grant> last = lock.read().acquireAsync(LONG);
    awaitQueued(client, 4);

    first.close();
    Grant read = reader.join();
    assertThat(second).isNotDone();
    assertThat(last).isNotDone();
    read.close();
    second.join().close();
    last.join().close();
  }

  @Test
  void rw4_manyReadersBehindManyWriters_watchTheNearestOfThem() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 510; i++) {
      names.add((i < 10 ? "write-" : "read-") + String.format("%010d", i));
    }
    Map<String, Integer> watched = new TreeMap<>();
    for (String name : names) {
      Standing standing = Standing.of(names, name, Standing.prefixes("read-", "write-"));
      boolean reads = name.startsWith("read-");
      Verdict verdict =
          (reads ? DistributedReadWriteLock.reading("/x") : DistributedReadWriteLock.writing("/x"))
              .look(standing, new Own("/x/" + name, 1, 1), null);
      if (verdict instanceof Verdict.Wait wait) {
        watched.merge(wait.path(), 1, Integer::sum);
      }
    }

    assertThat(watched).hasSize(10).containsEntry("/x/write-0000000009", 500);
    assertThat(watched.values().stream().filter(count -> count == 1)).hasSize(9);
  }

  @Test
  void rw5_streamOfReaders_doesNotOvertakeAWriter() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedReadWriteLock lock = Recipes.on(client).readWriteLock(path);
    Grant reader = lock.read().acquire(LONG);
    CompletableFuture<WriteGrant> writing = lock.write().acquireAsync(LONG);
    awaitQueued(client, 2);
    List<CompletableFuture<Grant>> stream = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      stream.add(lock.read().acquireAsync(LONG));
    }
    awaitQueued(client, 12);

    assertThat(stream).noneMatch(CompletableFuture::isDone);
    reader.close();
    WriteGrant writer = writing.join();
    assertThat(stream).noneMatch(CompletableFuture::isDone);
    writer.close();
    stream.forEach(each -> each.join().close());
  }
}
