package io.quorate.recipes.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.CreateOptions;
import io.quorate.client.NoAuthException;
import io.quorate.client.QuorateClient;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.EnsembleFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Goal: the traps that all recipes have in common (c5 to c26), and the backlog (q10). Method: real
 * clients on a real ensemble of three servers.
 */
class QueueTrapsTest extends EnsembleFixture {
  private static final int BACKLOG = Boolean.getBoolean("quorate.long") ? 10_000 : 1_000;
  private static final Duration SHORT = Duration.ofMillis(200);

  private WorkQueue<String> queue(QuorateClient client) {
    return Recipes.on(client).queue(path, Codec.TEXT);
  }

  private QuorateClient lonely() {
    return kept(
        QuorateClient.builder("127.0.0.1:1").clientName("lonely").requestTimeout(SHORT).build());
  }

  @Test
  void q10_backlog_isWorkedOffOnceEach_andLeavesNoFolders() throws InterruptedException {
    QuorateClient producing = client("p");
    WorkQueue<String> producer = queue(producing);
    List<CompletableFuture<List<String>>> puts = new ArrayList<>();
    for (int i = 0; i < BACKLOG; i += 100) {
      puts.add(producer.putAll(IntStream.range(i, i + 100).mapToObj(n -> "item-" + n).toList()));
    }
    for (CompletableFuture<List<String>> each : puts) {
      assertThat(get(each)).hasSize(100);
    }
    assertThat(get(producer.sizes()).ready()).isEqualTo(BACKLOG);
    Map<String, Integer> done = new ConcurrentHashMap<>();
    ExecutorService executor = Executors.newFixedThreadPool(16);
    for (String name : List.of("a", "b")) {
      queue(client(name)).consume(8, executor, item -> done.merge(item.value(), 1, Integer::sum));
    }

    await("an empty queue", () -> get(producer.sizes()).equals(new QueueSizes(0, 0, 0, 0)));

    assertThat(done).hasSize(BACKLOG);
    assertThat(done.values()).containsOnly(1);
    assertThat(get(producing.children(path + "/ready/4")).names()).hasSizeLessThanOrEqualTo(3);
    executor.shutdown();
  }

  @Test
  void c5_serverKilled_sessionLives_itemStaysWithItsTaker() throws InterruptedException {
    QuorateClient client = kept(ensemble.client(ensemble.clientBuilder("a").sessionTimeout(LONG)));
    WorkQueue<String> queue = queue(client);
    get(queue.put("x"));
    Item<String> item = queue.take(LONG).orElseThrow();

    ensemble.killLeader();
    get(item.ack());

    assertThat(queue.take(Duration.ZERO)).isEmpty();
    assertThat(get(queue.sizes())).isEqualTo(new QueueSizes(0, 0, 0, 0));
  }

  @Test
  void c11_interruptedTake_takesNothing() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"));
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                thrown.complete(new AssertionError("took " + queue.take(LONG)));
              } catch (InterruptedException e) {
                thrown.complete(e);
              }
            });
    thread.start();
    await("the thread to wait", () -> thread.getState() != Thread.State.RUNNABLE);
    thread.interrupt();
    assertThat(get(thrown)).isInstanceOf(InterruptedException.class);

    get(queue.put("x"));
    assertThat(queue.take(LONG).orElseThrow().attempt()).isEqualTo(1);
  }

  @Test
  void c12_closedWhileSomebodyWaits_tellsThem() {
    WorkQueue<String> queue = queue(client("a"));
    CompletableFuture<Optional<Item<String>>> waiting = queue.takeAsync(LONG);
    queue.close();
    queue.close();

    assertThatThrownBy(() -> get(waiting)).isInstanceOf(QueueClosedException.class);
    assertThatThrownBy(() -> get(queue.put("x"))).isInstanceOf(QueueClosedException.class);
  }

  @Test
  void c15_notPermitted_isToldToWhoeverPutsOrTakes() throws InterruptedException {
    QuorateClient client = client("a");
    get(client.create(path.substring(0, path.lastIndexOf('/')), null));
    get(
        client.create(
            path,
            null,
            CreateOptions.of(CreateMode.PERSISTENT)
                .withAcl(List.of(new Acl(Acl.READ, Acl.OPEN.get(0).identity())))));
    WorkQueue<String> queue = queue(client);

    assertThatThrownBy(() -> get(queue.put("x"))).isInstanceOf(NoAuthException.class);
    assertThatThrownBy(() -> get(queue.takeAsync(LONG))).isInstanceOf(NoAuthException.class);
  }

  @Test
  void c19_takeAndCloseInACallback_doNotDeadlock_andWaitingThereIsRefused()
      throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"));
    get(queue.put("x"));
    CompletableFuture<Void> closed =
        queue
            .takeAsync(LONG)
            .thenAccept(
                item -> {
                  assertThatThrownBy(() -> queue.take(SHORT))
                      .isInstanceOf(IllegalStateException.class);
                  item.orElseThrow().close();
                  queue.close();
                });

    get(closed);
  }

  @Test
  void c21_noServer_takeReturnsInTime_andPutFailsInTime() throws InterruptedException {
    WorkQueue<String> queue = queue(lonely());

    assertThat(queue.take(SHORT)).isEmpty();
    assertThatThrownBy(() -> queue.put("x").join()).isInstanceOf(CompletionException.class);
  }

  @Test
  void c23_namespaceAndOddNames_workAlsoWhenBounded() throws InterruptedException {
    get(client("root").create("/größe", null));
    QuorateClient client =
        kept(
            ensemble.client(
                ensemble.clientBuilder("ü").namespace("/größe").sessionTimeout(SESSION)));
    WorkQueue<String> queue =
        Recipes.on(client).queue("/wört er", Codec.TEXT, QueueOptions.DEFAULT.capacity(1));
    get(queue.put("ä"));

    assertThatThrownBy(() -> get(queue.put("ö"))).isInstanceOf(QueueFullException.class);
    assertThat(queue.take(LONG).orElseThrow().value()).isEqualTo("ä");
    get(queue.put("ö"));
  }

  @Test
  void c26_aHundredQueuesOnOneClient_haveNoThreadsOfTheirOwn() throws InterruptedException {
    QuorateClient client = client("a");
    Recipes recipes = Recipes.on(client);
    WorkQueue<String> first = recipes.queue(path + "-first", Codec.TEXT);
    assertThat(first.take(SHORT)).isEmpty();
    int before = Thread.activeCount();
    List<CompletableFuture<Optional<Item<String>>>> waiting = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      waiting.add(recipes.queue(path + i, Codec.TEXT).takeAsync(Duration.ofSeconds(1)));
    }
    for (CompletableFuture<Optional<Item<String>>> each : waiting) {
      assertThat(get(each)).isEmpty();
    }

    assertThat(Thread.activeCount()).isLessThan(before + 10);
  }
}
