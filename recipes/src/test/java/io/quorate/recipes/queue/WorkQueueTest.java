package io.quorate.recipes.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.GrantLostException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.CreateMode;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.GrantLoss;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/**
 * Goal: the promises of the queue, trap by trap (q1 to q18). Method: real clients on a real
 * ensemble of three servers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkQueueTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SESSION = Duration.ofSeconds(1);
  private static final Duration NOW = Duration.ZERO;
  private static final QueueOptions OPTIONS =
      QueueOptions.visibility(Duration.ofSeconds(15))
          .maxAttempts(3)
          .backOff(Duration.ofMillis(20), Duration.ofMillis(50));

  private EmbeddedEnsemble ensemble;
  private ExecutorService executor;
  private final List<QuorateClient> clients = new ArrayList<>();
  private final List<WorkQueue<String>> queues = new ArrayList<>();
  private String path = "";

  @BeforeAll
  void startEnsemble() {
    ensemble = EmbeddedEnsemble.start(3);
    executor = Executors.newCachedThreadPool();
  }

  @AfterAll
  void stopEnsemble() {
    executor.shutdownNow();
    ensemble.close();
  }

  @BeforeEach
  void choosePath(TestInfo test) {
    path = "/queues/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void closeClients() {
    queues.forEach(WorkQueue::close);
    queues.clear();
    clients.forEach(QuorateClient::close);
    clients.clear();
    for (int id : ensemble.ids()) {
      if (!ensemble.isRunning(id)) {
        ensemble.restart(id);
      }
    }
    ensemble.heal();
    ensemble.awaitServing();
  }

  private QuorateClient client(String name) {
    QuorateClient client = ensemble.client(ensemble.clientBuilder(name).sessionTimeout(SESSION));
    clients.add(client);
    return client;
  }

  private WorkQueue<String> queue(QuorateClient client) {
    return queue(client, OPTIONS);
  }

  private WorkQueue<String> queue(QuorateClient client, QueueOptions options) {
    WorkQueue<String> queue = Recipes.on(client).queue(path, Codec.TEXT, options);
    queues.add(queue);
    return queue;
  }

  private static List<String> items(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "item-" + i).collect(Collectors.toList());
  }

  private static Item<String> take(WorkQueue<String> queue) throws InterruptedException {
    Optional<Item<String>> item = queue.take(LONG);
    assertThat(item).as("an item within " + LONG).isPresent();
    return item.orElseThrow();
  }

  private static List<String> takeAll(WorkQueue<String> queue, int count)
      throws InterruptedException {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Item<String> item = take(queue);
      values.add(item.value());
      item.ack().join();
    }
    return values;
  }

  private void awaitSizes(WorkQueue<String> queue, QueueSizes wanted) {
    ensemble.await("sizes " + wanted, () -> queue.sizes().join().equals(wanted));
  }

  private static <E> E poll(BlockingQueue<E> queue) throws InterruptedException {
    E polled = queue.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(polled).as("within " + LONG).isNotNull();
    return polled;
  }

  // ---- order

  @Test
  void items_areTakenInTheOrderInWhichTheyWerePut_overManySegments() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"), OPTIONS.segmentItems(7));
    List<CompletableFuture<String>> puts = new ArrayList<>();
    for (String each : items(0, 40)) {
      puts.add(queue.put(each));
    }
    queue.putAll(items(40, 50)).join();
    puts.forEach(CompletableFuture::join);

    assertThat(takeAll(queue, 50)).isEqualTo(items(0, 50));
    assertThat(queue.take(NOW)).isEmpty();
    awaitSizes(queue, new QueueSizes(0, 0, 0, 0));
    List<String> segments =
        clients.get(0).children(path + "/ready/4").join().names().stream()
            .filter(name -> name.startsWith(QueuePaths.SEGMENT))
            .toList();
    assertThat(segments).as("empty ones are deleted, but the last").hasSize(1);
  }

  @Test
  void twoProducers_eachKeepsItsOwnOrder() throws InterruptedException {
    WorkQueue<String> one = queue(client("a"), OPTIONS.segmentItems(5));
    WorkQueue<String> other = queue(client("b"), OPTIONS.segmentItems(5));
    List<CompletableFuture<String>> puts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      puts.add(one.put("a" + (100 + i)));
      puts.add(other.put("b" + (100 + i)));
    }
    WorkQueue<String> consumer = queue(client("c"));
    List<String> taken = takeAll(consumer, 80);
    puts.forEach(CompletableFuture::join);

    assertThat(taken).doesNotHaveDuplicates();
    assertThat(taken.stream().filter(v -> v.startsWith("a")).toList()).hasSize(40).isSorted();
    assertThat(taken.stream().filter(v -> v.startsWith("b")).toList()).hasSize(40).isSorted();
  }

  @Test
  void item_isAGrant_withTokenDeadlineAndGuard() throws InterruptedException {
    QuorateClient client = client("a");
    WorkQueue<String> queue = queue(client);
    String id = queue.put("x").join();

    Item<String> item = take(queue);

    assertThat(item.value()).isEqualTo("x");
    assertThat(item.id()).isEqualTo(id);
    assertThat(item.attempt()).isEqualTo(1);
    assertThat(item.isHeld()).isTrue();
    assertThat(item.safeUntil().remaining()).isPositive().isLessThanOrEqualTo(SESSION);
    client.multi(item.guard(), Op.create("/done-" + id, null)).join();
    item.ack().join();
    item.ack().join();
    assertThat(item.isHeld()).isFalse();
    assertThatThrownBy(() -> client.blocking().multi(item.guard()))
        .isInstanceOf(GrantLostException.class);
  }

  @Test
  void releasedItem_comesBackFirst_andTheAttemptDoesNotCount() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"));
    queue.putAll(items(0, 3)).join();

    Item<String> first = take(queue);
    first.close();

    Item<String> again = take(queue);
    assertThat(again.value()).isEqualTo("item-0");
    assertThat(again.attempt()).isEqualTo(1);
    assertThat(again.fencingToken()).isGreaterThan(first.fencingToken());
  }

  // ---- traps

  @Test
  void q1_consumerKilledMidItem_anotherGetsItAsAttemptTwo() throws InterruptedException {
    QuorateClient dying = client("dying");
    WorkQueue<String> first = queue(dying);
    first.put("x").join();
    Item<String> lost = take(first);
    CompletableFuture<GrantLoss> loss = new CompletableFuture<>();
    lost.onLost(loss::complete);

    WorkQueue<String> second = queue(client("b"));
    ensemble.expireSession(dying);

    Item<String> again = take(second);
    assertThat(again.value()).isEqualTo("x");
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.fencingToken()).isGreaterThan(lost.fencingToken());
    assertThat(loss.join().cause()).isEqualTo(GrantLoss.Cause.SESSION_LOST);
  }

  @Test
  void q2_lateAckWithAnOldToken_isRefused() throws InterruptedException {
    QuorateClient late = client("late");
    WorkQueue<String> first = queue(late);
    first.put("x").join();
    Item<String> stale = take(first);
    ensemble.expireSession(late);
    WorkQueue<String> second = queue(client("b"));
    Item<String> fresh = take(second);

    assertThatThrownBy(() -> late.blocking().await(stale.ack()))
        .isInstanceOf(GrantLostException.class);
    assertThatThrownBy(() -> late.blocking().multi(stale.guard(), Op.create("/never", null)))
        .isInstanceOf(GrantLostException.class);

    fresh.ack().join();
    awaitSizes(second, new QueueSizes(0, 0, 0, 0));
  }

  @Test
  void q3_poisonItem_isTriedThreeTimesAndThenDead_andOthersGoOn() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"));
    queue.putAll(List.of("poison", "good")).join();
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    queue.consume(
        1,
        executor,
        item -> {
          seen.add(item.value() + item.attempt());
          if (item.value().equals("poison")) {
            throw new IllegalStateException("can't");
          }
        });

    awaitSizes(queue, new QueueSizes(0, 0, 0, 1));

    assertThat(seen).containsExactlyInAnyOrder("poison1", "good1", "poison2", "poison3");
    DeadLetter dead = queue.deadLetters().join().get(0);
    assertThat(dead.payload()).asString(StandardCharsets.UTF_8).isEqualTo("poison");
    assertThat(dead.attempts()).isEqualTo(3);
    assertThat(dead.reason()).contains("can't");
  }

  @Test
  void q3_unreadablePayload_isDeadWithItsBytes_andCanBeRequeued() throws InterruptedException {
    QuorateClient client = client("a");
    WorkQueue<String> text = queue(client);
    WorkQueue<Integer> numbers =
        Recipes.on(client)
            .queue(
                path,
                Codec.of(
                    "a number",
                    n -> Integer.toString(n).getBytes(StandardCharsets.UTF_8),
                    bytes -> Integer.parseInt(new String(bytes, StandardCharsets.UTF_8))),
                OPTIONS);
    text.put("no number").join();
    numbers.put(7).join();

    assertThat(numbers.take(LONG).orElseThrow().value()).isEqualTo(7);

    ensemble.await("a dead letter", () -> text.deadLetters().join().size() == 1);
    DeadLetter dead = text.deadLetters().join().get(0);
    assertThat(dead.payload()).asString(StandardCharsets.UTF_8).isEqualTo("no number");
    text.requeue(dead.id()).join();
    assertThat(take(text).value()).isEqualTo("no number");
    assertThat(text.deadLetters().join()).isEmpty();
    numbers.close();
  }

  @Test
  void deadLetter_canBeDeleted() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"), OPTIONS.maxAttempts(1));
    queue.put("x").join();
    take(queue).retry("no").join();
    DeadLetter dead = queue.deadLetters().join().get(0);

    queue.deleteDeadLetter(dead.id()).join();

    assertThat(queue.sizes().join()).isEqualTo(new QueueSizes(0, 0, 0, 0));
  }

  @Test
  void q4q5_leaderKilledUnderPutsTakesAndAcks_nothingIsLostAndNothingIsAckedTwice()
      throws InterruptedException {
    WorkQueue<String> producer = queue(client("p"));
    WorkQueue<String> consumer = queue(client("c"));
    Map<String, Integer> done = new ConcurrentHashMap<>();
    consumer.consume(4, executor, item -> done.merge(item.id(), 1, Integer::sum));
    List<CompletableFuture<String>> puts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      puts.add(producer.put("item-" + i));
      if (i == 150) {
        puts.get(100).join();
        ensemble.killLeader();
      }
    }
    List<String> known = new ArrayList<>();
    int unknown = 0;
    for (CompletableFuture<String> each : puts) {
      try {
        known.add(each.join());
      } catch (CompletionException e) {
        unknown++;
      }
    }
    ensemble.await(
        "all to be done",
        () ->
            done.keySet().containsAll(known)
                && consumer.sizes().join().equals(new QueueSizes(0, 0, 0, 0)));

    assertThat(known.size()).isGreaterThan(100);
    assertThat(done.size()).isBetween(known.size(), known.size() + unknown);
  }

  @Test
  void q6_batchThatDoesNotFit_isNotPutInPart() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"), OPTIONS.capacity(5));
    queue.putAll(items(0, 3)).join();

    assertThatThrownBy(() -> clients.get(0).blocking().await(queue.putAll(items(3, 6))))
        .isInstanceOf(QueueFullException.class)
        .hasMessageContaining("5 items")
        .hasMessageContaining("would have 6");

    assertThat(queue.sizes().join().ready()).isEqualTo(3);
    assertThat(takeAll(queue, 3)).isEqualTo(items(0, 3));
  }

  @Test
  void q7_higherPrioritiesGoFirst_alsoWhenTheyComeLater() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"), OPTIONS.agingEvery(0));
    WorkQueue<String> other = queue(client("b"));
    queue.put("low", PutOptions.DEFAULT.priority(1)).join();
    queue.put("low2", PutOptions.DEFAULT.priority(1)).join();
    queue.put("high", PutOptions.DEFAULT.priority(9)).join();

    assertThat(takeAll(queue, 2)).containsExactly("high", "low");
    other.put("high2", PutOptions.DEFAULT.priority(9)).join();
    assertThat(takeAll(queue, 2)).containsExactly("high2", "low2");
  }

  @Test
  void q7_aging_letsNoPriorityStarve() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"), OPTIONS.agingEvery(4));
    queue.putAll(Collections.nCopies(2, "low"), PutOptions.DEFAULT.priority(0)).join();
    queue.putAll(Collections.nCopies(2, "mid"), PutOptions.DEFAULT.priority(5)).join();
    queue.putAll(Collections.nCopies(30, "high"), PutOptions.DEFAULT.priority(9)).join();

    List<String> taken = takeAll(queue, 20);

    assertThat(taken.stream().filter("low"::equals).count()).isEqualTo(2);
    assertThat(taken.stream().filter("mid"::equals).count()).isEqualTo(2);
    assertThat(taken.subList(0, 3)).containsOnly("high");
  }

  @Test
  void q8q9_delayedItem_isDueInLogTime_andWakesASleepingConsumer() throws InterruptedException {
    WorkQueue<String> producer = queue(client("p"));
    WorkQueue<String> consumer = queue(client("c"));
    CompletableFuture<Optional<Item<String>>> waiting = consumer.takeAsync(LONG);
    long before = System.nanoTime();
    Duration delay = Duration.ofMillis(700);

    producer.put("later", PutOptions.DEFAULT.delay(delay)).join();

    assertThat(producer.sizes().join()).isEqualTo(new QueueSizes(0, 0, 1, 0));
    assertThat(waiting.join().orElseThrow().value()).isEqualTo("later");
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(delay);
  }

  @Test
  void q11_tenProducers_neverExceedTheBound() throws InterruptedException {
    List<CompletableFuture<String>> puts = new ArrayList<>();
    for (int p = 0; p < 10; p++) {
      WorkQueue<String> producer = queue(client("p" + p), OPTIONS.capacity(50));
      for (int i = 0; i < 20; i++) {
        puts.add(producer.put("x"));
      }
    }
    int refused = 0;
    for (CompletableFuture<String> each : puts) {
      try {
        assertThat(each.join()).isNotEmpty();
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(QueueFullException.class);
        refused++;
      }
    }

    assertThat(refused).isEqualTo(150);
    WorkQueue<String> consumer = queues.get(0);
    assertThat(consumer.sizes().join().ready()).isEqualTo(50);
    Item<String> one = take(consumer);
    consumer.put("room again").join();
    one.ack().join();
    assertThat(consumer.sizes().join().ready()).isEqualTo(50);
  }

  @Test
  void q12_itemRequeuedManyTimes_keepsItsNameAndSize() throws InterruptedException {
    QuorateClient client = client("a");
    WorkQueue<String> queue = queue(client, OPTIONS.maxAttempts(100));
    String id = queue.put("x").join();
    int size = 0;
    for (int i = 1; i <= 12; i++) {
      Item<String> item = take(queue);
      assertThat(item.id()).isEqualTo(id);
      assertThat(item.attempt()).isEqualTo(i);
      int length = client.get(path + "/inflight/" + id).join().data().length;
      assertThat(length).isEqualTo(i < 3 ? length : size);
      size = length;
      item.retry("again").join();
    }
  }

  @Test
  void q13_queueDeletedWhileConsumersWait_nextPutWakesThem() throws InterruptedException {
    QuorateClient producing = client("p");
    WorkQueue<String> producer = queue(producing);
    WorkQueue<String> consumer = queue(client("c"));
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    consumer.consume(1, executor, item -> seen.add(item.value()));
    producer.put("before").join();
    assertThat(poll(seen)).isEqualTo("before");
    awaitSizes(producer, new QueueSizes(0, 0, 0, 0));

    deleteAll(producing, path);
    producer.put("after").join();

    assertThat(poll(seen)).isEqualTo("after");
  }

  private static void deleteAll(QuorateClient client, String at) {
    for (String name : client.children(at).join().names()) {
      deleteAll(client, at + "/" + name);
    }
    client.delete(at).exceptionally(gone -> null).join();
  }

  @Test
  void q14_partitionLongerThanTheSession_consumptionResumes() throws InterruptedException {
    WorkQueue<String> producer = queue(client("p"));
    QuorateClient consuming = client("c");
    WorkQueue<String> consumer = queue(consuming);
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    consumer.consume(2, executor, item -> seen.add(item.value()));
    producer.put("before").join();
    assertThat(poll(seen)).isEqualTo("before");

    long session = consuming.sessionId();
    Subscription frozen = ensemble.freeze(consuming);
    ensemble.expireSession(session);
    producer.put("during").join();
    frozen.close();

    assertThat(poll(seen)).isEqualTo("during");
    assertThat(consuming.sessionId()).isNotEqualTo(session);
  }

  @Test
  void q15_handlerThatHangs_losesItsItem_isTold_andOthersGoOn() throws InterruptedException {
    QueueOptions brief =
        QueueOptions.visibility(Duration.ofMillis(500))
            .backOff(Duration.ofMillis(10), Duration.ofMillis(10));
    WorkQueue<String> queue = queue(client("a"), brief);
    CountDownLatch free = new CountDownLatch(1);
    BlockingQueue<Throwable> problems = new LinkedBlockingQueue<>();
    BlockingQueue<String> done = new LinkedBlockingQueue<>();
    queue.onProblem(problems::add);
    queue.consume(
        2,
        executor,
        item -> {
          if (item.value().equals("hangs") && item.attempt() == 1) {
            free.await();
          }
          done.add(item.value() + item.attempt());
        });
    queue.putAll(List.of("hangs", "goes on")).join();

    assertThat(poll(done)).isEqualTo("goes on1");
    assertThat(poll(done)).isEqualTo("hangs2");
    assertThat(poll(problems)).hasMessageContaining("visibility");
    free.countDown();
    assertThat(poll(done)).isEqualTo("hangs1");
    awaitSizes(queue, new QueueSizes(0, 0, 0, 0));
  }

  @Test
  void q15_executorThatRejects_isTold_andTheItemComesAgain() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"));
    AtomicInteger refusals = new AtomicInteger(2);
    BlockingQueue<Throwable> problems = new LinkedBlockingQueue<>();
    BlockingQueue<Integer> done = new LinkedBlockingQueue<>();
    queue.onProblem(problems::add);
    queue.consume(
        1,
        task -> {
          if (refusals.getAndDecrement() > 0) {
            throw new RejectedExecutionException("full");
          }
          executor.execute(task);
        },
        item -> done.add(item.attempt()));
    queue.put("x").join();

    assertThat(poll(done)).as("a refusal is no attempt").isEqualTo(1);
    assertThat(poll(problems)).hasMessage("full");
  }

  @Test
  void q16_closeWithItemsInFlight_finishesTheRunningOnes_andTakesNoMore()
      throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"));
    WorkQueue<String> watcher = queue(client("b"));
    queue.putAll(items(0, 10)).join();
    CountDownLatch free = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(2);
    AtomicInteger done = new AtomicInteger();
    Consumption consumption =
        queue.consume(
            2,
            executor,
            item -> {
              begun.countDown();
              free.await();
              done.incrementAndGet();
            });
    assertThat(begun.await(LONG.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    CompletableFuture<Void> closed = consumption.closeAsync();
    free.countDown();
    closed.join();

    assertThat(done).hasValue(2);
    awaitSizes(watcher, new QueueSizes(8, 0, 0, 0));
    consumption.close();
    queue.close();
    queue.close();
    assertThatThrownBy(() -> queue.take(NOW)).isInstanceOf(QueueClosedException.class);
  }

  @Test
  void q17_foreignZnodes_areSkipped_andWhatLooksLikeAnItemIsBuried() throws InterruptedException {
    QuorateClient client = client("a");
    WorkQueue<String> queue = queue(client);
    queue.put("first").join();
    String segment =
        client.children(path + "/ready/4").join().names().stream()
            .filter(name -> name.startsWith(QueuePaths.SEGMENT))
            .map(name -> path + "/ready/4/" + name)
            .findFirst()
            .orElseThrow();
    client.create(segment + "/README", "hello".getBytes(StandardCharsets.UTF_8)).join();
    client.create(path + "/ready/notes", null).join();
    client.create(path + "/ready/4/other", null).join();
    client
        .create(
            segment + "/i-",
            "junk".getBytes(StandardCharsets.UTF_8),
            CreateMode.PERSISTENT_SEQUENTIAL)
        .join();
    queue.put("second").join();

    assertThat(takeAll(queue, 2)).containsExactly("first", "second");
    assertThat(client.exists(segment + "/README").join()).isPresent();
    ensemble.await("a dead letter", () -> queue.deadLetters().join().size() == 1);
    assertThat(queue.deadLetters().join().get(0).payload())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("junk");
  }

  @Test
  void q18_fiftyIdleConsumers_onePut_wakesTwoOfTenClients() throws InterruptedException {
    List<SimpleMeterRegistry> registries = new ArrayList<>();
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    WorkQueue<String> producer = queue(client("p"));
    producer.put("warm").join();
    assertThat(takeAll(producer, 1)).containsExactly("warm");
    for (int c = 0; c < 10; c++) {
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      QuorateClient client =
          ensemble.client(
              ensemble
                  .clientBuilder("c" + c)
                  .sessionTimeout(Duration.ofSeconds(5))
                  .meters(registry));
      clients.add(client);
      registries.add(registry);
      queue(client).consume(5, executor, item -> seen.add(item.value()));
    }
    QuorateClient watcher = clients.get(0);
    ensemble.await(
        "all to be idle", () -> watcher.children(path + "/idle").join().names().size() == 10);
    double before = wakeUps(registries);

    producer.put("x").join();

    assertThat(poll(seen)).isEqualTo("x");
    awaitSizes(producer, new QueueSizes(0, 0, 0, 0));
    assertThat(wakeUps(registries) - before).isBetween(1.0, 3.0);
  }

  private static double wakeUps(List<SimpleMeterRegistry> registries) {
    return registries.stream()
        .mapToDouble(registry -> registry.get("quorate.recipes.queue.wakeups").counter().count())
        .sum();
  }

  @Test
  void extendedItem_outlivesItsVisibility() throws InterruptedException {
    WorkQueue<String> queue = queue(client("a"), QueueOptions.visibility(Duration.ofMillis(400)));
    queue.putAll(List.of("kept", "lost")).join();
    Item<String> kept = take(queue);
    Item<String> lost = take(queue);
    CompletableFuture<GrantLoss> loss = new CompletableFuture<>();
    lost.onLost(loss::complete);

    kept.extend(LONG).join();

    assertThat(loss.join().cause()).isEqualTo(GrantLoss.Cause.HOLD_EXPIRED);
    Item<String> again = take(queue);
    assertThat(again.id()).isEqualTo(lost.id());
    assertThat(kept.isHeld()).isTrue();
    kept.ack().join();
    assertThatThrownBy(() -> clients.get(0).blocking().await(lost.extend(LONG)))
        .isInstanceOf(GrantLostException.class);
  }
}
