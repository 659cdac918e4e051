package io.quorate.recipes.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.BadVersionException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.Identity;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.EnsembleFixture;
import io.quorate.recipes.base.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Goal: the promises of a config value, trap by trap. */
class ConfigTrapsTest extends EnsembleFixture {

  record Limits(int max) {
    static final Limits DEFAULT = new Limits(10);

    void check() {
      if (max < 0) {
        throw new IllegalArgumentException("max is 0 or more, found " + max);
      }
    }

    Limits withMax(int changed) {
      return new Limits(changed);
    }
  }

  private ConfigBuilder<Limits> limits(QuorateClient client) {
    return Recipes.on(client)
        .config(path, Json.of(Limits.class))
        .initially(Limits.DEFAULT)
        .validate(Limits::check);
  }

  private static byte[] json(int max) {
    return ("{\"max\":" + max + "}").getBytes(UTF_8);
  }

  private void createParent(QuorateClient client) throws InterruptedException {
    client.blocking().create(ZnodePath.parent(path), null);
  }

  // ---- watching
  // ----------------------------------------------------------------------------------

  @Test
  void w1_stormOfWrites_isCoalesced_neverGoesBack_andEndsWithTheLast() throws InterruptedException {
    QuorateClient writer = client("writer");
    createParent(writer);
    writer.blocking().create(path, json(0));
    List<Integer> told = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch slow = new CountDownLatch(1);
    try (Config<Limits> config = limits(client("reader")).start()) {
      config.onChange(
          (was, now) -> {
            told.add(now.max());
            awaitQuietly(slow);
          });
      int last = 5_000;

      List<CompletableFuture<ZnodeStat>> writes = new ArrayList<>();
      for (int i = 1; i <= last; i++) {
        writes.add(writer.set(path, json(i)));
        if (i % 200 == 0) {
          get(writes.get(i - 1));
        }
      }
      await("the last value", () -> config.value().max() == last);
      slow.countDown();

      await("the last value to be told", () -> told.contains(last));
      assertThat(told).isSorted().doesNotHaveDuplicates().hasSizeLessThan(10);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void w2_missingAtStart_isAbsent_thenAValue() throws InterruptedException {
    QuorateClient writer = client("writer");
    BlockingQueue<ConfigProblem> problems = new LinkedBlockingQueue<>();
    BlockingQueue<Limits> values = new LinkedBlockingQueue<>();
    try (Config<Limits> config = limits(client("reader")).start()) {
      config.onProblem(problems::add).onChange((was, now) -> values.add(now));

      assertThat(take(problems).kind()).isEqualTo(ConfigProblem.Kind.ABSENT);
      assertThat(config.value()).isEqualTo(Limits.DEFAULT);
      createParent(writer);
      writer.blocking().create(path, json(3));

      assertThat(take(values).max()).isEqualTo(3);
      assertThat(config.problem()).isEmpty();
    }
  }

  @Test
  void w2_missingWithoutInitialValue_saysSo() throws InterruptedException {
    QuorateClient client = client("reader");
    try (Config<Limits> config = Recipes.on(client).config(path, Json.of(Limits.class)).start()) {
      assertThatThrownBy(() -> config.awaitLoaded(LONG))
          .isInstanceOf(ConfigUnavailableException.class)
          .hasMessageContaining("ABSENT")
          .hasMessageContaining(path);
    }
  }

  @Test
  void w3_recreatedWithTheSameBytes_isTold_connectedOrNot() throws InterruptedException {
    QuorateClient writer = client("writer");
    QuorateClient reader = client("reader");
    createParent(writer);
    writer.blocking().create(path, json(7));
    BlockingQueue<Limits> values = new LinkedBlockingQueue<>();
    try (Config<Limits> config = limits(reader).start()) {
      config.onChange((was, now) -> values.add(now));
      take(values);
      long before = config.zxid();

      writer.blocking().delete(path);
      writer.blocking().create(path, json(7));

      assertThat(take(values).max()).isEqualTo(7);
      await("the new life", () -> config.zxid() > before && config.problem().isEmpty());
      values.clear();
      try (Subscription frozen = ensemble.freeze(reader)) {
        writer.blocking().delete(path);
        writer.blocking().create(path, json(7));
        assertThat(frozen).isNotNull();
      }

      assertThat(take(values).max()).isEqualTo(7);
    }
  }

  @Test
  void w5_badBytes_areToldOneByOne_andTheLastGoodValueStays() throws InterruptedException {
    QuorateClient writer = client("writer");
    createParent(writer);
    writer.blocking().create(path, json(1));
    BlockingQueue<ConfigProblem> problems = new LinkedBlockingQueue<>();
    BlockingQueue<Limits> values = new LinkedBlockingQueue<>();
    try (Config<Limits> config = limits(client("reader")).start()) {
      config.onChange((was, now) -> values.add(now)).onProblem(problems::add);
      take(values);
      String[] bad = {"{\"max\":", "[1,2]", "", "null", "{\"max\":\"many\"}"};

      for (String each : bad) {
        long mzxid = writer.blocking().set(path, each.getBytes(UTF_8)).mzxid();

        ConfigProblem problem = take(problems);
        assertThat(problem.kind()).as(each).isEqualTo(ConfigProblem.Kind.CORRUPT);
        assertThat(problem.mzxid()).isEqualTo(mzxid);
        assertThat(config.value().max()).isEqualTo(1);
      }
      writer.blocking().set(path, json(-5));

      ConfigProblem invalid = take(problems);
      assertThat(invalid.kind()).isEqualTo(ConfigProblem.Kind.INVALID);
      assertThat(invalid.reason()).contains("0 or more, found -5");
      assertThat(config.value().max()).isEqualTo(1);
      writer.blocking().set(path, json(2));

      assertThat(take(values).max()).isEqualTo(2);
      assertThat(config.problem()).isEmpty();
    }
  }

  @Test
  void w6_c18_listenerThatThrowsOrBlocks_hurtsNobodyElse() throws InterruptedException {
    QuorateClient writer = client("writer");
    createParent(writer);
    writer.blocking().create(path, json(1));
    CountDownLatch slow = new CountDownLatch(1);
    BlockingQueue<Limits> values = new LinkedBlockingQueue<>();
    BlockingQueue<Limits> thrown = new LinkedBlockingQueue<>();
    BlockingQueue<Limits> blocked = new LinkedBlockingQueue<>();
    try (Config<Limits> config = limits(client("reader")).start()) {
      config
          .onChange(
              (was, now) -> {
                thrown.add(now);
                throw new IllegalStateException("a listener of the user");
              })
          .onChange(
              (was, now) -> {
                awaitQuietly(slow);
                blocked.add(now);
              })
          .onChange((was, now) -> values.add(now));
      take(values);

      writer.blocking().set(path, json(2));

      assertThat(take(values).max()).isEqualTo(2);
      assertThat(List.of(take(thrown).max(), take(thrown).max())).containsExactly(1, 2);
      slow.countDown();
      assertThat(take(blocked).max()).isEqualTo(1);
      assertThat(take(blocked).max()).isEqualTo(2);
    }
  }

  @Test
  void w7_c20_manyServers_neverGoBack() throws InterruptedException {
    QuorateClient writer = client("writer");
    createParent(writer);
    writer.blocking().create(path, json(0));
    List<Integer> told = Collections.synchronizedList(new ArrayList<>());
    try (Config<Limits> config = limits(client("reader")).start()) {
      config.onChange((was, now) -> told.add(now.max()));
      int value = 0;
      for (int id : ensemble.ids()) {
        ensemble.isolate(id);
        for (int i = 0; i < 20; i++) {
          writer.blocking().set(path, json(++value));
        }
        int last = value;
        await("value " + last, () -> config.value().max() == last);
        ensemble.heal();
        ensemble.awaitServing();
      }
      int last = value;
      await("the last to be told", () -> told.contains(last));
      assertThat(told).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void w8_w9_partition_showsInTheAge_andItsEndIsTold() throws InterruptedException {
    QuorateClient writer = client("writer");
    createParent(writer);
    writer.blocking().create(path, json(1));
    int follower = ensemble.followers().get(0);
    QuorateClient reader =
        kept(
            ensemble.client(
                QuorateClient.builder(ensemble.connectString(follower))
                    .clientName("reader")
                    .sessionTimeout(SESSION)));
    BlockingQueue<Boolean> synced = new LinkedBlockingQueue<>();
    try (Config<Limits> config = limits(reader).start()) {
      config.onSynced(() -> synced.add(true));
      take(synced);
      assertThat(config.valueNotOlderThan(LONG).max()).isEqualTo(1);

      ensemble.isolate(follower);
      await("an age above the session", () -> config.age().compareTo(SESSION.multipliedBy(2)) > 0);

      assertThat(config.value().max()).isEqualTo(1);
      assertThatThrownBy(() -> config.valueNotOlderThan(SESSION))
          .isInstanceOf(ConfigUnavailableException.class)
          .hasMessageContaining("ms ago");
      ensemble.heal();
      take(synced);
      await("a fresh value", () -> config.age().compareTo(SESSION) < 0);
    }
  }

  @Test
  void w9_c5_c6_expiry_isFollowedByAResyncAndTheNewestValue() throws InterruptedException {
    QuorateClient writer = client("writer");
    QuorateClient reader = client("reader");
    createParent(writer);
    writer.blocking().create(path, json(1));
    BlockingQueue<Boolean> synced = new LinkedBlockingQueue<>();
    try (Config<Limits> config = limits(reader).start()) {
      config.onSynced(() -> synced.add(true));
      take(synced);

      ensemble.expireSession(reader);
      writer.blocking().set(path, json(2));

      take(synced);
      await("the newest", () -> config.value().max() == 2);
    }
  }

  @Test
  void w12_c12_c19_closing_inEveryWay_endsTheCallbacks() throws InterruptedException {
    QuorateClient writer = client("writer");
    QuorateClient reader = client("reader");
    createParent(writer);
    writer.blocking().create(path, json(1));
    BlockingQueue<Limits> values = new LinkedBlockingQueue<>();
    for (int i = 0; i < 20; i++) {
      Config<Limits> config = limits(reader).start();
      config.onChange((was, now) -> values.add(now));
      config.close();
      config.close();
    }
    values.clear();
    Config<Limits> own = limits(reader).start();
    BlockingQueue<Limits> ownValues = new LinkedBlockingQueue<>();
    own.onChange(
        (was, now) -> {
          own.close();
          ownValues.add(now);
        });
    take(ownValues);

    writer.blocking().set(path, json(2));
    try (Config<Limits> other = limits(reader).start()) {
      BlockingQueue<Limits> others = new LinkedBlockingQueue<>();
      other.onChange((was, now) -> others.add(now));
      assertThat(take(others).max()).isEqualTo(2);
    }

    assertThat(values).isEmpty();
    assertThat(ownValues).isEmpty();
    assertThat(own.value().max()).isEqualTo(1);
  }

  @Test
  void w16_c15_permissionTakenAway_isToldAndComesBack() throws InterruptedException {
    QuorateClient writer = client("writer");
    createParent(writer);
    writer.blocking().create(path, json(1));
    BlockingQueue<ConfigProblem> problems = new LinkedBlockingQueue<>();
    try (Config<Limits> config =
        limits(client("reader")).recheckEvery(Duration.ofMillis(100)).start()) {
      config.onProblem(problems::add);
      config.awaitLoaded(LONG);

      writer.blocking().setAcl(path, List.of(new Acl(Acl.ADMIN | Acl.WRITE, Identity.ANYONE)));

      assertThat(take(problems).kind()).isEqualTo(ConfigProblem.Kind.UNREADABLE);
      assertThat(config.value().max()).isEqualTo(1);
      writer.blocking().set(path, json(2));
      writer.blocking().setAcl(path, Acl.OPEN);
      await("the value to come back", () -> config.value().max() == 2);
      assertThat(config.problem()).isEmpty();
    }
  }

  @Test
  void w17_valueOfADyingSession_isAbsentOnce() throws InterruptedException {
    QuorateClient owner = client("owner");
    QuorateClient reader = client("reader");
    createParent(reader);
    owner.blocking().create(path, json(1), CreateMode.EPHEMERAL);
    List<ConfigProblem> problems = Collections.synchronizedList(new ArrayList<>());
    try (Config<Limits> config = limits(reader).start()) {
      config.onProblem(problems::add);
      config.awaitLoaded(LONG);

      ensemble.expireSession(owner);

      await("the end of the value", () -> !problems.isEmpty());
      reader.blocking().create(path, json(2));
      await("the next value", () -> config.value().max() == 2);
      assertThat(problems)
          .extracting(ConfigProblem::kind)
          .containsExactly(ConfigProblem.Kind.ABSENT);
    }
  }

  @Test
  void c14_parentDeletedAndCreatedAnew_isFollowed() throws InterruptedException {
    QuorateClient writer = client("writer");
    createParent(writer);
    writer.blocking().create(path, json(1));
    try (Config<Limits> config = limits(client("reader")).start()) {
      config.awaitLoaded(LONG);

      writer.blocking().delete(path);
      writer.blocking().delete(ZnodePath.parent(path));
      createParent(writer);
      writer.blocking().create(path, json(2));

      await("the new value", () -> config.value().max() == 2);
    }
  }

  private QuorateClient lonely() {
    return kept(
        QuorateClient.builder("127.0.0.1:1")
            .clientName("lonely")
            .requestTimeout(Duration.ofMillis(100))
            .build());
  }

  @Test
  void c21_noServer_timesOutInTime() {
    QuorateClient lonely = lonely();
    try (Config<Limits> config = limits(lonely).start()) {
      assertThatThrownBy(() -> config.awaitLoaded(Duration.ofMillis(200)))
          .isInstanceOf(ConfigUnavailableException.class)
          .hasMessageContaining("within 200 ms");
      assertThat(config.value()).isEqualTo(Limits.DEFAULT);
    }
  }

  @Test
  void c19_waitingOnACallbackThread_isRefused() throws InterruptedException {
    QuorateClient lonely = lonely();
    try (Config<Limits> config = limits(lonely).start()) {
      BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
      lonely
          .scheduler()
          .executor()
          .execute(
              () -> {
                try {
                  config.awaitLoaded(LONG);
                } catch (IllegalStateException | InterruptedException e) {
                  thrown.add(e);
                }
              });
      assertThat(take(thrown))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("onChange");
    }
  }

  @Test
  void c26_hundredConfigs_needNoThreads() throws InterruptedException {
    QuorateClient client = client("reader");
    List<Config<String>> configs = new ArrayList<>();
    client.blocking().create("/c26", null);
    int before = Thread.activeCount();
    for (int i = 0; i < 100; i++) {
      configs.add(Recipes.on(client).config("/c26/" + i, Codec.TEXT).initially("").start());
    }
    for (Config<String> config : configs) {
      config.awaitLoaded(LONG);
    }

    assertThat(Thread.activeCount() - before).isLessThan(10);
    configs.forEach(Config::close);
  }

  // ---- writing
  // -----------------------------------------------------------------------------------

  @Test
  void w14_c1_c3_updatesOfManyThreads_whileTheLeaderDies_countEachOnce()
      throws InterruptedException {
    int each = 60;
    List<Config<Limits>> configs = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      QuorateClient client =
          kept(
              ensemble.client(
                  ensemble
                      .clientBuilder(name)
                      .sessionTimeout(Duration.ofSeconds(10))
                      .requestTimeout(LONG)));
      configs.add(limits(client).history(5).start());
    }
    get(configs.get(0).set(new Limits(0)));

    List<CompletableFuture<Void>> chains = new ArrayList<>();
    for (Config<Limits> config : configs) {
      chains.add(increments(config, each));
      chains.add(increments(config, each));
    }
    await("some updates", () -> configs.get(0).value().max() > 20);
    ensemble.killLeader();
    get(CompletableFuture.allOf(chains.toArray(CompletableFuture[]::new)));

    for (Config<Limits> config : configs) {
      await("the sum", () -> config.value().max() == each * chains.size());
    }
    assertThat(get(configs.get(0).version())).isEqualTo((long) each * chains.size());
    configs.forEach(Config::close);
  }

  private static CompletableFuture<Void> increments(Config<Limits> config, int count) {
    CompletableFuture<?> all = CompletableFuture.completedFuture(null);
    for (int i = 0; i < count; i++) {
      all = all.thenCompose(done -> config.update(now -> now.withMax(now.max() + 1)));
    }
    return all.thenAccept(done -> {});
  }

  @Test
  void c18_slowUpdateFunction_holdsUpNobodyElse() throws InterruptedException {
    Recipes other = Recipes.on(client("other"));
    try (Config<Limits> config = limits(client("slow")).start();
        Config<Limits> writing = other.config(path, Json.of(Limits.class)).start()) {
      get(config.set(new Limits(1)));
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch slow = new CountDownLatch(1);
      CompletableFuture<Long> update =
          config.update(
              now -> {
                begun.countDown();
                awaitQuietly(slow);
                return now.withMax(now.max() * 10);
              });
      awaitQuietly(begun);

      get(writing.set(new Limits(2)));

      await("the value of the other", () -> config.value().max() == 2);
      slow.countDown();
      assertThat(get(update)).isEqualTo(2);
      assertThat(config.value().max()).isEqualTo(20);
    }
  }

  @Test
  void writtenValue_isReadAtOnce_andParentsAreCreated() throws InterruptedException {
    try (Config<Limits> config = limits(client("a")).start()) {
      assertThat(get(config.update(l -> l.withMax(l.max() + 1)))).isZero();
      assertThat(config.value().max()).isEqualTo(11);
      assertThat(get(config.set(new Limits(5)))).isEqualTo(1);
      assertThat(config.value().max()).isEqualTo(5);
    }
  }

  @Test
  void expectedVersion_isHeldTo() throws InterruptedException {
    try (Config<Limits> config = limits(client("a")).start()) {
      assertThat(get(config.set(new Limits(1), Config.ABSENT))).isZero();
      assertThatThrownBy(() -> get(config.set(new Limits(2), Config.ABSENT)))
          .isInstanceOf(NodeExistsException.class);
      assertThatThrownBy(() -> get(config.set(new Limits(2), 7)))
          .isInstanceOfSatisfying(
              BadVersionException.class, e -> assertThat(e.found()).isEqualTo(0));
      assertThat(get(config.set(new Limits(2), 0))).isEqualTo(1);
    }
  }

  @Test
  void invalidValue_isNotWritten() throws InterruptedException {
    try (Config<Limits> config = limits(client("a")).start()) {
      get(config.set(new Limits(1)));
      assertThatThrownBy(() -> get(config.update(l -> l.withMax(-1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("found -1");
      assertThat(get(config.version())).isZero();
    }
  }

  @Test
  void history_isBounded_andRollsBack() throws InterruptedException {
    QuorateClient client = client("a");
    try (Config<Limits> config = limits(client).history(3).start()) {
      for (int i = 0; i <= 6; i++) {
        assertThat(get(config.set(new Limits(100 + i)))).isEqualTo(i);
      }
      assertThat(get(config.versions())).containsExactly(3L, 4L, 5L);

      assertThat(get(config.rollBackTo(4))).isEqualTo(7);

      assertThat(config.value().max()).isEqualTo(104);
      assertThat(get(config.versions())).containsExactly(4L, 5L, 6L);
      assertThatThrownBy(() -> get(config.rollBackTo(1)))
          .isInstanceOf(UnknownVersionException.class)
          .hasMessageContaining("no version 1")
          .hasMessageContaining("[4, 5, 6]");
      client.blocking().delete(path);
      get(config.set(new Limits(1)));
      assertThatThrownBy(() -> get(config.rollBackTo(4)))
          .isInstanceOf(UnknownVersionException.class);
    }
  }
}
