package io.quorate.recipes.discovery;

import static io.quorate.recipes.discovery.DiscoveryFixture.LONG;
import static io.quorate.recipes.discovery.DiscoveryFixture.SHORT;
import static io.quorate.recipes.discovery.DiscoveryFixture.stat;
import static io.quorate.recipes.discovery.DiscoveryFixture.take;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.CreateOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.Acl;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.discovery.Registration.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/**
 * Goal: the traps that every recipe has, for discovery. C5 is D1, C13 is D6, C20 and C23's order by
 * names concern nothing that discovery decides. Method: as {@link DiscoveryTrapsTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiscoveryCommonTrapsTest {
  /** Of registering, finding and closing. */
  private static final int CYCLES = Boolean.getBoolean("quorate.long") ? 10_000 : 100;

  private DiscoveryFixture fixture;
  private String service = "";

  @BeforeAll
  void startEnsemble() {
    fixture = new DiscoveryFixture();
  }

  @AfterAll
  void stopEnsemble() {
    fixture.close();
  }

  @BeforeEach
  void chooseService(TestInfo test) {
    service = test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void clean() throws Exception {
    fixture.clean();
  }

  private String path(String id) {
    return "/services/" + service + "/" + id;
  }

  private static Instance instance(String id) {
    return Instance.at("10.0.0.7", 8080).id(id);
  }

  @Test
  void c6_sessionLost_isToldOnce() throws InterruptedException {
    QuorateClient client = fixture.client("a");
    QuorateClient operator = fixture.client("operator");
    Registration me = fixture.register(client, service, instance("a"));
    List<Phase> phases = Collections.synchronizedList(new ArrayList<>());
    me.onStateChange(state -> phases.add(state.phase()));
    long before = client.sessionId();

    fixture.ensemble.expireSession(client);
    fixture.ensemble.await(
        "the next session to own it",
        () -> stat(operator, path("a")).filter(it -> it.ephemeralOwner() != before).isPresent());
    me.update(it -> it.weight(2)).join();

    fixture.ensemble.await("both states to be told", () -> phases.size() >= 2);
    assertThat(phases).containsExactly(Phase.REGISTERING, Phase.REGISTERED);
  }

  @Test
  void c7_updateWhileTheSessionEnds_isWrittenInTheNext_once() throws InterruptedException {
    QuorateClient client = fixture.client("a");
    QuorateClient operator = fixture.client("operator");
    Registration me = fixture.register(client, service, instance("a"));
    Subscription frozen = fixture.ensemble.freeze(client);
    CompletableFuture<Void> updated = me.update(it -> it.weight(2));

    fixture.ensemble.expireSession(client);
    frozen.close();
    updated.join();

    fixture.ensemble.await(
        "the next session to own it",
        () ->
            stat(operator, path("a"))
                .filter(it -> it.ephemeralOwner() == client.sessionId())
                .isPresent());
    assertThat(DiscoveryFixture.data(operator, path("a"))).contains("\"weight\":2");
  }

  @Test
  void c11_interruptedWaiter_stopsWaiting_andTheHandleGoesOn() throws InterruptedException {
    QuorateClient lonely =
        fixture.keep(
            QuorateClient.builder("127.0.0.1:1").clientName("l").requestTimeout(SHORT).build());
    Registration me = Recipes.on(lonely).register(service, instance("a"));
    Discovery discovery = fixture.keep(Recipes.on(lonely).discover(service, Strategy.random()));
    for (Waiter waiter :
        List.<Waiter>of(() -> me.awaitRegistered(LONG), () -> discovery.awaitLoaded(LONG))) {
      BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  waiter.await();
                } catch (InterruptedException e) {
                  thrown.add(e);
                }
              });
      thread.start();
      thread.interrupt();
      assertThat(take(thrown)).isInstanceOf(InterruptedException.class);
    }
    assertThat(me.state().phase()).isEqualTo(Phase.REGISTERING);
  }

  /** A call that waits. */
  private interface Waiter {
    void await() throws InterruptedException;
  }

  @Test
  void c12_closedTwice_early_lateOrWithItsClient_endsEverythingThatWaits()
      throws InterruptedException {
    QuorateClient client = fixture.client("a");
    Registration registered = fixture.register(client, service, instance("a"));
    Registration waiting = Recipes.on(client).register(service, instance("a"));
    fixture.awaitPhase(waiting, Phase.RETRYING);
    CompletableFuture<Void> blocked = waiting.update(it -> it.weight(2));
    CompletableFuture<Void> never = waiting.registered();

    waiting.close();
    waiting.close();

    assertThat(waiting.state().phase()).isEqualTo(Phase.CLOSED);
    for (CompletableFuture<Void> each :
        List.of(blocked, never, waiting.update(it -> it.weight(3)))) {
      assertThatThrownBy(each::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(RegistrationException.class);
    }
    assertThat(stat(client, path("a"))).as("of the other registration").isPresent();

    Discovery discovery = fixture.discover(client, service);
    List<Instances> late = Collections.synchronizedList(new ArrayList<>());
    discovery.close();
    discovery.onChange(late::add);
    discovery.close();
    registered.closeAsync().join();
    assertThatThrownBy(discovery::pick).isInstanceOf(NoInstanceException.class);
    assertThat(late).as("after the close").isEmpty();

    Registration withClient = fixture.register(client, service, instance("b"));
    Discovery unloaded = Recipes.on(client).discover(service, Strategy.random());
    client.close();
    fixture.awaitPhase(withClient, Phase.CLOSED);
    withClient.closeAsync().join();
    unloaded.close();
    QuorateClient other = fixture.client("other");
    assertThat(stat(other, path("b"))).isEmpty();
    Registration afterwards = Recipes.on(client).register(service, instance("c"));
    afterwards.closeAsync().join();
  }

  @Test
  void c14_parentsDeletedWhileIdle_areMadeAgain() throws InterruptedException {
    QuorateClient client = fixture.client("a");
    DiscoveryOptions elsewhere = DiscoveryOptions.DEFAULT.root("/apps/" + service);
    Discovery discovery =
        fixture.keep(Recipes.on(client).discover("s", Strategy.random(), elsewhere));
    Registration first = fixture.keep(Recipes.on(client).register("s", instance("a"), elsewhere));
    first.awaitRegistered(LONG);
    fixture.awaitIds(discovery, "a");
    first.closeAsync().join();
    client.blocking().delete(elsewhere.root() + "/s");
    client.blocking().delete(elsewhere.root());

    fixture.keep(Recipes.on(client).register("s", instance("b"), elsewhere)).awaitRegistered(LONG);

    fixture.awaitIds(discovery, "b");
  }

  @Test
  void c15_notPermitted_isToldToBoth_withoutAHotLoop() throws InterruptedException {
    MeterRegistry meters = new SimpleMeterRegistry();
    QuorateClient client =
        fixture.keep(
            fixture.ensemble.client(fixture.ensemble.clientBuilder("shut out").meters(meters)));
    QuorateClient operator = fixture.client("operator");
    fixture.register(operator, "any", instance("a"));
    operator.blocking().addCredential("digest", "op:secret");
    operator
        .blocking()
        .create("/services/" + service, null, CreateOptions.DEFAULT.withAcl(Acl.CREATOR_ALL));

    Registration me = Recipes.on(client).register(service, instance("a"));
    Discovery discovery = fixture.keep(Recipes.on(client).discover(service, Strategy.random()));
    BlockingQueue<InstanceProblem> problems = new LinkedBlockingQueue<>();
    discovery.onProblem(problems::add);
    long begin = System.nanoTime();
    fixture.ensemble.await("four refusals", () -> me.state().failures() >= 4);
    double seconds = (System.nanoTime() - begin) / 1e9;

    assertThat(take(problems).path()).isEqualTo("/services/" + service);
    assertThat(discovery.instances().loaded()).isFalse();
    assertThat(discovery.instances().problems()).hasSize(1);
    assertThatThrownBy(discovery::pick).hasMessageContaining("not permitted");
    assertThat(requests(meters)).isLessThan(30 + 40 * seconds);
    me.close();
  }

  @Test
  void c15_oneInstanceMayNotBeRead_othersAreServed_andItIsFoundWhenItMay()
      throws InterruptedException {
    MeterRegistry meters = new SimpleMeterRegistry();
    QuorateClient client =
        fixture.keep(
            fixture.ensemble.client(fixture.ensemble.clientBuilder("reader").meters(meters)));
    QuorateClient operator = fixture.client("operator");
    fixture.register(operator, service, instance("a"));
    operator.blocking().addCredential("digest", "op:secret");
    byte[] payload = DiscoveryFixture.data(operator, path("a")).getBytes(UTF_8);
    operator.blocking().create(path("b"), payload, CreateOptions.DEFAULT.withAcl(Acl.CREATOR_ALL));
    Discovery discovery = fixture.discover(client, service);
    // The reader's server may be behind the one that created b.
    fixture.ensemble.await("b is met", () -> !discovery.instances().problems().isEmpty());
    fixture.awaitIds(discovery, "a");
    assertThat(discovery.instances().problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.path()).isEqualTo(path("b")));

    double before = requests(meters);
    long begin = System.nanoTime();
    fixture.ensemble.await("four more reads", () -> requests(meters) >= before + 4);
    double seconds = (System.nanoTime() - begin) / 1e9;
    assertThat(seconds).as("0.1 s, doubling").isGreaterThan(0.3);
    operator.blocking().setAcl(path("b"), Acl.OPEN);

    fixture.awaitIds(discovery, "a", "b");
    assertThat(discovery.instances().problems()).isEmpty();
    operator.blocking().delete(path("b"));
  }

  private static double requests(MeterRegistry meters) {
    return meters.find("quorate.client.requests").timers().stream().mapToDouble(Timer::count).sum();
  }

  @Test
  void c16_manyCyclesOfRegisteringAndFinding_leaveNoWatchBehind() throws InterruptedException {
    QuorateClient client = fixture.client("a");
    fixture.register(client, service, instance("stays"));
    int before = watches();
    for (int i = 0; i < CYCLES; i++) {
      Registration registration = Recipes.on(client).register(service, instance("a"));
      Discovery discovery = Recipes.on(client).discover(service, Strategy.random());
      if (i % 3 == 0) {
        registration.awaitRegistered(LONG);
        assertThat(discovery.awaitLoaded(LONG)).isTrue();
      }
      registration.closeAsync().join();
      discovery.close();
    }
    client.blocking().sync();

    fixture.ensemble.await("the watches of before", () -> watches() == before);
    assertThat(client.children("/services/" + service).join().names()).containsExactly("stays");
  }

  /** At all servers. */
  private int watches() {
    int sum = 0;
    for (int id : fixture.ensemble.ids()) {
      sum +=
          QuorateClient.status(fixture.ensemble.connectString(id), Duration.ofSeconds(5))
              .join()
              .watches();
    }
    return sum;
  }

  @Test
  void meters_countWhoIsRegistered_whoWaits_andWhatWasLost() throws InterruptedException {
    MeterRegistry meters = new SimpleMeterRegistry();
    QuorateClient client =
        fixture.keep(fixture.ensemble.client(fixture.ensemble.clientBuilder("m").meters(meters)));
    Registration held = fixture.register(client, service, instance("a"));
    Registration waits = fixture.keep(Recipes.on(client).register(service, instance("a")));
    fixture.awaitPhase(waits, Phase.RETRYING);
    assertThat(meters.get("quorate.recipes.held").longTaskTimer().activeTasks()).isEqualTo(1);
    assertThat(meters.get("quorate.recipes.waiting").longTaskTimer().activeTasks()).isEqualTo(1);

    fixture.ensemble.expireSession(client);
    fixture.ensemble.await(
        "the loss to be counted", () -> meters.get("quorate.recipes.lost").counter().count() == 1);
    fixture.ensemble.await(
        "one of them to hold it again",
        () ->
            (held.state().phase() == Phase.REGISTERED)
                != (waits.state().phase() == Phase.REGISTERED));
    held.closeAsync().join();
    waits.closeAsync().join();

    assertThat(meters.get("quorate.recipes.held").longTaskTimer().activeTasks()).isZero();
    assertThat(meters.get("quorate.recipes.waiting").longTaskTimer().activeTasks()).isZero();
    assertThat(
            meters
                .get("quorate.recipes.attempts")
                .tag("recipe", "discovery")
                .tag("outcome", "granted")
                .timer()
                .count())
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void c18_listenerThatThrowsOrBlocks_hurtsNobodyElse() throws InterruptedException {
    QuorateClient client = fixture.client("a");
    CountDownLatch release = new CountDownLatch(1);
    Discovery slow = fixture.discover(client, service);
    slow.onChange(
        instances -> {
          try {
            boolean released = release.await(LONG.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(released).isTrue();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    Discovery other = fixture.discover(client, service);
    BlockingQueue<Instances> heard = new LinkedBlockingQueue<>();
    other.onChange(
        instances -> {
          throw new IllegalStateException("of the user");
        });
    other.onChange(heard::add);

    Registration me = fixture.register(client, service, instance("a"));
    me.onStateChange(
        state -> {
          throw new IllegalStateException("of the user");
        });

    fixture.ensemble.await(
        "the change", () -> heard.stream().anyMatch(it -> it.list().size() == 1));
    fixture.awaitIds(slow, "a");
    me.update(it -> it.weight(5)).join();
    fixture.ensemble.await(
        "the next change as well",
        () -> heard.stream().flatMap(it -> it.list().stream()).anyMatch(it -> it.weight() == 5));
    release.countDown();
  }

  @Test
  void c19_callbacksThatCloseAndWait_neitherHangNorDeadlock() throws InterruptedException {
    QuorateClient client = fixture.client("a");
    Registration me = Recipes.on(client).register(service, instance("a"));
    Discovery discovery = fixture.discover(client, service);
    BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
    Registration unregistered =
        fixture.keep(Recipes.on(fixture.client("b")).register(service + "-other", instance("b")));
    unregistered.awaitRegistered(LONG);
    discovery.onChange(
        instances -> {
          try {
            Discovery unloaded = Recipes.on(client).discover("x", Strategy.random());
            unloaded.awaitLoaded(LONG);
          } catch (IllegalStateException | InterruptedException e) {
            outcomes.add(e);
          }
          discovery.close();
          me.close();
          outcomes.add("closed");
        });
    CompletableFuture<Void> updated = me.update(it -> it.weight(3));

    assertThat(take(outcomes)).isInstanceOf(IllegalStateException.class);
    assertThat(take(outcomes)).isEqualTo("closed");
    me.closeAsync().join();
    assertThat(stat(client, path("a"))).isEmpty();
    fixture.ensemble.await("the update to settle", updated::isDone);
  }

  @Test
  void c21_waitsWithoutAServer_endInTime() throws InterruptedException {
    int server = fixture.ensemble.followers().get(0);
    QuorateClient client = fixture.keep(fixture.ensemble.clientOf(server, "a"));
    fixture.register(client, service, instance("a"));
    fixture.ensemble.kill(server);

    Registration late = fixture.keep(Recipes.on(client).register(service, instance("b")));
    Discovery discovery = fixture.keep(Recipes.on(client).discover(service, Strategy.random()));

    assertThatThrownBy(() -> late.awaitRegistered(SHORT)).isInstanceOf(RegistrationException.class);
    assertThat(discovery.awaitLoaded(SHORT)).isFalse();
    fixture.ensemble.restart(server);
    late.awaitRegistered(LONG);
    assertThat(discovery.awaitLoaded(LONG)).isTrue();
  }

  @Test
  void c23_namesOfAllKinds_inANamespace() throws InterruptedException {
    QuorateClient client =
        fixture.keep(
            fixture.ensemble.client(fixture.ensemble.clientBuilder("n").namespace("/caf\u00e9")));
    QuorateClient outside = fixture.client("outside");
    String name = "zahlung \u00fc %2F \u4e2d";
    String id = "[fd00::7]:8080 " + "x".repeat(200);

    Registration me = fixture.register(client, name, instance(id));
    Discovery discovery = fixture.discover(client, name);

    fixture.awaitIds(discovery, id);
    assertThat(stat(outside, "/caf\u00e9/services/" + name + "/" + id)).isPresent();
    assertThat(Recipes.on(client).services().join()).containsExactly(name);
    me.closeAsync().join();
    fixture.awaitIds(discovery);
  }

  @Test
  void c25_rollingRestartOfTheServers_nobodyIsMissingAtTheEnd() throws InterruptedException {
    QuorateClient observer = fixture.client("observer");
    List<Registration> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(fixture.register(fixture.client("r" + i), service, instance("i" + i)));
    }
    Discovery discovery = fixture.discover(observer, service);

    for (int id : fixture.ensemble.ids()) {
      fixture.ensemble.restart(id);
      fixture.ensemble.awaitServing(id);
    }
    for (Registration each : all) {
      each.update(it -> it.with("after", "all")).join();
    }

    fixture.ensemble.await(
        "all five, as they are now",
        () ->
            discovery.instances().list().stream()
                    .filter(it -> it.attributes().containsKey("after"))
                    .count()
                == all.size());
  }

  @Test
  void c26_hundredHandlesOnOneClient_startNoThreads() throws InterruptedException {
    QuorateClient client = fixture.client("a");
    fixture.register(client, service, instance("stays"));
    int before = Thread.activeCount();

    for (int i = 0; i < 50; i++) {
      fixture.register(client, service, instance("i" + i));
      fixture.discover(client, service);
    }

    assertThat(Thread.activeCount()).isLessThanOrEqualTo(before + 8);
  }
}
