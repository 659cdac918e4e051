package io.quorate.recipes.discovery;

import static io.quorate.recipes.discovery.DiscoveryFixture.LONG;
import static io.quorate.recipes.discovery.DiscoveryFixture.SHORT;
import static io.quorate.recipes.discovery.DiscoveryFixture.data;
import static io.quorate.recipes.discovery.DiscoveryFixture.ids;
import static io.quorate.recipes.discovery.DiscoveryFixture.stat;
import static io.quorate.recipes.discovery.DiscoveryFixture.take;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.CreateOptions;
import io.quorate.client.NoAuthException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.Identity;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.discovery.Registration.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/**
 * Goal: traps D1 to D18 of discovery. Method: real clients on a real ensemble of three servers;
 * what counts is what a server says.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiscoveryTrapsTest {
  /** Of the rolling restart. */
  private static final int MANY = Boolean.getBoolean("quorate.long") ? 1_000 : 10;

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

  private ZnodeStat found(QuorateClient client, String id) {
    return stat(client, path(id)).orElseThrow();
  }

  private static Instance instance(String id) {
    return Instance.at("10.0.0.7", 8080).id(id);
  }

  /** Every list that an observer is told. */
  private static BlockingQueue<List<String>> changesOf(Discovery discovery) {
    BlockingQueue<List<String>> changes = new LinkedBlockingQueue<>();
    discovery.onChange(
        instances -> changes.add(instances.list().stream().map(Instance::id).toList()));
    return changes;
  }

  @Test
  void d1_blipShorterThanTheSession_noObserverSeesARemoval() throws InterruptedException {
    QuorateClient registrant = fixture.client("registrant");
    QuorateClient observer = fixture.client("observer");
    Registration me = fixture.register(registrant, service, instance("a"));
    Discovery discovery = fixture.discover(observer, service);
    ZnodeStat before = found(observer, "a");
    BlockingQueue<List<String>> changes = changesOf(discovery);

    fixture.ensemble.restart(fixture.ensemble.killLeader());
    me.update(instance -> instance.with("after", "the blip")).join();

    fixture.ensemble.await(
        "the observer to see the update",
        () -> discovery.instances().find("a").orElseThrow().attributes().containsKey("after"));
    assertThat(found(observer, "a").czxid()).isEqualTo(before.czxid());
    assertThat(changes).allSatisfy(seen -> assertThat(seen).containsExactly("a"));
    assertThat(me.state().phase()).isEqualTo(Phase.REGISTERED);
  }

  @Test
  void d2_sessionExpires_isRegisteredAgain_andObserversSeeAtMostOneRemoval()
      throws InterruptedException {
    QuorateClient registrant = fixture.client("registrant");
    Registration me = fixture.register(registrant, service, instance("a"));
    QuorateClient observer = fixture.client("observer");
    Discovery discovery = fixture.discover(observer, service);
    BlockingQueue<List<String>> changes = changesOf(discovery);
    long before = registrant.sessionId();

    fixture.ensemble.expireSession(registrant);
    fixture.ensemble.await(
        "the znode of the next session",
        () -> stat(observer, path("a")).filter(it -> it.ephemeralOwner() != before).isPresent());
    me.update(instance -> instance.with("after", "the loss")).join();
    fixture.ensemble.await(
        "the observer to see it",
        () ->
            discovery
                .instances()
                .find("a")
                .filter(it -> it.attributes().containsKey("after"))
                .isPresent());

    assertThat(found(observer, "a").ephemeralOwner()).isEqualTo(registrant.sessionId());
    assertThat(changes.stream().filter(List::isEmpty).count()).isLessThanOrEqualTo(1);
  }

  @Test
  void d3_ownZnodeOfAnotherSession_isReplacedInOneStep_andOutlivesThatSession()
      throws InterruptedException {
    QuorateClient registrant = fixture.client("registrant");
    Registration me = fixture.register(registrant, service, instance("a"));
    QuorateClient observer = fixture.client("observer");
    Discovery discovery = fixture.discover(observer, service);
    BlockingQueue<List<String>> changes = changesOf(discovery);
    // Stands for an earlier session of the registrant that no server has missed yet.
    QuorateClient dying = fixture.client("dying");
    byte[] payload = data(observer, path("a")).getBytes(UTF_8);

    dying
        .blocking()
        .multi(Op.delete(path("a")), Op.create(path("a"), payload, CreateMode.EPHEMERAL));
    fixture.ensemble.await(
        "the registrant to own it",
        () ->
            stat(observer, path("a"))
                .filter(it -> it.ephemeralOwner() == registrant.sessionId())
                .isPresent());
    fixture.ensemble.expireSession(dying);
    me.update(instance -> instance.with("after", "all")).join();

    fixture.ensemble.await(
        "the observer to see it",
        () -> discovery.instances().find("a").orElseThrow().attributes().containsKey("after"));
    assertThat(found(observer, "a").ephemeralOwner()).isEqualTo(registrant.sessionId());
    assertThat(changes).allSatisfy(seen -> assertThat(seen).containsExactly("a"));
  }

  @Test
  void d3_dyingZnodeOfACrashedProcess_isTakenOverWhenItsSessionEnds() throws InterruptedException {
    QuorateClient crashed = fixture.client("crashed");
    fixture.register(crashed, service, instance("a"));
    Subscription frozen = fixture.ensemble.freeze(crashed);
    QuorateClient restarted = fixture.client("restarted");

    Registration me = fixture.keep(Recipes.on(restarted).register(service, instance("a")));
    fixture.awaitPhase(me, Phase.RETRYING);
    assertThat(me.state().cause())
        .isInstanceOfSatisfying(
            InstanceTakenException.class,
            e -> assertThat(e.ownerSession()).isEqualTo(crashed.sessionId()));
    me.awaitRegistered(LONG);

    assertThat(found(restarted, "a").ephemeralOwner()).isEqualTo(restarted.sessionId());
    frozen.close();
  }

  @Test
  void d4_refusedTwice_isTriedUntilItIsAllowed_andSaysWhy() throws InterruptedException {
    QuorateClient operator = fixture.client("operator");
    lockedFolder(operator);
    Registration me =
        fixture.keep(Recipes.on(fixture.client("registrant")).register(service, instance("a")));

    fixture.ensemble.await("two refusals", () -> me.state().failures() >= 2);
    assertThat(me.state().phase()).isEqualTo(Phase.RETRYING);
    assertThat(me.state().cause()).isInstanceOf(NoAuthException.class);
    assertThatThrownBy(() -> me.awaitRegistered(SHORT))
        .isInstanceOf(RegistrationException.class)
        .hasMessageContaining("RETRYING")
        .hasCauseInstanceOf(NoAuthException.class);
    operator.blocking().setAcl("/services/" + service, Acl.OPEN);

    me.awaitRegistered(LONG);
    assertThat(me.state()).isEqualTo(Registration.State.of(Phase.REGISTERED));
  }

  /** A folder that only the operator may create in. */
  private void lockedFolder(QuorateClient operator) throws InterruptedException {
    operator.blocking().addCredential("digest", "op:secret");
    fixture.register(fixture.client("first"), "any", instance("a"));
    operator
        .blocking()
        .create(
            "/services/" + service,
            null,
            CreateOptions.DEFAULT.withAcl(
                List.of(
                    new Acl(Acl.ALL, Identity.digest("op", "secret")),
                    new Acl(Acl.READ, Identity.ANYONE))));
  }

  @Test
  void d5_oneOfSeveralIsRefused_theOthersAreRegistered() throws InterruptedException {
    QuorateClient operator = fixture.client("operator");
    lockedFolder(operator);
    QuorateClient registrant = fixture.client("registrant");

    Registration refused = fixture.keep(Recipes.on(registrant).register(service, instance("a")));
    Registration one = fixture.register(registrant, service + "-other", instance("a"));
    Registration two = fixture.register(registrant, service + "-other", instance("b"));
    fixture.awaitPhase(refused, Phase.RETRYING);
    long before = registrant.sessionId();
    fixture.ensemble.expireSession(registrant);

    for (String id : List.of("a", "b")) {
      fixture.ensemble.await(
          id + " to be registered again",
          () ->
              stat(operator, "/services/" + service + "-other/" + id)
                  .filter(it -> it.ephemeralOwner() != before)
                  .isPresent());
    }
    fixture.awaitPhase(one, Phase.REGISTERED);
    fixture.awaitPhase(two, Phase.REGISTERED);
    assertThat(refused.state().phase()).isEqualTo(Phase.RETRYING);
  }

  @Test
  void d6_ownZnodeDeletedByAnOperator_isRegisteredAgain_withItsDrainFlag()
      throws InterruptedException {
    QuorateClient registrant = fixture.client("registrant");
    QuorateClient operator = fixture.client("operator");
    Registration me = fixture.register(registrant, service, instance("a"));
    me.drain().join();
    long before = found(operator, "a").czxid();

    operator.blocking().delete(path("a"));

    fixture.ensemble.await(
        "another life of the znode",
        () -> stat(operator, path("a")).filter(it -> it.czxid() != before).isPresent());
    assertThat(data(operator, path("a"))).contains("\"draining\":true");
    fixture.awaitPhase(me, Phase.REGISTERED);
  }

  @Test
  void d7_updatedThenSessionLost_theNewestPayloadIsRegistered() throws InterruptedException {
    QuorateClient registrant = fixture.client("registrant");
    QuorateClient operator = fixture.client("operator");
    Registration me = fixture.register(registrant, service, instance("a").with("n", "1"));
    ZnodeStat first = found(operator, "a");
    me.update(instance -> instance.with("n", "2")).join();
    ZnodeStat second = found(operator, "a");
    assertThat(second.czxid()).as("in place").isEqualTo(first.czxid());
    assertThat(second.version()).isEqualTo(first.version() + 1);

    fixture.ensemble.expireSession(registrant);
    CompletableFuture<Void> third = me.update(instance -> instance.with("n", "3"));
    third.join();

    fixture.ensemble.await(
        "the newest payload",
        () ->
            stat(operator, path("a")).isPresent()
                && data(operator, path("a")).contains("\"n\":\"3\""));
  }

  @Test
  void d8_sameIdTwice_isRefusedVisibly_andNeverFlipFlops() throws InterruptedException {
    QuorateClient first = fixture.client("first");
    QuorateClient second = fixture.client("second");
    Registration owner = fixture.register(first, service, instance("a").with("who", "owner"));
    ZnodeStat before = found(first, "a");

    Registration sameProcess =
        fixture.keep(Recipes.on(first).register(service, instance("a").with("who", "twin")));
    Registration otherProcess =
        fixture.keep(Recipes.on(second).register(service, instance("a").with("who", "other")));
    fixture.awaitPhase(sameProcess, Phase.RETRYING);
    fixture.awaitPhase(otherProcess, Phase.RETRYING);
    CompletableFuture<Void> blocked = sameProcess.update(it -> it.with("more", "x"));
    owner.update(it -> it.with("more", "y")).join();

    assertThat(sameProcess.state().cause()).isInstanceOf(InstanceTakenException.class);
    assertThat(otherProcess.state().cause()).isInstanceOf(InstanceTakenException.class);
    assertThatThrownBy(() -> otherProcess.awaitRegistered(SHORT))
        .isInstanceOf(RegistrationException.class)
        .hasCauseInstanceOf(InstanceTakenException.class);
    assertThat(found(first, "a").czxid()).isEqualTo(before.czxid());
    assertThat(data(first, path("a"))).contains("owner").contains("\"y\"");
    assertThat(blocked).isNotDone();

    owner.closeAsync().join();
    fixture.ensemble.await(
        "one of the two to own it",
        () ->
            (sameProcess.state().phase() == Phase.REGISTERED)
                != (otherProcess.state().phase() == Phase.REGISTERED));
    assertThat(stat(first, path("a"))).isPresent();
  }

  @Test
  void d9_closedWhileBeingRegistered_orWhileNoServerAnswers_isGoneAtTheEnd()
      throws InterruptedException {
    int server = fixture.ensemble.followers().get(0);
    QuorateClient registrant =
        fixture.keep(
            fixture.ensemble.client(
                QuorateClient.builder(fixture.ensemble.connectString(server))
                    .clientName("registrant")
                    .sessionTimeout(LONG)));
    QuorateClient operator = fixture.client("operator");
    for (int i = 0; i < 20; i++) {
      Recipes.on(registrant).register(service, instance("quick-" + i)).closeAsync().join();
    }
    Registration me = fixture.register(registrant, service, instance("a"));
    long session = registrant.sessionId();

    fixture.ensemble.kill(server);
    CompletableFuture<Void> gone = me.closeAsync();
    assertThat(stat(operator, path("a"))).isPresent();
    fixture.ensemble.restart(server);
    gone.join();

    assertThat(registrant.sessionId()).as("not by the end of its session").isEqualTo(session);
    assertThat(operator.sync().thenCompose(it -> operator.children("/services/" + service)).join())
        .satisfies(children -> assertThat(children.names()).isEmpty());
  }

  @Test
  void d10_closing_removesExactlyItsOwnZnode() throws InterruptedException {
    QuorateClient registrant = fixture.client("registrant");
    QuorateClient operator = fixture.client("operator");
    Registration a = fixture.register(registrant, service, instance("a"));
    Registration b = fixture.register(registrant, service, instance("a0000000001"));

    a.closeAsync().join();
    assertThat(stat(operator, path("a"))).isEmpty();
    assertThat(stat(operator, path("a0000000001"))).isPresent();

    // Another life of the znode, which is somebody else's, survives.
    QuorateClient other = fixture.client("other");
    QuorateClient frozen = registrant;
    Subscription thaw = fixture.ensemble.freeze(frozen);
    fixture.ensemble.expireSession(frozen);
    other.blocking().create(path("a0000000001"), new byte[0], CreateMode.EPHEMERAL);
    thaw.close();
    b.closeAsync().join();
    assertThat(found(operator, "a0000000001").ephemeralOwner()).isEqualTo(other.sessionId());
  }

  @Test
  void d11_corruptAndStrangePayloads_othersAreServed_andTheProblemIsTold()
      throws InterruptedException {
    QuorateClient writer = fixture.client("writer");
    fixture.register(writer, service, instance("good"));
    Discovery discovery = fixture.discover(fixture.client("observer"), service);
    BlockingQueue<InstanceProblem> problems = new LinkedBlockingQueue<>();
    discovery.onProblem(problems::add);

    writer.blocking().create(path("empty"), new byte[0], CreateMode.EPHEMERAL);
    assertThat(take(problems).path()).isEqualTo(path("empty"));
    writer.blocking().create(path("nothing"), null, CreateMode.EPHEMERAL);
    assertThat(take(problems).path()).isEqualTo(path("nothing"));
    writer.blocking().create(path("corrupt"), "{\"host\":".getBytes(UTF_8), CreateMode.EPHEMERAL);
    assertThat(take(problems).path()).isEqualTo(path("corrupt"));
    writer
        .blocking()
        .create(
            path("newer"),
            "{\"host\":\"h\",\"port\":1,\"health\":\"WARMING\",\"quota\":{\"x\":[1]}}"
                .getBytes(UTF_8),
            CreateMode.EPHEMERAL);
    writer
        .blocking()
        .create(path("older"), "{\"host\":\"h\"}".getBytes(UTF_8), CreateMode.EPHEMERAL);

    fixture.awaitIds(discovery, "good", "newer", "older");
    assertThat(discovery.instances().problems()).hasSize(3);
    assertThat(discovery.instances().find("newer").orElseThrow().health())
        .isEqualTo(Health.DEGRADED);
    assertThat(discovery.instances().find("older").orElseThrow().weight()).isEqualTo(1);
    try (Pick pick = discovery.pick()) {
      assertThat(pick.instance().isAvailable()).isTrue();
    }

    // One that was good and is no more: the last that was good is served.
    writer.blocking().set(path("older"), "]".getBytes(UTF_8));
    assertThat(take(problems).path()).isEqualTo(path("older"));
    fixture.awaitIds(discovery, "good", "newer", "older");
    writer.blocking().set(path("older"), "{\"host\":\"h\",\"weight\":7}".getBytes(UTF_8));
    fixture.ensemble.await(
        "the next good payload",
        () -> discovery.instances().find("older").orElseThrow().weight() == 7);
    assertThat(discovery.instances().problems()).hasSize(3);
  }

  @Test
  void d12_payloadThatNamesAClass_isDataAndNothingElse() throws InterruptedException {
    QuorateClient writer = fixture.client("writer");
    fixture.register(writer, service, instance("good"));
    Discovery discovery = fixture.discover(fixture.client("observer"), service);

    writer
        .blocking()
        .create(
            path("evil"),
            ("{\"@class\":\""
                    + Instantiated.class.getName()
                    + "\",\"host\":\"h\","
                    + "\"attributes\":{\"@class\":\""
                    + Instantiated.class.getName()
                    + "\"}}")
                .getBytes(UTF_8),
            CreateMode.EPHEMERAL);

    fixture.awaitIds(discovery, "evil", "good");
    assertThat(discovery.instances().find("evil").orElseThrow().attributes())
        .containsEntry("@class", Instantiated.class.getName());
    assertThat(Instantiated.COUNT).isEmpty();
  }

  /** Would be told if somebody made one. */
  static final class Instantiated {
    static final BlockingQueue<Object> COUNT = new LinkedBlockingQueue<>();

    Instantiated() {
      COUNT.add(this);
    }
  }

  @Test
  void d13_cutOffObserver_saysHowOldItsViewIs_andServesItOrNothingAsWished()
      throws InterruptedException {
    int cutOff = fixture.ensemble.followers().get(0);
    QuorateClient observer =
        fixture.keep(
            fixture.ensemble.client(
                QuorateClient.builder(fixture.ensemble.connectString(cutOff))
                    .clientName("observer")
                    .sessionTimeout(DiscoveryFixture.SESSION)));
    int elsewhere =
        fixture.ensemble.ids().stream().filter(id -> id != cutOff).findFirst().orElseThrow();
    QuorateClient registrant = fixture.keep(fixture.ensemble.clientOf(elsewhere, "registrant"));
    fixture.register(registrant, service, instance("a"));
    Duration bound = Duration.ofMillis(700);
    assertThatThrownBy(
            () ->
                Recipes.on(observer)
                    .discover(
                        service,
                        Strategy.random(),
                        DiscoveryOptions.DEFAULT.emptyAfter(Duration.ofMillis(400))))
        .isInstanceOf(IllegalArgumentException.class);
    Discovery stale = fixture.discover(observer, service);
    Discovery strict =
        fixture.keep(
            Recipes.on(observer)
                .discover(service, Strategy.random(), DiscoveryOptions.DEFAULT.emptyAfter(bound)));
    assertThat(strict.awaitLoaded(LONG)).isTrue();
    awaitFresh(stale);
    awaitFresh(strict);
    BlockingQueue<List<String>> told = changesOf(strict);

    fixture.ensemble.isolate(cutOff);
    fixture.ensemble.await(
        "an age beyond the bound", () -> stale.instances().age().compareTo(bound) > 0);

    assertThat(ids(stale)).containsExactly("a");
    try (Pick pick = stale.pick()) {
      assertThat(pick.instance().id()).isEqualTo("a");
    }
    fixture.ensemble.await("the strict one to be empty", () -> strict.instances().withheld());
    assertThat(strict.instances().list()).isEmpty();
    assertThatThrownBy(strict::pick)
        .isInstanceOf(NoInstanceException.class)
        .hasMessageContaining("700");
    fixture.ensemble.await("it to be told as a change", () -> told.contains(List.of()));

    fixture.register(registrant, service, instance("b"));
    fixture.ensemble.heal();
    fixture.awaitIds(stale, "a", "b");
    fixture.awaitIds(strict, "a", "b");
    awaitFresh(stale);
    awaitFresh(strict);
    assertThat(strict.instances().zxid()).isGreaterThanOrEqualTo(found(registrant, "b").czxid());
  }

  private void awaitFresh(Discovery discovery) {
    fixture.ensemble.await(
        "a contact lately",
        () -> discovery.instances().age().compareTo(DiscoveryFixture.SESSION.dividedBy(2)) < 0);
  }

  @Test
  void d14_noServer_startsAreBounded_andPicksSayWhy() throws InterruptedException {
    QuorateClient lonely =
        fixture.keep(
            QuorateClient.builder("127.0.0.1:1")
                .clientName("lonely")
                .requestTimeout(SHORT)
                .build());
    Registration me = Recipes.on(lonely).register(service, instance("a"));
    Discovery discovery = fixture.keep(Recipes.on(lonely).discover(service, Strategy.random()));

    assertThatThrownBy(() -> me.awaitRegistered(SHORT))
        .isInstanceOf(RegistrationException.class)
        .hasMessageContaining("200 ms")
        .hasMessageContaining("SUSPENDED");
    assertThat(discovery.awaitLoaded(SHORT)).isFalse();
    assertThat(discovery.instances().loaded()).isFalse();
    assertThat(discovery.instances().age()).isGreaterThanOrEqualTo(SHORT);
    assertThatThrownBy(discovery::pick)
        .isInstanceOf(NoInstanceException.class)
        .hasMessageContaining("nothing was loaded yet");
    CompletableFuture<Void> gone = me.closeAsync();
    lonely.close();
    gone.join();
  }

  @Test
  void d15_rollingRestartOfManyInstances_loadIsBounded_andTheListNeverEmpty()
      throws InterruptedException {
    MeterRegistry meters = new SimpleMeterRegistry();
    QuorateClient observer =
        fixture.keep(
            fixture.ensemble.client(fixture.ensemble.clientBuilder("observer").meters(meters)));
    QuorateClient registrant = fixture.client("registrant");
    List<Registration> all = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      all.add(Recipes.on(registrant).register(service, instance("i%04d".formatted(i))));
    }
    for (Registration each : all) {
      each.awaitRegistered(LONG);
    }
    Discovery discovery = fixture.discover(observer, service);
    assertThat(ids(discovery)).hasSize(MANY);
    BlockingQueue<List<String>> changes = changesOf(discovery);
    double listsBefore = requests(meters, "children");
    double readsBefore = requests(meters, "get");

    for (int i = 0; i < MANY; i++) {
      all.get(i).closeAsync().join();
      Registration again =
          Recipes.on(registrant)
              .register(service, instance("i%04d".formatted(i)).with("generation", "2"));
      again.awaitRegistered(LONG);
      all.set(i, fixture.keep(again));
    }
    fixture.ensemble.await(
        "all of the second generation",
        () ->
            discovery.instances().list().stream()
                    .filter(it -> it.attributes().containsKey("generation"))
                    .count()
                == MANY);

    assertThat(changes)
        .isNotEmpty()
        .allSatisfy(seen -> assertThat(seen).hasSizeGreaterThanOrEqualTo(MANY - 2));
    assertThat(requests(meters, "children") - listsBefore).as("never listed again").isZero();
    assertThat(requests(meters, "get") - readsBefore)
        .as("at most one read per change")
        .isBetween((double) MANY, 2.0 * MANY);
  }

  private static double requests(MeterRegistry meters, String op) {
    return meters.find("quorate.client.requests").tag("op", op).timers().stream()
        .mapToDouble(Timer::count)
        .sum();
  }

  @Test
  void d16_noneOneAndSeveralInstances_drainingAndDown_haveDefinedResults()
      throws InterruptedException {
    QuorateClient client = fixture.client("client");
    Discovery discovery = fixture.discover(client, service);
    assertThatThrownBy(discovery::pick)
        .isInstanceOf(NoInstanceException.class)
        .hasMessageContaining("it has none");

    Registration a = fixture.register(client, service, instance("a"));
    fixture.awaitIds(discovery, "a");
    Registration b = fixture.register(client, service, instance("b"));
    fixture.awaitIds(discovery, "a", "b");
    a.drain().join();
    fixture.ensemble.await(
        "a to drain", () -> discovery.instances().find("a").orElseThrow().draining());
    for (int i = 0; i < 10; i++) {
      try (Pick pick = discovery.pick()) {
        assertThat(pick.instance().id()).isEqualTo("b");
      }
    }
    b.update(it -> it.health(Health.DOWN)).join();
    fixture.ensemble.await("b to be down", () -> discovery.instances().available().isEmpty());
    assertThatThrownBy(discovery::pick)
        .isInstanceOf(NoInstanceException.class)
        .hasMessageContaining("1 draining, 1 DOWN");
    a.resume().join();
    fixture.ensemble.await("a to be back", () -> !discovery.instances().available().isEmpty());
    try (Pick pick = discovery.pick()) {
      assertThat(pick.instance().id()).isEqualTo("a");
      assertThat(discovery.outstanding("a")).isEqualTo(1);
    }
    assertThat(discovery.outstanding("a")).isZero();
  }

  @Test
  void d17_emptyFolderSwept_watchersAndRegistrationsGoOn() throws InterruptedException {
    QuorateClient client = fixture.client("client");
    Discovery discovery = fixture.discover(client, service);
    Registration me = fixture.register(client, service, instance("a"));
    fixture.awaitIds(discovery, "a");
    assertThat(Recipes.on(client).services().join()).contains(service);

    long before = discovery.instances().zxid();
    me.closeAsync().join();
    fixture.awaitIds(discovery);
    fixture.ensemble.await("the zxid of the end", () -> discovery.instances().zxid() > before);
    assertThat(Recipes.on(client).services().join()).doesNotContain(service);
    client.blocking().delete("/services/" + service);
    fixture.register(client, service, instance("b"));

    fixture.awaitIds(discovery, "b");
    assertThat(Recipes.on(client).services().join()).contains(service);
  }

  @Test
  void d18_frozenProcess_dropsOut_andComesBack() throws InterruptedException {
    QuorateClient registrant = fixture.client("registrant");
    Registration me = fixture.register(registrant, service, instance("a"));
    Discovery discovery = fixture.discover(fixture.client("observer"), service);
    List<Phase> phases = Collections.synchronizedList(new ArrayList<>());
    me.onStateChange(state -> phases.add(state.phase()));

    Subscription frozen = fixture.ensemble.freeze(registrant);
    fixture.awaitIds(discovery);
    frozen.close();

    fixture.awaitIds(discovery, "a");
    fixture.awaitPhase(me, Phase.REGISTERED);
    fixture.ensemble.await("both changes to be told", () -> phases.size() == 2);
    assertThat(phases).containsExactly(Phase.REGISTERING, Phase.REGISTERED);
  }
}
