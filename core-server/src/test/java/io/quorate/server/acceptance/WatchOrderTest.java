package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.client.WatchListener;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodeStat;
import io.quorate.server.embedded.EmbeddedEnsemble;
import io.quorate.server.embedded.QuorateEnsemble;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/**
 * Goal: whoever reads a change has heard of it before (D8), on the leader and on a follower.
 *
 * <p>Method: one client changes a znode through another server, pipelined; the other reads it,
 * pipelined, too, and keeps events and answers in the order in which it is told.
 */
@QuorateEnsemble(servers = 3)
class WatchOrderTest {
  private static final int CHANGES = 600;
  private static final int BURST = 50;
  private static final int ROUNDS = 40;
  private static final int READS_PER_ROUND = 6;

  /** Odd: what is made and undone in turn is not as it was. */
  private static final int CHANGES_PER_ROUND = 3;

  private final EmbeddedEnsemble ensemble;

  WatchOrderTest(EmbeddedEnsemble ensemble) {
    this.ensemble = ensemble;
  }

  /** What a client was told. */
  private sealed interface Told {
    /** Of a change, at its zxid. */
    record Event(ZnodeEvent.Type type, long zxid) implements Told {}

    /** An answer, which shows everything up to this zxid. */
    record Answer(long shownZxid) implements Told {}
  }

  private static void await(QuorateClient client, List<? extends CompletableFuture<?>> futures)
      throws InterruptedException {
    for (CompletableFuture<?> future : futures) {
      client.blocking().await(future);
    }
  }

  /** Changes told by events, in order, and that no answer showed one that was not told before. */
  private static List<Long> assertEventsFirst(List<Told> told, long knownZxid) {
    List<Long> changes = new ArrayList<>();
    long heard = knownZxid;
    for (Told one : told) {
      if (one instanceof Told.Event event) {
        assertThat(event.zxid()).isGreaterThan(heard);
        heard = event.zxid();
        changes.add(heard);
      } else if (one instanceof Told.Answer answer) {
        assertThat(answer.shownZxid())
            .as("an answer shows a change that no event had told")
            .isLessThanOrEqualTo(heard);
      }
    }
    return changes;
  }

  // --- persistent watches ------------------------------------------------------------------------

  private void readerHearsFirst(int reading, int writing, String path) throws InterruptedException {
    QuorateClient writer = ensemble.clientOf(writing, "writer");
    QuorateClient reader = ensemble.clientOf(reading, "reader");
    long knownZxid = writer.blocking().create(path, null).stat().mzxid();
    List<Told> told = new CopyOnWriteArrayList<>();
    reader.blocking().sync();
    reader.blocking().watch(path, event -> told.add(new Told.Event(event.type(), event.zxid())));

    List<CompletableFuture<ZnodeStat>> sets = new ArrayList<>();
    List<CompletableFuture<Void>> gets = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      sets.add(writer.set(path, new byte[] {(byte) i}));
      gets.add(reader.get(path).thenAccept(z -> told.add(new Told.Answer(z.stat().mzxid()))));
      if (i % BURST == BURST - 1) {
        // The next burst waits until the reader's server shows this one: some answers fall between.
        await(writer, sets.subList(i, i + 1));
        reader.blocking().sync();
      }
    }
    // Reads go on as long as changes do.
    while (!sets.get(CHANGES - 1).isDone()) {
      Znode last = reader.blocking().get(path);
      told.add(new Told.Answer(last.stat().mzxid()));
    }
    await(writer, sets);
    await(reader, gets);
    reader.blocking().sync();

    List<Long> written = new ArrayList<>();
    for (CompletableFuture<ZnodeStat> set : sets) {
      written.add(set.join().mzxid());
    }
    assertThat(assertEventsFirst(told, knownZxid)).isEqualTo(written);
    long between =
        told.stream().filter(o -> o instanceof Told.Answer a && isBetween(a, written)).count();
    assertThat(between).as("answers given while changes came in").isPositive();
  }

  private static boolean isBetween(Told.Answer answer, List<Long> written) {
    return answer.shownZxid() >= written.get(0)
        && answer.shownZxid() < written.get(written.size() - 1);
  }

  @Test
  void eventOfAPersistentWatch_precedesTheAnswerThatShowsIt_onAFollower()
      throws InterruptedException {
    readerHearsFirst(ensemble.followers().get(0), ensemble.leader(), "/on-follower");
  }

  @Test
  void eventOfAPersistentWatch_precedesTheAnswerThatShowsIt_onTheLeader()
      throws InterruptedException {
    readerHearsFirst(ensemble.leader(), ensemble.followers().get(0), "/on-leader");
  }

  // --- one-shot watches --------------------------------------------------------------------------

  /** A read that leaves a one-shot watch, or none if it is null; completes with the zxid shown. */
  private interface Look
      extends BiFunction<QuorateClient, WatchListener, CompletableFuture<Long>> {}

  /**
   * In each round a watch is left by one read, then changes and further reads run against each
   * other: one event, before the first answer that shows a change.
   */
  private void firesOnce(
      Look watching, Look plain, BiFunction<QuorateClient, Integer, CompletableFuture<?>> change)
      throws InterruptedException {
    QuorateClient writer = ensemble.clientOf(ensemble.leader(), "writer");
    QuorateClient reader = ensemble.clientOf(ensemble.followers().get(0), "reader");
    reader.blocking().sync();
    for (int round = 0; round < ROUNDS; round++) {
      List<Told> told = new CopyOnWriteArrayList<>();
      long known =
          reader
              .blocking()
              .await(
                  watching.apply(
                      reader, event -> told.add(new Told.Event(event.type(), event.zxid()))));
      List<CompletableFuture<?>> pending = new ArrayList<>();
      List<CompletableFuture<?>> changes = new ArrayList<>();
      for (int i = 0; i < CHANGES_PER_ROUND; i++) {
        changes.add(change.apply(writer, round * CHANGES_PER_ROUND + i));
      }
      for (int i = 0; i < READS_PER_ROUND; i++) {
        pending.add(
            plain.apply(reader, event -> {}).thenAccept(shown -> told.add(new Told.Answer(shown))));
      }
      await(writer, changes);
      await(reader, pending);
      reader.blocking().sync();
      told.add(new Told.Answer(reader.blocking().await(plain.apply(reader, event -> {}))));

      assertThat(told).filteredOn(Told.Event.class::isInstance).hasSize(1);
      int event = told.indexOf(told.stream().filter(Told.Event.class::isInstance).findAny().get());
      for (Told before : told.subList(0, event)) {
        assertThat(before).isEqualTo(new Told.Answer(known));
      }
      Told last = told.get(told.size() - 1);
      assertThat(last).isNotEqualTo(new Told.Answer(known)).isInstanceOf(Told.Answer.class);
    }
  }

  @Test
  void watchOfGet_firesOnceBeforeTheAnswerThatShowsTheChange() throws InterruptedException {
    ensemble.client("maker").blocking().create("/get", null);
    firesOnce(
        (client, listener) -> client.get("/get", listener).thenApply(z -> z.stat().mzxid()),
        (client, listener) -> client.get("/get").thenApply(z -> z.stat().mzxid()),
        (client, i) -> client.set("/get", new byte[] {(byte) (int) i}));
  }

  @Test
  void watchOfExists_firesOnceBeforeTheAnswerThatShowsTheChange() throws InterruptedException {
    // Created and deleted in turn: shown is the czxid, or 0.
    firesOnce(
        (client, listener) -> client.exists("/exists", listener).thenApply(WatchOrderTest::czxid),
        (client, listener) -> client.exists("/exists").thenApply(WatchOrderTest::czxid),
        (client, i) -> i % 2 == 0 ? client.create("/exists", null) : client.delete("/exists"));
  }

  private static long czxid(Optional<ZnodeStat> stat) {
    return stat.map(ZnodeStat::czxid).orElse(0L);
  }

  @Test
  void watchOfChildren_firesOnceBeforeTheAnswerThatShowsTheChange() throws InterruptedException {
    ensemble.client("maker").blocking().create("/children", null);
    firesOnce(
        (client, listener) ->
            client.children("/children", listener).thenApply(c -> c.stat().pzxid()),
        (client, listener) -> client.children("/children").thenApply(c -> c.stat().pzxid()),
        (client, i) -> client.create("/children/c-", null, CreateMode.PERSISTENT_SEQUENTIAL));
  }
}
