package io.quorate.recipes.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.GrantLoss;
import io.quorate.recipes.base.QueueAttempt.Own;
import io.quorate.recipes.base.Standing;
import io.quorate.recipes.base.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Goal: never more permits out than the limit. Method: as {@link LockTrapsTest}. */
class DistributedSemaphoreTest extends LockTestBase {

  @Test
  void permits_areGrantedUpToTheLimit() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedSemaphore pool = Recipes.on(client).semaphore(path, 3);

    Permits two = pool.acquire(2, LONG);
    assertThat(two.count()).isEqualTo(2);
    assertThat(pool.available().join()).isEqualTo(1);
    assertThat(pool.tryAcquire(2)).isEmpty();
    Optional<Permits> one = pool.tryAcquire(1);
    assertThat(one).isPresent();
    assertThat(pool.tryAcquire(1)).isEmpty();
    CompletableFuture<Permits> waiting = pool.acquireAsync(2, LONG);
    awaitQueued(client, 3);
    two.close();

    assertThat(waiting.join().isHeld()).isTrue();
    waiting.join().close();
    one.orElseThrow().close();
    assertThat(names(client)).isEmpty();
  }

  @Test
  void contended_neverMoreThanTheLimitAreOut() throws InterruptedException {
    AtomicInteger out = new AtomicInteger();
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      DistributedSemaphore pool = recipes("client-" + i).semaphore(path, 4);
      int permits = 1 + i % 3;
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < 25; n++) {
                    try (Permits held = pool.acquire(permits, LONG)) {
                      if (out.addAndGet(held.count()) > 4) {
                        failures.add(new AssertionError("more than 4 are out"));
                      }
                      out.addAndGet(-held.count());
                    }
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
      assertThat(thread.isAlive()).isFalse();
    }

    assertThat(failures).isEmpty();
  }

  @Test
  void s1_permitsOfALostSession_comeBackOnce() throws InterruptedException {
    QuorateClient holder = client("holder");
    QuorateClient client = client("a");
    DistributedSemaphore pool = Recipes.on(client).semaphore(path, 2);
    BlockingQueue<GrantLoss> losses = new LinkedBlockingQueue<>();
    Permits lost = Recipes.on(holder).semaphore(path, 2).acquire(2, LONG);
    lost.onLost(losses::add);
    CompletableFuture<Permits> first = pool.acquireAsync(1, LONG);
    awaitQueued(client, 2);
    CompletableFuture<Permits> second = pool.acquireAsync(1, LONG);
    awaitQueued(client, 3);

    ensemble.expireSession(holder);
    take(losses);
    first.join();
    second.join();
    lost.close();

    assertThat(pool.tryAcquire(1)).isEmpty();
    first.join().close();
    second.join().close();
  }

  @Test
  void s2_interruptedWaiter_leavesNoOrphan() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedSemaphore pool = Recipes.on(client).semaphore(path, 1);
    Permits held = pool.acquire(LONG);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread waiter =
        new Thread(
            () -> {
              try {
                pool.acquire(LONG).close();
                ended.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                ended.complete(e);
              }
            });
    waiter.start();
    awaitQueued(client, 2);

    waiter.interrupt();

    assertThat(ended.join()).isInstanceOf(InterruptedException.class);
    awaitQueued(client, 1);
    held.close();
  }

  @Test
  void s3_anotherLimit_isRefused() throws InterruptedException {
    QuorateClient client = client("a");
    Recipes.on(client).semaphore(path, 8).acquire(LONG).close();

    assertThatThrownBy(() -> recipes("b").semaphore(path, 9).acquire(LONG))
        .isInstanceOfSatisfying(
            LimitMismatchException.class,
            e -> {
              assertThat(e.expected()).isEqualTo(9);
              assertThat(e.found()).isEqualTo(8);
            });
    awaitQueued(client, 0);
  }

  @Test
  void s4_shrinkGivesNoNewPermits_andGrowWakesWaiters() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedSemaphore pool = Recipes.on(client).semaphore(path, 4);
    Permits one = pool.acquire(1, LONG);
    Permits two = pool.acquire(2, LONG);

    pool.setLimit(2).join();
    assertThat(pool.limit().join()).isEqualTo(2);
    CompletableFuture<Permits> waiting = pool.acquireAsync(1, LONG);
    awaitQueued(client, 3);
    CompletableFuture<Permits> last = pool.acquireAsync(1, LONG);
    awaitQueued(client, 4);
    assertThat(two.isHeld()).isTrue();
    assertThat(waiting).isNotDone();
    two.close();
    Permits third = waiting.join();
    assertThat(last).isNotDone();
    pool.setLimit(3).join();
    last.join().close();
    one.close();
    third.close();
    assertThatThrownBy(() -> pool.acquire(4, LONG)).isInstanceOf(LimitMismatchException.class);
  }

  @Test
  void s5_twoWhoAskForMoreThanIsFree_doNotBlockEachOther() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedSemaphore pool = Recipes.on(client).semaphore(path, 4);
    Permits held = pool.acquire(2, LONG);
    CompletableFuture<Permits> first = pool.acquireAsync(3, LONG);
    awaitQueued(client, 2);
    CompletableFuture<Permits> second = pool.acquireAsync(3, LONG);
    awaitQueued(client, 3);

    held.close();
    Permits granted = first.join();
    assertThat(second).isNotDone();
    granted.close();
    second.join().close();
  }

  @Test
  void s6_bigWaiterAtTheHead_isNotOvertaken_andTheSmallOnesFollow() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedSemaphore pool = Recipes.on(client).semaphore(path, 3);
    Permits held = pool.acquire(1, LONG);
    CompletableFuture<Permits> big = pool.acquireAsync(3, LONG);
    awaitQueued(client, 2);
    List<CompletableFuture<Permits>> small = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      small.add(pool.acquireAsync(1, LONG));
      awaitQueued(client, 3 + i);
    }

    assertThat(small).noneMatch(CompletableFuture::isDone);
    held.close();
    big.join().close();
    for (CompletableFuture<Permits> each : small) {
      assertThat(each).as("all of them at once").succeedsWithin(LONG);
    }
    small.forEach(each -> each.join().close());
  }

  @Test
  void s6_waiterAtTheHeadThatGivesUp_letsTheOthersIn() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedSemaphore pool = Recipes.on(client).semaphore(path, 3);
    Permits held = pool.acquire(1, LONG);
    CompletableFuture<Permits> big = pool.acquireAsync(3, LONG);
    awaitQueued(client, 2);
    CompletableFuture<Permits> small = pool.acquireAsync(1, LONG);
    awaitQueued(client, 3);

    big.cancel(false);

    assertThat(small).succeedsWithin(LONG);
    small.join().close();
    held.close();
  }

  @Test
  void s7_doubleRelease_makesNoExtraPermit() throws InterruptedException {
    DistributedSemaphore pool = recipes("a").semaphore(path, 1);
    Permits first = pool.acquire(LONG);
    first.close();
    Permits second = pool.acquire(LONG);
    first.close();
    first.releaseAsync().join();

    assertThat(second.isHeld()).isTrue();
    assertThat(pool.tryAcquire(1)).isEmpty();
    second.close();
  }

  @Test
  void permitsWithALongestHold_comeBack() throws InterruptedException {
    QuorateClient client = client("a");
    DistributedSemaphore pool =
        Recipes.on(client)
            .semaphore(path, 1, SemaphoreOptions.DEFAULT.maxHold(Duration.ofMillis(800)));
    Permits first = pool.acquire(LONG);
    CompletableFuture<GrantLoss> lost = new CompletableFuture<>();
    first.onLost(lost::complete);

    Permits second = pool.acquire(LONG);

    assertThat(lost.orTimeout(20, TimeUnit.SECONDS).join().cause())
        .isEqualTo(GrantLoss.Cause.HOLD_EXPIRED);
    second.close();
  }

  @Test
  void waiters_watchOneZnodeEach_andOnlyTheFrontTheDirectory() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      names.add(PermitQueue.prefix(1) + String.format("%010d", i));
    }
    int atTheFront = 0;
    for (int i = 8; i < 100; i++) {
      Standing standing = Standing.of(names, names.get(i), PermitQueue::prefixOf);
      Verdict verdict =
          new PermitQueue("/x", 1, 8, new byte[0])
              .look(
                  standing,
                  new Own("/x/" + names.get(i), 1, 1),
                  new Znode(
                      StoredLimit.of(8).bytes(),
                      new ZnodeStat(1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 100),
                      1));
      assertThat(verdict).isInstanceOf(Verdict.Wait.class);
      String watched = ((Verdict.Wait) verdict).path();
      if (watched.equals("/x")) {
        atTheFront++;
      } else {
        assertThat(watched).isEqualTo("/x/" + names.get(i - 1));
      }
    }

    assertThat(atTheFront).isEqualTo(1);
  }
}
