package io.quorate.recipes.leader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.GrantLostException;
import io.quorate.client.NoAuthException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.Acl;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
 * Goal: the traps of leader election, by number. Method: real clients on a real ensemble of three
 * servers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeaderTrapsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SESSION = Duration.ofSeconds(1);

  private EmbeddedEnsemble ensemble;
  private final List<AutoCloseable> closing = new ArrayList<>();
  private String path = "";

  /** What one participant is told: "+" elected, "-" deposed, each with the epoch. */
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

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
    path = "/leaders/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = closing.size() - 1; i >= 0; i--) {
      closing.get(i).close();
    }
    closing.clear();
    told.clear();
    for (int id : ensemble.ids()) {
      if (!ensemble.isRunning(id)) {
        ensemble.restart(id);
      }
    }
    ensemble.heal();
    ensemble.awaitServing();
  }

  private <T extends AutoCloseable> T track(T handle) {
    closing.add(handle);
    return handle;
  }

  private QuorateClient client(String name) {
    return track(ensemble.client(ensemble.clientBuilder(name).sessionTimeout(SESSION)));
  }

  private LeaderLatch latch(QuorateClient client, String id) {
    return track(Recipes.on(client).leader(path, id));
  }

  /** A started participant that writes down what it is told. */
  private LeaderLatch listening(QuorateClient client, String id) {
    return latch(client, id)
        .onElected(term -> told.add("+" + term.epoch()))
        .onDeposed(term -> told.add("-" + term.epoch()))
        .start();
  }

  private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(taken).as("within " + LONG).isNotNull();
    return taken;
  }

  private void awaitParticipants(LeaderLatch asked, int count) {
    ensemble.await(count + " participants", () -> asked.participants().join().size() == count);
  }

  @Test
  void participants_leadInTheOrderTheyCame_withGrowingEpochs() throws InterruptedException {
    QuorateClient client = client("a");
    LeaderLatch first = latch(client, "first").start();
    Term one = first.awaitElected(LONG);
    LeaderLatch second = latch(client, "second").start();
    awaitParticipants(first, 2);
    LeaderLatch third = latch(client, "third").start();
    awaitParticipants(first, 3);

    assertThat(first.participants().join())
        .extracting(Participant::id)
        .containsExactly("first", "second", "third");
    assertThat(first.participants().join())
        .extracting(Participant::leads)
        .containsExactly(true, false, false);
    first.close();
    Term two = second.awaitElected(LONG);
    second.close();
    Term three = third.awaitElected(LONG);

    assertThat(List.of(one.epoch(), two.epoch(), three.epoch())).isSorted().doesNotHaveDuplicates();
    assertThat(three.participantId()).isEqualTo("third");
  }

  @Test
  void e1_sessionExpired_leadsNotByItsOldZnode() throws InterruptedException {
    QuorateClient client = client("a");
    LeaderLatch latch = listening(client, "a");
    Term old = latch.awaitElected(LONG);

    ensemble.expireSession(client);

    assertThat(take(told)).isEqualTo("+" + old.epoch());
    assertThat(take(told)).isEqualTo("-" + old.epoch());
    String again = take(told);
    assertThat(Long.parseLong(again)).isGreaterThan(old.epoch());
    assertThat(old.isHeld()).isFalse();
    assertThatThrownBy(() -> client.blocking().multi(old.guard(), Op.create(path + "-late", null)))
        .isInstanceOf(GrantLostException.class);
    assertThat(latch.participants().join()).hasSize(1);
  }

  @Test
  void e2_e6_twoInterruptionsShorterThanTheSession_changeNothing() throws InterruptedException {
    QuorateClient client =
        track(ensemble.client(ensemble.clientBuilder("a").sessionTimeout(Duration.ofSeconds(8))));
    LeaderLatch latch = listening(client, "a");
    Term term = latch.awaitElected(LONG);

    for (int i = 0; i < 2; i++) {
      int killed = ensemble.killLeader();
      client.blocking().sync();
      ensemble.restart(killed);
      ensemble.awaitServing();
    }

    assertThat(latch.term()).contains(term);
    assertThat(take(told)).isEqualTo("+" + term.epoch());
    assertThat(told).as("nothing else").isEmpty();
    assertThat(latch.participants().join()).hasSize(1);
  }

  @Test
  void e3_manyLoseTheirSessionsAtOnce_oneZnodeEach() throws InterruptedException {
    List<QuorateClient> clients = new ArrayList<>();
    List<LeaderLatch> latches = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      clients.add(client("c" + i));
      latches.add(latch(clients.get(i), "c" + i).start());
    }
    awaitParticipants(latches.get(0), 6);
    List<Long> before =
        latches.get(0).participants().join().stream().map(Participant::epoch).toList();

    clients.forEach(ensemble::expireSession);

    ensemble.await(
        "six new places",
        () -> {
          List<Participant> now = latches.get(0).participants().join();
          return now.size() == 6 && now.stream().noneMatch(p -> before.contains(p.epoch()));
        });
    ensemble.await("one leader", () -> latches.stream().filter(LeaderLatch::isLeader).count() == 1);
    int made =
        clients.get(0).blocking().await(clients.get(0).exists(path)).orElseThrow().cversion();
    assertThat(made).as("changes of children: 12 created, 6 deleted").isLessThanOrEqualTo(18);
  }

  @Test
  void e4_pathRemoved_electionGoesOn() throws InterruptedException {
    QuorateClient client = client("a");
    QuorateClient operator = client("operator");
    LeaderLatch latch = listening(client, "a");
    Term term = latch.awaitElected(LONG);
    String own = path + "/" + operator.blocking().children(path).names().get(0);

    operator.blocking().multi(Op.delete(own), Op.delete(path));

    assertThat(take(told)).isEqualTo("+" + term.epoch());
    assertThat(take(told)).isEqualTo("-" + term.epoch());
    assertThat(Long.parseLong(take(told))).isGreaterThan(term.epoch());
  }

  @Test
  void e5_isolatedLeader_isDeposedBeforeTheNextIsElected() {
    int cutOff = ensemble.followers().get(0);
    int elsewhere = ensemble.ids().stream().filter(id -> id != cutOff).findFirst().orElseThrow();
    CompletableFuture<Long> deposedAt = new CompletableFuture<>();
    CompletableFuture<Long> electedAt = new CompletableFuture<>();
    LeaderLatch leading =
        latch(track(ensemble.clientOf(cutOff, "old")), "old")
            .onDeposed(term -> deposedAt.complete(System.nanoTime()))
            .start();
    long first = leading.elected().join().epoch();
    LeaderLatch next =
        latch(track(ensemble.clientOf(elsewhere, "new")), "new")
            .onElected(term -> electedAt.complete(System.nanoTime()))
            .start();
    awaitParticipants(next, 2);

    ensemble.isolate(cutOff);

    assertThat(electedAt.join() - deposedAt.join()).as("from deposed to elected").isPositive();
    assertThat(next.term().orElseThrow().epoch()).isGreaterThan(first);
  }

  @Test
  void e6_policyToStepDown_givesTheTitleUpWithoutContact() throws InterruptedException {
    QuorateClient client =
        track(ensemble.client(ensemble.clientBuilder("a").sessionTimeout(Duration.ofSeconds(8))));
    LeaderLatch latch =
        latch(client, "a")
            .policy(LeaderPolicy.STEP_DOWN_WHEN_SUSPENDED)
            .onElected(term -> told.add("+" + term.epoch()))
            .onDeposed(term -> told.add("-" + term.epoch()))
            .start();
    Term term = latch.awaitElected(LONG);

    for (int id : ensemble.ids()) {
      ensemble.kill(id);
    }

    assertThat(take(told)).isEqualTo("+" + term.epoch());
    assertThat(take(told)).as("while no server answers").isEqualTo("-" + term.epoch());
    assertThat(latch.isLeader()).isFalse();
    ensemble.ids().forEach(ensemble::restart);
    assertThat(Long.parseLong(take(told))).as("again").isGreaterThan(term.epoch());
  }

  @Test
  void e7_closeOfTheLeader_tellsItBeforeTheNextIsElected() throws InterruptedException {
    QuorateClient client = client("a");
    BlockingQueue<String> order = new LinkedBlockingQueue<>();
    LeaderLatch leading = latch(client, "old").onDeposed(term -> order.add("old deposed")).start();
    leading.awaitElected(LONG);
    LeaderLatch next =
        latch(client("b"), "new").onElected(term -> order.add("new elected")).start();
    awaitParticipants(leading, 2);

    leading.close();

    assertThat(take(order)).isEqualTo("old deposed");
    assertThat(take(order)).isEqualTo("new elected");
    assertThat(leading.state()).isEqualTo(LeaderState.CLOSED);
    assertThat(next.isLeader()).isTrue();
  }

  @Test
  void e8_titleWaitsForTheListener() throws InterruptedException {
    CountDownLatch mayLeave = new CountDownLatch(1);
    QuorateClient client = client("a");
    LeaderLatch leading =
        latch(client, "old").handOver(LONG).onDeposed(term -> awaitQuietly(mayLeave)).start();
    Term term = leading.awaitElected(LONG);
    LeaderLatch next = latch(client("b"), "new").start();
    awaitParticipants(next, 2);

    CompletableFuture<Void> left = leading.closeAsync();
    ensemble.await("stepping down", () -> leading.state() == LeaderState.STEPPING_DOWN);

    assertThat(next.leader().join().orElseThrow().epoch()).isEqualTo(term.epoch());
    assertThat(left).isNotDone();
    mayLeave.countDown();
    left.join();
    next.awaitElected(LONG);
  }

  @Test
  void e8_listenerThatDoesNotReturn_keepsTheTitleForTheHandOverTimeOnly()
      throws InterruptedException {
    CountDownLatch mayLeave = new CountDownLatch(1);
    LeaderLatch leading =
        latch(client("a"), "old")
            .handOver(Duration.ofMillis(200))
            .onElected(term -> told.add("+"))
            .onDeposed(term -> awaitQuietly(mayLeave))
            .start();
    Term term = leading.awaitElected(LONG);
    LeaderLatch next = latch(client("b"), "new").start();
    awaitParticipants(next, 2);

    term.releaseAsync().join();

    next.awaitElected(LONG);
    assertThat(leading.state()).isEqualTo(LeaderState.STEPPING_DOWN);
    assertThat(next.participants().join())
        .as("whoever has not dealt with its deposition is no candidate")
        .extracting(Participant::id)
        .containsExactly("new");
    mayLeave.countDown();
    awaitParticipants(next, 2);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(LONG.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void e9_sameIdTwice_areTwoParticipants() throws InterruptedException {
    QuorateClient client = client("a");
    LeaderLatch one = latch(client, "twin").start();
    one.awaitElected(LONG);
    LeaderLatch other = latch(client("b"), "twin").start();
    awaitParticipants(one, 2);

    assertThat(other.isLeader()).isFalse();
    one.close();
    other.awaitElected(LONG);
    assertThat(other.participants().join()).hasSize(1);
  }

  @Test
  void e10_taskThatThrows_queuesAgain_andOneThatReturnsGivesTheTitleUp()
      throws InterruptedException {
    ExecutorService executor = Executors.newCachedThreadPool();
    closing.add(executor::shutdownNow);
    AtomicInteger runs = new AtomicInteger();
    QuorateClient client = client("a");
    LeaderSelector selector =
        track(
            Recipes.on(client)
                .whileLeading(
                    path,
                    "a",
                    term -> {
                      told.add("run " + runs.incrementAndGet());
                      if (runs.get() == 1) {
                        throw new IllegalStateException("on purpose");
                      }
                    },
                    executor)
                .start());

    assertThat(take(told)).isEqualTo("run 1");
    assertThat(take(told)).isEqualTo("run 2");
    assertThat(take(told)).isEqualTo("run 3");
    selector.close();
    ensemble.await(
        "closed, once the task that was running has ended",
        () -> selector.state() == LeaderState.CLOSED);
  }

  @Test
  void e10_taskThatIgnoresItsInterrupt_doesNotKeepTheTitle() throws InterruptedException {
    ExecutorService executor = Executors.newCachedThreadPool();
    closing.add(executor::shutdownNow);
    CountDownLatch mayReturn = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    LeaderSelector stubborn =
        track(
            Recipes.on(client("a"))
                .whileLeading(
                    path,
                    "stubborn",
                    term -> {
                      boolean done = false;
                      while (!done) {
                        try {
                          done = mayReturn.await(LONG.toMillis(), TimeUnit.MILLISECONDS);
                        } catch (InterruptedException e) {
                          interrupted.countDown();
                        }
                      }
                    },
                    executor)
                .handOver(Duration.ofMillis(200))
                .start());
    ensemble.await("a leader", stubborn::isLeader);
    LeaderLatch next = latch(client("b"), "next").start();
    awaitParticipants(next, 2);

    assertThat(next.depose().join().orElseThrow().id()).isEqualTo("stubborn");

    next.awaitElected(LONG);
    awaitQuietly(interrupted);
    assertThat(stubborn.isLeader()).isFalse();
    mayReturn.countDown();
    awaitParticipants(next, 2);
  }

  @Test
  void e11_refusedByAcl_isVisible_andGoesOnOnceAllowed() throws InterruptedException {
    QuorateClient operator =
        track(ensemble.client(ensemble.clientBuilder("op").credential("digest", "op:secret")));
    operator.blocking().create("/leaders-" + path.hashCode(), null);
    path = "/leaders-" + path.hashCode();
    operator.blocking().setAcl(path, Acl.CREATOR_ALL);
    LeaderLatch latch = latch(client("a"), "a").start();

    ensemble.await("failed", () -> latch.state() == LeaderState.FAILED);
    assertThat(latch.failure().orElseThrow()).isInstanceOf(NoAuthException.class);
    operator.blocking().setAcl(path, Acl.OPEN);

    latch.awaitElected(LONG);
    assertThat(latch.failure()).isEmpty();
  }

  @Test
  void e12_znodeOfTheLeaderDeleted_stepsDownAndQueuesAgain() throws InterruptedException {
    QuorateClient operator = client("operator");
    LeaderLatch latch = listening(client("a"), "a");
    Term term = latch.awaitElected(LONG);

    operator.blocking().delete(path + "/" + operator.blocking().children(path).names().get(0));

    assertThat(take(told)).isEqualTo("+" + term.epoch());
    assertThat(take(told)).isEqualTo("-" + term.epoch());
    assertThat(Long.parseLong(take(told))).isGreaterThan(term.epoch());
  }

  @Test
  void e12_depose_handsOverToTheNextAndQueuesAtTheEnd() throws InterruptedException {
    LeaderLatch leading = listening(client("a"), "a");
    Term term = leading.awaitElected(LONG);
    LeaderLatch next = latch(client("b"), "b").start();
    awaitParticipants(next, 2);

    Participant asked = next.depose().join().orElseThrow();

    assertThat(asked)
        .extracting(Participant::id, Participant::epoch)
        .containsExactly("a", term.epoch());
    next.awaitElected(LONG);
    assertThat(take(told)).isEqualTo("+" + term.epoch());
    assertThat(take(told)).isEqualTo("-" + term.epoch());
    awaitParticipants(next, 2);
    assertThat(next.participants().join()).extracting(Participant::id).containsExactly("b", "a");
  }

  @Test
  void e12_askedToLeaveBeforeItKnewThatItLeads_stepsDownAllTheSame() throws InterruptedException {
    LeaderLatch leading = latch(client("a"), "a").start();
    leading.awaitElected(LONG);
    LeaderLatch waiting = listening(client("b"), "b");
    awaitParticipants(leading, 2);
    QuorateClient operator = client("operator");
    List<String> names = operator.blocking().children(path).names();

    // As depose() does to whoever is first, here to who will be: its watch is not there yet.
    operator.blocking().set(path + "/" + Collections.max(names), "b\nleave".getBytes(UTF_8));
    assertThat(waiting.isLeader()).isFalse();
    leading.close();

    String first = take(told);
    assertThat(take(told)).isEqualTo("-" + Long.parseLong(first));
    assertThat(Long.parseLong(take(told))).as("queued again").isGreaterThan(Long.parseLong(first));
  }

  @Test
  void e13_nobodyLeads_isAnAnswer() {
    LeaderLatch latch = latch(client("a"), "a");

    assertThat(latch.leader().join()).isEmpty();
    assertThat(latch.participants().join()).isEmpty();
    assertThat(latch.depose().join()).isEmpty();
  }

  @Test
  void e14_startedWithoutServers_leadsOnceTheyAreThere_andCanBeStoppedBefore()
      throws InterruptedException {
    ensemble.ids().forEach(ensemble::kill);
    LeaderLatch early = latch(client("a"), "a").start();
    LeaderLatch given = latch(client("b"), "b").start();
    CompletableFuture<Term> never = given.elected();

    CompletableFuture<Void> closed = given.closeAsync();

    assertThatThrownBy(never::join).hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> early.awaitElected(Duration.ofMillis(100)))
        .isInstanceOf(AcquireTimeoutException.class)
        .hasMessageContaining("participant 'a'");
    ensemble.ids().forEach(ensemble::restart);
    early.awaitElected(LONG);
    closed.join();
    awaitParticipants(early, 1);
  }

  @Test
  void e15_electedAndDeposed_strictlyAlternate_whateverHappens() throws InterruptedException {
    QuorateClient client = client("a");
    LeaderLatch latch = listening(client, "a");
    for (int i = 0; i < 5; i++) {
      Term term = latch.awaitElected(LONG);
      if (i % 2 == 0) {
        ensemble.expireSession(client);
      } else {
        term.close();
      }
      ensemble.await("the end of the term", () -> !latch.term().equals(Optional.of(term)));
    }
    latch.awaitElected(LONG);
    latch.close();

    List<String> heard = new ArrayList<>(told);
    assertThat(heard).hasSizeGreaterThanOrEqualTo(12);
    long last = 0;
    for (int i = 0; i < heard.size(); i += 2) {
      long epoch = Long.parseLong(heard.get(i));
      assertThat(heard.get(i)).startsWith("+");
      assertThat(heard.get(i + 1)).isEqualTo("-" + epoch);
      assertThat(epoch).isGreaterThan(last);
      last = epoch;
    }
  }

  @Test
  void e16_waiterWhoseSessionIsLost_standsAgain() throws InterruptedException {
    LeaderLatch leading = latch(client("a"), "a").start();
    leading.awaitElected(LONG);
    QuorateClient other = client("b");
    LeaderLatch waiting = latch(other, "b").start();
    awaitParticipants(leading, 2);
    long before = leading.participants().join().get(1).epoch();

    ensemble.expireSession(other);

    ensemble.await(
        "a new place",
        () -> {
          List<Participant> now = leading.participants().join();
          return now.size() == 2 && now.get(1).epoch() > before;
        });
    leading.close();
    waiting.awaitElected(LONG);
  }

  @Test
  void c10_frozenLeader_wakesUpDeposed() throws InterruptedException {
    QuorateClient frozen = client("a");
    LeaderLatch leading = listening(frozen, "a");
    Term stale = leading.awaitElected(LONG);
    LeaderLatch next = latch(client("b"), "b").start();
    awaitParticipants(next, 2);

    Subscription freeze = ensemble.freeze(frozen);
    Term term = next.awaitElected(LONG);
    assertThat(leading.isLeader()).as("by its own clock, although nothing of it ran").isFalse();
    freeze.close();

    assertThat(term.epoch()).isGreaterThan(stale.epoch());
    assertThat(take(told)).isEqualTo("+" + stale.epoch());
    assertThat(take(told)).isEqualTo("-" + stale.epoch());
  }

  @Test
  void c18_c19_listenersThatThrowOrClose_hurtNobody() throws InterruptedException {
    CompletableFuture<LeaderLatch> self = new CompletableFuture<>();
    LeaderLatch throwing =
        latch(client("a"), "a")
            .onElected(
                term -> {
                  throw new IllegalStateException("on purpose");
                })
            .onDeposed(term -> self.join().close())
            .start();
    self.complete(throwing);
    Term term = throwing.awaitElected(LONG);
    LeaderLatch next = latch(client("b"), "b").start();
    awaitParticipants(next, 2);

    term.releaseAsync().join();

    next.awaitElected(LONG);
    ensemble.await("closed", () -> throwing.state() == LeaderState.CLOSED);
    awaitParticipants(next, 1);
  }

  @Test
  void c11_interruptedWait_leavesTheCandidacyAlone() throws InterruptedException {
    LeaderLatch leading = latch(client("a"), "a").start();
    leading.awaitElected(LONG);
    LeaderLatch waiting = latch(client("b"), "b").start();
    awaitParticipants(leading, 2);

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> waiting.awaitElected(LONG)).isInstanceOf(InterruptedException.class);

    leading.close();
    waiting.awaitElected(LONG);
  }

  @Test
  void c12_closeBeforeStart_twice_andUseAfter_areDefined() {
    LeaderLatch latch = latch(client("a"), "a");
    assertThat(latch.state()).isEqualTo(LeaderState.LATENT);
    assertThatThrownBy(latch::elected).isInstanceOf(IllegalStateException.class);

    latch.close();
    latch.close();

    assertThat(latch.state()).isEqualTo(LeaderState.CLOSED);
    assertThatThrownBy(latch::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void timeOut_saysWhoLeads() throws InterruptedException {
    latch(client("a"), "leading-one").start().awaitElected(LONG);
    LeaderLatch waiting = latch(client("b"), "b").start();

    assertThatThrownBy(() -> waiting.awaitElected(Duration.ofMillis(50)))
        .isInstanceOfSatisfying(
            AcquireTimeoutException.class, e -> assertThat(e.isHeldByAnother()).isTrue())
        .hasMessageContaining("leading-one");
  }
}
