package io.quorate.client.dispatch;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class CallbackDispatcherTest {
  private final AtomicLong clock = new AtomicLong();
  private final List<String> ran = java.util.Collections.synchronizedList(new ArrayList<>());
  private final CallbackDispatcher dispatcher =
      new CallbackDispatcher(null, clock::get, "test-callbacks");

  private void execute(String lane, String what) {
    dispatcher.execute(lane, () -> ran.add(what));
  }

  /** A task that has begun, and runs until the latch is released. */
  private CountDownLatch stuck(String lane) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    dispatcher.execute(
        lane,
        () -> {
          begun.countDown();
          try {
            release.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    return release;
  }

  @Test
  void tasks_runInOrderAcrossLanes() throws InterruptedException {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      execute("lane" + i % 7, "t" + i);
      expected.add("t" + i);
    }
    assertThat(dispatcher.drain(ofSeconds(20))).isTrue();
    assertThat(ran).isEqualTo(expected);
  }

  @Test
  void slowTask_isOvertakenByOtherLanesButNotByItsOwn() throws InterruptedException {
    CountDownLatch release = stuck("slow");
    execute("slow", "slow 2");
    execute("a", "a");
    execute("slow", "slow 3");
    execute("b", "b");
    dispatcher.overtakeSlow();
    assertThat(ran).isEmpty();
    clock.set(CallbackDispatcher.SLOW_NANOS);
    dispatcher.overtakeSlow();
    CountDownLatch others = new CountDownLatch(1);
    dispatcher.execute("c", others::countDown);
    assertThat(others.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).containsExactly("a", "b");
    assertThat(dispatcher.slowLanes()).containsExactly("slow");
    release.countDown();
    CountDownLatch own = new CountDownLatch(1);
    dispatcher.execute("slow", own::countDown);
    assertThat(own.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).containsExactly("a", "b", "slow 2", "slow 3");
  }

  @Test
  void throwingTask_doesNotEndTheOthers() throws InterruptedException {
    dispatcher.execute(
        "x",
        () -> {
          throw new IllegalStateException("on purpose");
        });
    execute("x", "after");
    assertThat(dispatcher.drain(ofSeconds(20))).isTrue();
    assertThat(ran).containsExactly("after");
  }

  @Test
  void frozen_nothingBeginsUntilThawed() throws InterruptedException {
    CountDownLatch release = stuck("x");
    assertThat(dispatcher.freeze(ofMillis(20))).isFalse();
    release.countDown();
    assertThat(dispatcher.freeze(ofSeconds(20))).isTrue();
    execute("y", "y");
    assertThat(dispatcher.drain(ofMillis(50))).isFalse();
    assertThat(ran).isEmpty();
    dispatcher.thaw();
    assertThat(dispatcher.drain(ofSeconds(20))).isTrue();
    assertThat(ran).containsExactly("y");
  }

  @Test
  void tooMuchWaiting_isFullUntilHalfOfItHasBegun() {
    ArrayDeque<Runnable> given = new ArrayDeque<>();
    CallbackDispatcher mine = new CallbackDispatcher(given::add, clock::get, "test-callbacks");
    List<Boolean> seen = new ArrayList<>();
    int parts = 16;
    long part = CallbackDispatcher.WAITING_BYTES_MAX / parts - CallbackDispatcher.TASK_BYTES;
    for (int i = 0; i < parts; i++) {
      mine.execute("x", part, () -> seen.add(mine.isFull()));
    }
    assertThat(mine.isFull()).isFalse();
    mine.execute("x", () -> seen.add(mine.isFull()));
    assertThat(mine.isFull()).isTrue();

    given.remove().run();

    assertThat(seen).hasSize(parts + 1);
    assertThat(seen.indexOf(false)).as("the first that sees room again").isEqualTo(parts / 2);
    assertThat(seen.subList(parts / 2, parts)).doesNotContain(true);
  }

  @Test
  void executorThatDoesNotBegin_isNoticed() {
    ArrayDeque<Runnable> given = new ArrayDeque<>();
    CallbackDispatcher mine = new CallbackDispatcher(given::add, clock::get, "test-callbacks");
    mine.execute("x", () -> ran.add("ran"));
    clock.set(CallbackDispatcher.STARVED_NANOS - 1);
    mine.overtakeSlow();
    assertThat(mine.wasStarved()).isFalse();
    clock.set(CallbackDispatcher.STARVED_NANOS);
    mine.overtakeSlow();
    assertThat(mine.wasStarved()).isTrue();
    given.remove().run();
    assertThat(ran).containsExactly("ran");
  }

  @Test
  void callbackThreads_areKnown() throws InterruptedException {
    List<Boolean> inside = new ArrayList<>();
    dispatcher.execute("x", () -> inside.add(dispatcher.onCallbackThread()));
    assertThat(dispatcher.drain(ofSeconds(20))).isTrue();
    assertThat(inside).containsExactly(true);
    assertThat(dispatcher.onCallbackThread()).isFalse();
  }

  @Test
  void executorThatRefuses_isReplacedByAThreadOfOurOwn() throws InterruptedException {
    CallbackDispatcher refused =
        new CallbackDispatcher(
            task -> {
              throw new RejectedExecutionException("shut down");
            },
            clock::get,
            "test-callbacks");
    refused.execute("x", () -> ran.add("ran"));
    assertThat(refused.drain(ofSeconds(20))).isTrue();
    assertThat(ran).containsExactly("ran");
  }

  @Test
  void givenExecutor_getsOneTaskForManyCallbacks() throws InterruptedException {
    ArrayDeque<Runnable> given = new ArrayDeque<>();
    CallbackDispatcher mine = new CallbackDispatcher(given::add, clock::get, "test-callbacks");
    for (int i = 0; i < 10; i++) {
      mine.execute("x", () -> ran.add("ran"));
    }
    assertThat(given).hasSize(1);
    given.remove().run();
    assertThat(ran).hasSize(10);
    assertThat(mine.drain(ofMillis(1))).isTrue();
  }
}
