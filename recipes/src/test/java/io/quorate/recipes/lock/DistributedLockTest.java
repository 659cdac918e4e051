package io.quorate.recipes.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.GrantLostException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.GrantLoss;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/**
 * Goal: the promises of the lock, trap by trap. Method: real clients on a real ensemble of three
 * servers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DistributedLockTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration SESSION = Duration.ofSeconds(1);

  private EmbeddedEnsemble ensemble;
  private final List<QuorateClient> clients = new ArrayList<>();
  private String path = "";

  @BeforeAll
  void startEnsemble() {
    ensemble = EmbeddedEnsemble.start(3);
  }

  @AfterAll
  void stopEnsemble() {
    ensemble.close();
  }

  @BeforeEach
  void choosePath(TestInfo test) {
    path = "/locks/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void closeClients() {
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

  private DistributedLock lock(QuorateClient client) {
    return Recipes.on(client).lock(path);
  }

  private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(taken).as("within " + LONG).isNotNull();
    return taken;
  }

  private int queued(QuorateClient client) throws InterruptedException {
    client.blocking().sync();
    return client.blocking().children(path).names().size();
  }

  @Test
  void freeLock_isGrantedWithATokenAndADeadline() throws InterruptedException {
    QuorateClient client = client("a");

    try (Grant grant = lock(client).acquire(LONG)) {
      assertThat(grant.isHeld()).isTrue();
      assertThat(grant.fencingToken()).isPositive();
      assertThat(grant.safeUntil().remaining()).isPositive().isLessThanOrEqualTo(SESSION);
      assertThat(queued(client)).isEqualTo(1);
    }

    assertThat(queued(client)).isZero();
  }

  @Test
  void threeWaiters_areServedInTheOrderTheyCame_withGrowingTokens() throws InterruptedException {
    QuorateClient holder = client("holder");
    Grant first = lock(holder).acquire(LONG);
    List<Long> tokens =
        Collections.synchronizedList(new ArrayList<>(List.of(first.fencingToken())));
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (String name : List.of("b", "c", "d")) {
      QuorateClient waiter = client(name);
      int before = queued(holder);
      done.add(
          lock(waiter)
              .acquireAsync(LONG)
              .thenCompose(
                  grant -> {
                    order.add(name);
                    tokens.add(grant.fencingToken());
                    return grant.releaseAsync();
                  }));
      ensemble.await(
          name + " to queue",
          () -> {
            try {
              return queued(holder) == before + 1;
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
    }

    first.close();
    CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).join();

    assertThat(order).containsExactly("b", "c", "d");
    assertThat(tokens).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void heldLock_timesOutAndSaysWhoHoldsIt_andLeavesNothingBehind() throws InterruptedException {
    QuorateClient holder = client("holder@host-1");
    QuorateClient waiter = client("waiter");
    Grant held = lock(holder).acquire(LONG);

    assertThatThrownBy(() -> lock(waiter).acquire(SHORT))
        .isInstanceOf(AcquireTimeoutException.class)
        .hasMessageContaining(path)
        .hasMessageContaining("within 200 ms")
        .hasMessageContaining("holder@host-1")
        .hasMessageContaining(Long.toHexString(holder.sessionId()))
        .hasMessageContaining(Long.toHexString(held.fencingToken()));

    ensemble.await(
        "the waiter's znode to be gone",
        () -> {
          try {
            return queued(holder) == 1;
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    held.close();
  }

  @Test
  void tryAcquire_tellsAtOnceWhetherItIsFree() throws InterruptedException {
    QuorateClient a = client("a");
    QuorateClient b = client("b");

    try (Grant held = lock(a).tryAcquire().orElseThrow()) {
      assertThat(held.isHeld()).isTrue();
      assertThat(lock(b).tryAcquire()).isEmpty();
    }
    assertThat(lock(b).tryAcquire()).isPresent();
  }

  @Test
  void noServer_timesOutInTime_andSaysSo() {
    QuorateClient lonely = QuorateClient.builder("127.0.0.1:1").clientName("lonely").build();
    clients.add(lonely);

    assertThatThrownBy(() -> lock(lonely).acquire(SHORT))
        .isInstanceOf(AcquireTimeoutException.class)
        .hasMessageContaining("no server");
  }

  @Test
  void tryAcquireWithoutServer_isNoAnswerAndNotTheAnswerNo() {
    QuorateClient lonely =
        QuorateClient.builder("127.0.0.1:1").clientName("lonely").requestTimeout(SHORT).build();
    clients.add(lonely);

    assertThatThrownBy(() -> lock(lonely).tryAcquire())
        .isInstanceOf(AcquireTimeoutException.class)
        .hasMessageContaining("no server");
  }

  @Test
  void timeoutsBeyondEveryClock_areForever() throws InterruptedException {
    QuorateClient client = client("a");

    for (Duration forever :
        List.of(
            Duration.ofSeconds(Long.MAX_VALUE),
            ChronoUnit.FOREVER.getDuration(),
            Duration.ofDays(365 * 400))) {
      lock(client).acquire(forever).close();
    }
    assertThatThrownBy(() -> lock(client).acquireAsync(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void pathBeyondTheLimit_isRefusedAtOnce() {
    path = "/" + "x".repeat(9_000);

    assertThatThrownBy(() -> lock(client("a")).acquire(LONG))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void callbackThread_mustNotWait() throws InterruptedException {
    QuorateClient client = client("a");
    BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();

    client
        .scheduler()
        .executor()
        .execute(
            () -> {
              try {
                lock(client).acquire(LONG);
              } catch (IllegalStateException | InterruptedException e) {
                thrown.add(e);
              }
            });

    assertThat(take(thrown))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("acquireAsync");
  }

  @Test
  void interruptedWaiter_givesItsPlaceUp() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    Grant held = lock(holder).acquire(LONG);
    BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                lock(waiter).acquire(LONG);
              } catch (InterruptedException e) {
                thrown.add(e);
              }
            });
    thread.start();
    ensemble.await("the waiter to queue", () -> names(holder).size() == 2);

    thread.interrupt();

    assertThat(take(thrown)).isInstanceOf(InterruptedException.class);
    ensemble.await("its znode to go", () -> names(holder).size() == 1);
    held.close();
  }

  private List<String> names(QuorateClient client) {
    return client.sync().thenCompose(synced -> client.children(path)).join().names();
  }

  @Test
  void cancelledWish_isNotGrantedLater() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    Grant held = lock(holder).acquire(LONG);
    CompletableFuture<Grant> wish = lock(waiter).acquireAsync(LONG);
    ensemble.await("the waiter to queue", () -> names(holder).size() == 2);

    assertThat(wish.cancel(false)).isTrue();

    ensemble.await("its znode to go", () -> names(holder).size() == 1);
    held.close();
    assertThat(lock(holder).tryAcquire()).isPresent();
  }

  @Test
  void leaderKilled_lockIsKept() throws InterruptedException {
    QuorateClient client = client("a");
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    try (Grant grant = lock(client).acquire(LONG)) {
      grant.onLost(losses::add);

      ensemble.killLeader();
      client.blocking().multi(grant.guard(), Op.create(path + "-proof", null));

      assertThat(grant.isHeld()).isTrue();
      assertThat(losses).isEmpty();
    }
  }

  @Test
  void sessionExpired_holderIsToldOnce_andTheNextHasAHigherToken() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    Grant lost = lock(holder).acquire(LONG).onLost(losses::add);
    CompletableFuture<Grant> next = lock(waiter).acquireAsync(LONG);

    ensemble.expireSession(holder);
    Grant granted = next.join();

    GrantLoss loss = take(losses);
    assertThat(loss.cause()).isEqualTo(GrantLoss.Cause.SESSION_LOST);
    assertThat(loss.fencingToken()).isEqualTo(lost.fencingToken());
    assertThat(lost.isHeld()).isFalse();
    assertThat(lost.safeUntil().hasPassed()).isTrue();
    assertThat(granted.fencingToken()).isGreaterThan(lost.fencingToken());
    assertThatThrownBy(() -> holder.blocking().multi(lost.guard(), Op.create(path + "-late", null)))
        .isInstanceOfSatisfying(
            GrantLostException.class, e -> assertThat(e.expected()).isEqualTo(lost.fencingToken()));
    lost.close();
    assertThat(losses).isEmpty();
    assertThat(granted.isHeld()).isTrue();
    granted.close();
  }

  @Test
  void frozenHolder_learnsOfTheLossFirstThing_andItsGuardedWriteIsRefused()
      throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    Grant stale = lock(holder).acquire(LONG).onLost(losses::add);
    CompletableFuture<Grant> next = lock(waiter).acquireAsync(LONG);

    Subscription frozen = ensemble.freeze(holder);
    Grant granted = next.join();
    assertThat(stale.isHeld()).as("by its own clock, although nothing of it ran").isFalse();
    frozen.close();

    assertThat(take(losses).cause()).isEqualTo(GrantLoss.Cause.SESSION_LOST);
    assertThatThrownBy(
            () -> holder.blocking().multi(stale.guard(), Op.create(path + "-late", null)))
        .isInstanceOf(GrantLostException.class);
    granted.close();
  }

  @Test
  void isolatedHolder_signalsLossBeforeTheOtherIsGranted() throws InterruptedException {
    int cutOff = ensemble.followers().get(0);
    QuorateClient holder = ensemble.clientOf(cutOff, "holder");
    clients.add(holder);
    Grant stale = lock(holder).acquire(LONG);
    CompletableFuture<Long> lostAt = new CompletableFuture<>();
    stale.onLost(loss -> lostAt.complete(System.nanoTime()));
    int elsewhere = ensemble.ids().stream().filter(id -> id != cutOff).findFirst().orElseThrow();
    QuorateClient waiter = ensemble.clientOf(elsewhere, "waiter");
    clients.add(waiter);
    CompletableFuture<Long> grantedAt =
        lock(waiter).acquireAsync(LONG).thenApply(granted -> System.nanoTime());
    ensemble.await("the waiter to queue", () -> names(waiter).size() == 2);

    ensemble.isolate(cutOff);

    assertThat(lostAt.join()).isLessThan(grantedAt.join());
  }

  @Test
  void ownZnodeDeletedByAnOperator_isALoss() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient operator = client("operator");
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    Grant grant = lock(holder).acquire(LONG).onLost(losses::add);

    operator.blocking().delete(path + "/" + names(operator).get(0));

    assertThat(take(losses).cause()).isEqualTo(GrantLoss.Cause.ZNODE_DELETED);
    assertThat(grant.isHeld()).isFalse();
    assertThat(lock(holder).tryAcquire()).isPresent();
  }

  @Test
  void waiterWhoseZnodeIsDeleted_queuesAgain() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    Grant held = lock(holder).acquire(LONG);
    CompletableFuture<Grant> wish = lock(waiter).acquireAsync(LONG);
    ensemble.await("the waiter to queue", () -> names(holder).size() == 2);
    String before = Collections.max(names(holder));

    holder.blocking().delete(path + "/" + before);

    ensemble.await(
        "another znode of the waiter",
        () -> names(holder).size() == 2 && !names(holder).contains(before));
    held.close();
    wish.join().close();
  }

  @Test
  void waiterWhoseSessionIsLost_queuesAgainBehindALongHolder() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    Grant held = lock(holder).acquire(LONG);
    CompletableFuture<Grant> wish = lock(waiter).acquireAsync(LONG);
    ensemble.await("the waiter to queue", () -> names(holder).size() == 2);
    long oldSession = waiter.sessionId();

    ensemble.expireSession(waiter);

    ensemble.await("a new session", () -> waiter.sessionId() != oldSession);
    ensemble.await("a new place in the queue", () -> names(holder).size() == 2);
    held.close();
    wish.join().close();
  }

  @Test
  void waiterBetweenLeaves_successorStillWaitsForTheHolder() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient middle = client("middle");
    QuorateClient last = client("last");
    Grant held = lock(holder).acquire(LONG);
    CompletableFuture<Grant> leaving = lock(middle).acquireAsync(LONG);
    ensemble.await("the middle to queue", () -> names(holder).size() == 2);
    CompletableFuture<Grant> waiting = lock(last).acquireAsync(LONG);
    ensemble.await("the last to queue", () -> names(holder).size() == 3);

    leaving.cancel(false);
    ensemble.await("the middle to leave", () -> names(holder).size() == 2);

    assertThat(waiting).isNotDone();
    held.close();
    waiting.join().close();
  }

  @Test
  void releaseTwice_andReleaseAfterLoss_areHarmless() throws InterruptedException {
    QuorateClient client = client("a");
    Grant grant = lock(client).acquire(LONG);

    grant.close();
    grant.close();
    grant.releaseAsync().join();

    Grant again = lock(client).acquire(LONG);
    assertThat(again.isHeld()).isTrue();
    assertThat(again.fencingToken()).isGreaterThan(grant.fencingToken());
  }

  @Test
  void notesOfPeopleBelowTheLock_doNotMatter() throws InterruptedException {
    QuorateClient client = client("a");
    lock(client).acquire(LONG).close();
    client.blocking().create(path + "/README", "ask team x".getBytes(StandardCharsets.UTF_8));

    assertThat(lock(client).tryAcquire()).isPresent();
  }

  @Test
  void lockNodeDeletedWhileIdle_isMadeAgain() throws InterruptedException {
    QuorateClient client = client("a");
    lock(client).acquire(LONG).close();
    client.blocking().delete(path);

    assertThat(lock(client).tryAcquire()).isPresent();
  }

  @Test
  void call_throwsIfTheGrantWasLostBeforeTheEnd() {
    QuorateClient client = client("a");

    assertThatThrownBy(
            () ->
                lock(client)
                    .call(
                        LONG,
                        grant -> {
                          ensemble.expireSession(client);
                          ensemble.await("the loss", () -> !grant.isHeld());
                          return 42;
                        }))
        .isInstanceOf(GrantLostException.class);
  }

  @Test
  void holder_isDescribed() throws InterruptedException {
    QuorateClient client = client("a@host");
    assertThat(lock(client).holder().join()).isEmpty();

    try (Grant grant = lock(client).acquire(LONG)) {
      LockHolder holder = lock(client).holder().join().orElseThrow();

      assertThat(holder.clientName()).isEqualTo("a@host");
      assertThat(holder.sessionId()).isEqualTo(client.sessionId());
      assertThat(holder.fencingToken()).isEqualTo(grant.fencingToken());
    }
  }

  @Test
  void contendedThroughLeaderChanges_grantsNeverOverlap() throws InterruptedException {
    int workers = 4;
    int grantsEach = 12;
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    for (int i = 0; i < workers; i++) {
      QuorateClient client = client("worker-" + i);
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < grantsEach; n++) {
                    try (Grant grant = lock(client).acquire(LONG)) {
                      if (inside.incrementAndGet() != 1 && grant.isHeld()) {
                        overlaps.incrementAndGet();
                      }
                      tokens.add(grant.fencingToken());
                      client.blocking().exists(path);
                      inside.decrementAndGet();
                    }
                  }
                } catch (RuntimeException | InterruptedException e) {
                  failures.add(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    int killed = ensemble.killLeader();
    ensemble.restart(killed);

    for (Thread thread : threads) {
      thread.join(LONG.toMillis() * 3);
    }

    assertThat(failures).isEmpty();
    assertThat(tokens).hasSize(workers * grantsEach).isSorted().doesNotHaveDuplicates();
    assertThat(overlaps).hasValue(0);
  }
}
