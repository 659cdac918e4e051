package io.quorate.recipes.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.GrantLostException;
import io.quorate.client.NoAuthException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.GrantHistory;
import io.quorate.recipes.base.GrantLoss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

/**
 * Goal: the traps that locks of others fell into, and the options. Method: real clients on a real
 * ensemble; what is in the queue is read from the ensemble.
 */
@SuppressWarnings("LockNotBeforeTry") // the locking is what is looked at
class LockTrapsTest extends LockTestBase {

  // ---- what it costs

  @Test
  void cost_acquireReleaseAndHandOver_areOneReplicatedRoundTripEach() throws InterruptedException {
    QuorateClient observer = client("observer");
    DistributedLock lock = recipes("a").lock(path);
    DistributedLock other = recipes("b").lock(path);
    lock.acquire(LONG).close();

    long before = zxidNow(observer);
    Grant grant = lock.acquire(LONG);
    long acquired = zxidNow(observer);
    CompletableFuture<Grant> next = other.acquireAsync(LONG);
    awaitQueued(observer, 2);
    long queued = zxidNow(observer);
    grant.close();
    Grant second = next.join();
    long handedOver = zxidNow(observer);
    second.close();
    long released = zxidNow(observer);

    assertThat(acquired - before).as("acquire, and the probe").isEqualTo(2);
    assertThat(queued - acquired).as("queue, and the probe").isEqualTo(2);
    assertThat(handedOver - queued).as("hand-over, and the probe").isEqualTo(2);
    assertThat(released - handedOver).as("release, and the probe").isEqualTo(2);
  }

  // ---- the mutex

  @Test
  void l1_manyClientsWithFaults_neverOverlapAndTokensGrow() throws InterruptedException {
    GrantHistory history = new GrantHistory();
    List<Thread> threads = new ArrayList<>();
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    List<QuorateClient> holders = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      QuorateClient client = client("holder-" + i);
      holders.add(client);
      DistributedLock lock = Recipes.on(client).lock(path);
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < 60; n++) {
                    Grant grant = lock.acquire(LONG);
                    GrantHistory.End end =
                        history.granted(client.clientName(), grant.fencingToken());
                    grant.onLost(loss -> end.now());
                    end.now();
                    grant.close();
                  }
                } catch (RuntimeException | InterruptedException e) {
                  failures.add(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    ensemble.await("some grants", () -> history.size() > 20);
    ensemble.expireSession(holders.get(0));
    int killed = ensemble.killLeader();
    ensemble.restart(killed);
    ensemble.expireSession(holders.get(1));
    for (Thread thread : threads) {
      thread.join(LONG.toMillis());
    }

    assertThat(failures).isEmpty();
    assertThat(history.size()).isEqualTo(240);
    assertThat(history.problems()).isEmpty();
  }

  @Test
  void l2_tokensGrow_throughAnewDirectoryAndANewLeader() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path);
    List<Long> tokens = new ArrayList<>();

    tokens.add(tokenOf(lock));
    client.blocking().delete(path);
    tokens.add(tokenOf(lock));
    int killed = ensemble.killLeader();
    tokens.add(tokenOf(lock));
    ensemble.restart(killed);
    tokens.add(tokenOf(lock));

    assertThat(tokens).isSorted().doesNotHaveDuplicates();
  }

  private static long tokenOf(DistributedLock lock) throws InterruptedException {
    try (Grant grant = lock.acquire(LONG)) {
      return grant.fencingToken();
    }
  }

  @Test
  void l3_guardedWriteOfAnEarlierHolder_isRefused() throws InterruptedException {
    QuorateClient client = client("a");
    Grant first = Recipes.on(client).lock(path).acquire(LONG);
    first.close();
    Grant second = Recipes.on(client).lock(path).acquire(LONG);

    assertThatThrownBy(() -> client.blocking().multi(first.guard(), Op.create("/late", null)))
        .isInstanceOf(GrantLostException.class);
    assertThat(client.blocking().multi(second.guard(), Op.exists("/late")).existence(1)).isEmpty();
    second.close();
  }

  @Test
  void l4_znodeDeletedWhileWaitingBehindALongHolder_queuesAgainAtOnce()
      throws InterruptedException {
    QuorateClient holder = client("holder");
    Grant held = Recipes.on(holder).lock(path).acquire(LONG);
    CompletableFuture<Grant> waiting = recipes("waiter").lock(path).acquireAsync(LONG);
    awaitQueued(holder, 2);
    String place = names(holder).get(1);

    holder.blocking().delete(ZnodePath.child(path, place));

    ensemble.await(
        "another place", () -> names(holder).size() == 2 && !names(holder).contains(place));
    held.close();
    waiting.join().close();
  }

  @Test
  void l5_sessionLostWhileHolding_reentryIsRefused() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path, LockOptions.DEFAULT.reentrant(3));
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    Grant grant = lock.acquire(LONG).onLost(losses::add);

    ensemble.expireSession(client);
    take(losses);

    assertThatThrownBy(() -> lock.acquire(LONG))
        .isInstanceOf(GrantLostException.class)
        .hasMessageContaining("has not closed");
    grant.close();
    try (Grant again = lock.acquire(LONG)) {
      assertThat(again.fencingToken()).isGreaterThan(grant.fencingToken());
    }
  }

  @Test
  void l6_l7_predecessorsThatLeave_passTheirPlaceOn() throws InterruptedException {
    QuorateClient holder = client("holder");
    Grant held = Recipes.on(holder).lock(path).acquire(LONG);
    List<CompletableFuture<Grant>> waiting = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      waiting.add(recipes("waiter-" + i).lock(path).acquireAsync(LONG));
      awaitQueued(holder, 2 + i);
    }

    waiting.get(4).cancel(false);
    waiting.get(1).cancel(false);
    waiting.get(0).cancel(false);
    awaitQueued(holder, 4);

    assertThat(waiting.get(2)).isNotDone();
    held.close();
    Grant second = waiting.get(2).join();
    assertThat(waiting.get(3)).isNotDone();
    second.close();
    Grant third = waiting.get(3).join();
    third.close();
    waiting.get(5).join().close();
    awaitQueued(holder, 0);
  }

  @Test
  void l8_reentrancy_isForTheThreadOfTheObject_upToTheLimit() throws Exception {
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path, LockOptions.DEFAULT.reentrant(2));
    DistributedLock sameElsewhere = Recipes.on(client).lock(path, LockOptions.DEFAULT.reentrant(2));

    Grant outer = lock.acquire(LONG);
    Grant inner = lock.acquire(LONG);

    assertThat(inner.fencingToken()).isEqualTo(outer.fencingToken());
    assertThatThrownBy(() -> lock.acquire(LONG)).isInstanceOf(ReentrancyLimitException.class);
    assertThatThrownBy(() -> sameElsewhere.acquire(SHORT))
        .isInstanceOf(AcquireTimeoutException.class);
    CompletableFuture<Boolean> otherThread = new CompletableFuture<>();
    Thread other =
        new Thread(
            () -> {
              try {
                otherThread.complete(lock.tryAcquire().isPresent());
              } catch (InterruptedException | RuntimeException e) {
                otherThread.completeExceptionally(e);
              }
            });
    other.start();
    assertThat(otherThread.get(LONG.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
    assertThat(lock.acquireAsync(Duration.ZERO))
        .as("without a thread")
        .failsWithin(LONG)
        .withThrowableThat()
        .withCauseInstanceOf(AcquireTimeoutException.class);
    outer.close();
    outer.close();
    assertThat(inner.isHeld()).isTrue();
    assertThat(names(client)).hasSize(1);
    inner.close();
    assertThat(inner.isHeld()).isFalse();
    assertThat(names(client)).isEmpty();
    lock.acquire(LONG).close();
  }

  @Test
  void l9_grantIsReleasedByAnyThread() throws Exception {
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path, LockOptions.DEFAULT.reentrant(2));
    Grant grant = lock.acquire(LONG);

    CompletableFuture.runAsync(grant::close).get(LONG.toMillis(), TimeUnit.MILLISECONDS);

    assertThat(names(client)).isEmpty();
    lock.acquire(LONG).close();
  }

  @Test
  void l10_lateRelease_keepsANewerZnodeOfTheSameName() throws InterruptedException {
    QuorateClient client = client("a");
    Grant grant = Recipes.on(client).lock(path).acquire(LONG);
    String place = ZnodePath.child(path, names(client).get(0));

    client.blocking().multi(Op.delete(place), Op.create(place, null, CreateMode.EPHEMERAL));
    grant.releaseAsync().join();

    assertThat(client.blocking().exists(place)).isPresent();
  }

  @Test
  void l11_releaseWithoutServers_happensWhenTheyAreBack() throws InterruptedException {
    QuorateClient client =
        ensemble.client(ensemble.clientBuilder("a").sessionTimeout(Duration.ofSeconds(10)));
    Grant grant = Recipes.on(client).lock(path).acquire(LONG);
    ensemble.ids().forEach(ensemble::kill);

    CompletableFuture<Void> released = grant.releaseAsync();
    assertThat(grant.isHeld()).isFalse();
    ensemble.ids().forEach(ensemble::restart);
    ensemble.awaitServing();

    assertThat(released).succeedsWithin(LONG);
    Recipes.on(client).lock(path).acquire(LONG).close();
    client.close();
  }

  @Test
  void l12_timeoutsOfAllSizes_areFine() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path);
    for (Duration timeout :
        List.of(Duration.ZERO, Duration.ofSeconds(-5), Duration.ofSeconds(Long.MAX_VALUE))) {
      try (Grant grant = lock.acquire(timeout)) {
        assertThat(grant.isHeld()).isTrue();
      }
    }
  }

  @Test
  void l13_timeoutsAtTheMomentOfTheGrant_leaveNoHalf() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path);
    DistributedLock other = recipes("b").lock(path);
    int granted = 0;
    for (int i = 0; i < 40; i++) {
      Grant held = lock.acquire(LONG);
      CompletableFuture<Grant> waiting = other.acquireAsync(Duration.ofMillis(1 + i % 12));
      CompletableFuture<Void> released = held.releaseAsync();
      try {
        waiting.join().close();
        granted++;
        released.join();
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(AcquireTimeoutException.class);
      }
    }
    awaitQueued(client, 0);
    assertThat(granted).isPositive();
  }

  @Test
  void l14_longestHold_isToldBeforeTheNextIsGranted() throws InterruptedException {
    QuorateClient client = client("a");
    Duration hold = Duration.ofMillis(1500);
    Grant grant = Recipes.on(client).lock(path, LockOptions.DEFAULT.maxHold(hold)).acquire(LONG);
    assertThat(grant.safeUntil().remaining()).isLessThanOrEqualTo(hold);
    CompletableFuture<GrantLoss> lost = new CompletableFuture<>();
    CompletableFuture<Long> lostAt = new CompletableFuture<>();
    grant.onLost(
        loss -> {
          lostAt.complete(System.nanoTime());
          lost.complete(loss);
        });

    Grant next = recipes("b").lock(path).acquire(LONG);
    long nextAt = System.nanoTime();

    assertThat(lost.join().cause()).isEqualTo(GrantLoss.Cause.HOLD_EXPIRED);
    assertThat(lostAt.join()).isLessThan(nextAt);
    assertThat(grant.isHeld()).isFalse();
    assertThat(client.sessionId()).as("the session goes on").isNotZero();
    assertThatThrownBy(() -> client.blocking().multi(grant.guard(), Op.create("/late", null)))
        .isInstanceOf(GrantLostException.class);
    grant.close();
    assertThat(next.isHeld()).isTrue();
    next.close();
  }

  @Test
  void l14_closedAfterTheLongestHold_isFreeAtOnce() throws InterruptedException {
    QuorateClient client = client("a");
    Grant grant =
        Recipes.on(client)
            .lock(path, LockOptions.DEFAULT.maxHold(Duration.ofSeconds(60)))
            .acquire(LONG);
    grant.close();

    assertThat(names(client)).isEmpty();
  }

  @Test
  void l16_afterADeadHolder_nobodyIsGrantedForTheDelay_evenIfTheNextDiesToo()
      throws InterruptedException {
    LockOptions options = LockOptions.DEFAULT.lockDelay(Duration.ofMillis(1500));
    QuorateClient holder = client("holder");
    QuorateClient second = client("second");
    QuorateClient third = client("third");
    Grant held = Recipes.on(holder).lock(path, options).acquire(LONG);
    CompletableFuture<Grant> next = Recipes.on(second).lock(path, options).acquireAsync(LONG);
    awaitQueued(holder, 3);
    CompletableFuture<Grant> last = Recipes.on(third).lock(path, options).acquireAsync(LONG);
    awaitQueued(holder, 4);

    long diedAt = System.nanoTime();
    ensemble.expireSession(holder);
    ensemble.await("the delay to run", () -> markerExpires(third));
    assertThat(next).isNotDone();
    ensemble.expireSession(second);
    Grant granted = last.join();

    assertThat(Duration.ofNanos(System.nanoTime() - diedAt))
        .isGreaterThanOrEqualTo(Duration.ofMillis(1300));
    assertThat(granted.fencingToken()).isGreaterThan(held.fencingToken());
    assertThat(granted.isHeld()).isTrue();
    granted.close();
    next.join().close();
  }

  private boolean markerExpires(QuorateClient client) {
    try {
      return client
          .blocking()
          .exists(ZnodePath.child(path, HeldMarker.NAME))
          .filter(stat -> stat.expiresAtMillis() != 0)
          .isPresent();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void l16_afterARelease_thereIsNoDelay() throws InterruptedException {
    LockOptions options = LockOptions.DEFAULT.lockDelay(Duration.ofDays(1));
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path, options);

    lock.acquire(LONG).close();
    assertThat(names(client)).isEmpty();
    CompletableFuture<Grant> waiting;
    try (Grant grant = lock.acquire(LONG)) {
      waiting = recipes("b").lock(path, options).acquireAsync(LONG);
      awaitQueued(client, 3);
    }

    waiting.join().close();
    assertThat(names(client)).isEmpty();
  }

  @Test
  void l16_whoAsksOnceDuringTheDelay_isToldWhy() throws InterruptedException {
    LockOptions options = LockOptions.DEFAULT.lockDelay(Duration.ofDays(1));
    QuorateClient holder = client("holder");
    Grant held = Recipes.on(holder).lock(path, options).acquire(LONG);
    ensemble.expireSession(holder);

    assertThatThrownBy(() -> recipes("b").lock(path, options).acquire(Duration.ZERO))
        .isInstanceOf(AcquireTimeoutException.class)
        .hasMessageContaining("held has to go first");
    held.close();
  }

  @Test
  void l17_foreignZnodes_areIgnored() throws InterruptedException {
    QuorateClient client = client("a");
    Recipes.on(client).lock(path).acquire(LONG).close();
    for (String name : List.of("note", "lock-", "lock-12", "lock-000000000x", "a-0000000000")) {
      client.blocking().create(ZnodePath.child(path, name), null);
    }

    Recipes.on(client).lock(path).acquire(LONG).close();

    assertThat(names(client)).hasSize(5);
  }

  // ---- the JDK's interface

  @Test
  void lockView_isOwnedByTheThread() throws Exception {
    QuorateClient client = client("a");
    Lock lock = Recipes.on(client).lock(path).asLock();

    lock.lock();
    assertThat(names(client)).hasSize(1);
    CompletableFuture<Throwable> elsewhere =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                lock.unlock();
                return null;
              } catch (IllegalMonitorStateException e) {
                return e;
              }
            });
    assertThat(elsewhere.get(LONG.toMillis(), TimeUnit.MILLISECONDS)).isNotNull();
    assertThat(lock.tryLock()).as("not reentrant").isFalse();
    lock.unlock();

    assertThat(names(client)).isEmpty();
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
    assertThat(lock.tryLock(1, TimeUnit.SECONDS)).isTrue();
    lock.unlock();
    assertThatThrownBy(lock::newCondition).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void lockView_ofALostLock_saysSoAtUnlock() throws InterruptedException {
    QuorateClient client = client("a");
    Lock lock = Recipes.on(client).lock(path).asLock();
    lock.lock();
    BlockingQueue<Object> losses = new LinkedBlockingQueue<>();
    client.onSessionLost(losses::add);

    ensemble.expireSession(client);
    take(losses);

    assertThatThrownBy(lock::unlock).isInstanceOf(GrantLostException.class);
    lock.lock();
    lock.unlock();
  }

  @Test
  void lockView_waitsThroughInterrupts_andKeepsThem() throws Exception {
    QuorateClient client = client("a");
    Grant held = Recipes.on(client).lock(path).acquire(LONG);
    Lock lock = recipes("b").lock(path).asLock();
    CountDownLatch got = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiter =
        new Thread(
            () -> {
              lock.lock();
              got.countDown();
              interrupted.complete(Thread.interrupted());
              lock.unlock();
            });
    waiter.start();
    awaitQueued(client, 2);
    waiter.interrupt();
    awaitQueued(client, 2);
    held.close();

    assertThat(got.await(LONG.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    assertThat(interrupted.join()).isTrue();
  }

  // ---- common traps

  @Test
  void c7_wishOfADeadSession_isQueuedInTheNext() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    Grant held = Recipes.on(holder).lock(path).acquire(LONG);
    CompletableFuture<Grant> waiting = Recipes.on(waiter).lock(path).acquireAsync(LONG);
    awaitQueued(holder, 2);
    long session = waiter.sessionId();

    ensemble.expireSession(waiter);
    ensemble.await("another session", () -> waiter.sessionId() != session);
    awaitQueued(holder, 2);
    held.close();

    assertThat(waiting.join().isHeld()).isTrue();
  }

  @Test
  void c10_frozenWaiter_isNotGrantedWhatItsSessionLost() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    Grant held = Recipes.on(holder).lock(path).acquire(LONG);
    CompletableFuture<Grant> waiting = Recipes.on(waiter).lock(path).acquireAsync(LONG);
    awaitQueued(holder, 2);

    Subscription frozen = ensemble.freeze(waiter);
    awaitQueued(holder, 1);
    held.close();
    Grant between = Recipes.on(holder).lock(path).acquire(LONG);
    frozen.close();
    awaitQueued(holder, 2);

    assertThat(waiting).isNotDone();
    between.close();
    assertThat(waiting.join().fencingToken()).isGreaterThan(between.fencingToken());
  }

  @Test
  void c12_closedClient_endsWaiting() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient waiter = client("waiter");
    Grant held = Recipes.on(holder).lock(path).acquire(LONG);
    CompletableFuture<Grant> waiting = Recipes.on(waiter).lock(path).acquireAsync(LONG);
    awaitQueued(holder, 2);

    waiter.close();

    assertThat(waiting).failsWithin(LONG);
    awaitQueued(holder, 1);
    held.close();
  }

  @Test
  void c14_directoryDeletedBetween_isMadeAgain() throws InterruptedException {
    QuorateClient client = client("a");
    for (int i = 0; i < 5; i++) {
      Recipes.on(client).lock(path).acquire(LONG).close();
      client.blocking().delete(path);
    }
  }

  @Test
  void c15_refusedByTheAcl_failsAtOnce() throws InterruptedException {
    QuorateClient client = client("a");
    QuorateClient owner = client("owner");
    if (owner.blocking().exists("/locks").isEmpty()) {
      owner.blocking().create("/locks", null);
    }
    owner.blocking().create(path, null);
    owner.blocking().setAcl(path, Acl.READ_ONLY);

    assertThat(Recipes.on(client).lock(path).acquireAsync(LONG))
        .failsWithin(LONG)
        .withThrowableThat()
        .withCauseInstanceOf(NoAuthException.class);
  }

  @Test
  void c16_manyTimeoutsAndCancels_leaveNothingBehind() throws InterruptedException {
    QuorateClient holder = client("holder");
    DistributedLock lock = recipes("waiter").lock(path);
    Grant held = Recipes.on(holder).lock(path).acquire(LONG);
    List<CompletableFuture<Grant>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      CompletableFuture<Grant> waiting = lock.acquireAsync(Duration.ofMillis(1 + i % 50));
      all.add(waiting);
      if (i % 2 == 0) {
        waiting.cancel(false);
      }
    }
    all.forEach(each -> assertThat(each).failsWithin(LONG));

    awaitQueued(holder, 1);
    held.close();
    lock.acquire(LONG).close();
    awaitQueued(holder, 0);
  }

  @Test
  void c18_c19_listenersThatThrowOrReenter_hurtNobody() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedLock lock = Recipes.on(client).lock(path);
    Grant grant = lock.acquire(LONG);
    CompletableFuture<Grant> again = new CompletableFuture<>();
    grant.onLost(
        loss -> {
          throw new IllegalStateException("a listener of a test");
        });
    grant.onLost(
        loss -> {
          grant.close();
          CompletableFuture<Void> next = lock.acquireAsync(LONG).thenAccept(again::complete);
          assertThat(next).isNotCompletedExceptionally();
        });

    ensemble.expireSession(client);

    assertThat(again).succeedsWithin(LONG);
    again.join().close();
  }

  @Test
  void c23_namespaceAndStrangeNames_areTheSameLock() throws InterruptedException {
    QuorateClient plain = client("plain");
    if (plain.blocking().exists("/locks").isEmpty()) {
      plain.blocking().create("/locks", null);
    }
    QuorateClient inside = ensemble.client(ensemble.clientBuilder("inside").namespace("/locks"));
    String name = "schl\u00fcssel %2F \u4e2d";

    try (Grant grant = Recipes.on(inside).lock("/" + name).acquire(LONG)) {
      assertThat(Recipes.on(plain).lock("/locks/" + name).tryAcquire()).isEmpty();
      assertThat(inside.blocking().multi(grant.guard(), Op.exists("/")).existence(1)).isPresent();
    }
    inside.close();
  }

  @Test
  void meters_countWhoWaitsWhoHoldsAndWhatWasLost() throws InterruptedException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    QuorateClient client =
        ensemble.client(ensemble.clientBuilder("metered").sessionTimeout(SESSION).meters(registry));
    Grant grant = Recipes.on(client).lock(path).acquire(LONG);
    CompletableFuture<Grant> waiting = Recipes.on(client).lock(path).acquireAsync(LONG);
    awaitQueued(client, 2);

    assertThat(registry.get("quorate.recipes.held").longTaskTimer().activeTasks()).isEqualTo(1);
    assertThat(registry.get("quorate.recipes.waiting").longTaskTimer().activeTasks()).isEqualTo(1);
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    grant.onLost(losses::add);
    ensemble.expireSession(client);
    take(losses);
    waiting.join().close();

    assertThat(registry.get("quorate.recipes.lost").counter().count()).isEqualTo(1);
    assertThat(registry.get("quorate.recipes.held").longTaskTimer().activeTasks()).isZero();
    assertThat(registry.get("quorate.recipes.attempts").tag("outcome", "granted").timer().count())
        .isEqualTo(2);
    client.close();
  }

  // ---- several locks

  @Test
  void m1_multiLocksInOppositeOrder_doNotWaitForEachOther() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    for (int i = 0; i < 2; i++) {
      String[] paths = {path + "/a", path + "/b"};
      Recipes recipes = recipes("m" + i);
      MultiLock both =
          i == 0 ? recipes.lockAll(paths[0], paths[1]) : recipes.lockAll(paths[1], paths[0]);
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < 20; n++) {
                    both.acquire(LONG).close();
                  }
                } catch (RuntimeException | InterruptedException e) {
                  failures.add(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join(LONG.toMillis());
    }

    assertThat(failures).isEmpty();
  }

  @Test
  void m2_oneDeadlineForAll_andAllReleasedOnFailure() throws InterruptedException {
    QuorateClient client = client("a");
    QuorateClient other = client("b");
    Grant held = Recipes.on(other).lock(path + "/b").acquire(LONG);
    MultiLock all = Recipes.on(client).lockAll(path + "/c", path + "/b", path + "/a");

    assertThatThrownBy(() -> all.acquire(SHORT))
        .isInstanceOf(AcquireTimeoutException.class)
        .hasMessageContaining("/b");
    assertThat(Recipes.on(other).lock(path + "/a").acquire(LONG).isHeld()).isTrue();
    CompletableFuture<MultiGrant> cancelled =
        Recipes.on(client).lockAll(path + "/b", path + "/d").acquireAsync(LONG);
    cancelled.cancel(false);
    held.close();
    Recipes.on(other).lock(path + "/b").acquire(LONG).close();

    try (MultiGrant two = Recipes.on(client).lockAll(path + "/d", path + "/e").acquire(LONG)) {
      assertThat(client.blocking().multi(two.guards(Op.exists("/"))).existence(2)).isPresent();
      assertThat(two.safeUntil().remaining()).isPositive();
    }
  }
}
