package io.quorate.recipes.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.ClientClosedException;
import io.quorate.client.ConnectionState;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.EnsembleFixture;
import io.quorate.recipes.cache.CacheOptions;
import io.quorate.recipes.cache.NearCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Goal: the traps that every recipe has to stand, for config, config tree and near cache. */
class ConfigCommonTrapsTest extends EnsembleFixture {

  private Config<String> config(QuorateClient client) {
    return Recipes.on(client).config(path, Codec.TEXT).start();
  }

  @Test
  void c5_w9_reconnectWithinTheSession_endsWithSynced_andNoChangeIsTold()
      throws InterruptedException {
    QuorateClient reader = client("reader");
    try (Config<String> config = config(reader);
        ConfigTree tree = Recipes.on(reader).configTree("/c5").start()) {
      get(config.set("1"));
      get(tree.update(Map.of("a", "1")));
      BlockingQueue<String> values = new LinkedBlockingQueue<>();
      BlockingQueue<ConfigPicture> pictures = new LinkedBlockingQueue<>();
      BlockingQueue<String> synced = new LinkedBlockingQueue<>();
      config.onChange((was, now) -> values.add(now)).onSynced(() -> synced.add("config"));
      tree.onChange((was, now) -> pictures.add(now)).onSynced(() -> synced.add("tree"));
      take(values);
      take(pictures);
      take(synced);
      take(synced);
      long session = reader.sessionId();
      BlockingQueue<ConnectionState> states = new LinkedBlockingQueue<>();
      try (Subscription listening = reader.onStateChange(states::add)) {
        assertThat(listening).isNotNull();
        for (int id : ensemble.ids()) {
          if (states.isEmpty()) {
            ensemble.stop(id);
            ensemble.restart(id);
            ensemble.awaitServing();
          }
        }
        await("the reconnect", () -> reader.state() == ConnectionState.CONNECTED);
      }

      assertThat(List.of(take(synced), take(synced))).contains("config", "tree");
      if (reader.sessionId() == session) {
        assertThat(values).isEmpty();
        assertThat(pictures).isEmpty();
      }
      assertThat(config.value()).isEqualTo("1");
    }
  }

  @Test
  void c10_freezeLongerThanTheSession_showsInTheAge_andIsCaughtUpWith()
      throws InterruptedException {
    QuorateClient reader = client("reader");
    try (Config<String> config = config(reader);
        Config<String> writing = config(client("writer"))) {
      get(writing.set("1"));
      await("the value", () -> config.zxid() != 0);
      try (Subscription frozen = ensemble.freeze(reader)) {
        assertThat(frozen).isNotNull();
        ensemble.expireSession(reader.sessionId());
        get(writing.set("2"));
        await("age", () -> config.age().compareTo(SESSION) > 0);
        assertThat(config.value()).isEqualTo("1");
      }
      await("the next value", () -> config.value().equals("2"));
    }
  }

  @Test
  void c11_interruptedWaiting_endsAtOnce() {
    QuorateClient lonely =
        kept(
            QuorateClient.builder("127.0.0.1:1")
                .clientName("lonely")
                .requestTimeout(Duration.ofMillis(100))
                .build());
    try (Config<String> config = config(lonely);
        ConfigTree tree = Recipes.on(lonely).configTree(path).start()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> config.awaitLoaded(LONG)).isInstanceOf(InterruptedException.class);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> tree.awaitLoaded(LONG)).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void c12_closedWhileWaiting_saysSo() throws InterruptedException {
    QuorateClient lonely =
        kept(
            QuorateClient.builder("127.0.0.1:1")
                .clientName("lonely")
                .requestTimeout(Duration.ofMillis(100))
                .build());
    Config<String> config = config(lonely);
    ConfigTree tree = Recipes.on(lonely).configTree(path).start();
    CompletableFuture<Object> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return config.awaitLoaded(LONG);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });

    config.close();
    tree.close();

    assertThatThrownBy(() -> get(waiting))
        .isInstanceOf(ConfigUnavailableException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> tree.awaitLoaded(LONG))
        .isInstanceOf(ConfigUnavailableException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void c12_clientClosed_failsWrites() {
    QuorateClient client = client("a");
    try (Config<String> config = config(client);
        NearCache<String> cache =
            Recipes.on(client).cache("/c12", Codec.TEXT, CacheOptions.maximumSize(9))) {
      client.close();
      assertThatThrownBy(() -> get(config.set("1"))).isInstanceOf(ClientClosedException.class);
      assertThatThrownBy(() -> get(cache.get("x"))).isInstanceOf(ClientClosedException.class);
    }
  }

  @Test
  void c16_manyCycles_leaveNoWatchBehind() throws InterruptedException {
    QuorateClient client = client("a");
    Recipes recipes = Recipes.on(client);
    client.blocking().create("/c16", null);
    client.blocking().create("/c16/x", null);
    long before = watches();
    for (int i = 0; i < 300; i++) {
      Config<String> config = recipes.config("/c16/x", Codec.TEXT).start();
      ConfigTree tree = recipes.configTree("/c16").start();
      NearCache<String> cache = recipes.cache("/c16", Codec.TEXT, CacheOptions.maximumSize(9));
      if (i % 3 == 0) {
        config.awaitLoaded(LONG);
        tree.awaitLoaded(LONG);
        get(cache.get("x"));
      }
      config.close();
      tree.close();
      cache.close();
    }
    client.blocking().sync();
    await("the watches to go", () -> watches() == before);
  }

  private long watches() throws InterruptedException {
    long watches = 0;
    for (int id : ensemble.ids()) {
      watches += get(QuorateClient.status(ensemble.connectString(id), LONG)).watches();
    }
    return watches;
  }

  @Test
  void c17b_reconnect_costsEachHandleOneRead() throws InterruptedException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    QuorateClient reader =
        kept(
            ensemble.client(
                ensemble
                    .clientBuilder("reader")
                    .sessionTimeout(Duration.ofSeconds(10))
                    .meters(registry)));
    int handles = 50;
    List<Config<String>> configs = new ArrayList<>();
    List<String> synced = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < handles; i++) {
      Config<String> config =
          Recipes.on(reader).config("/c17b/" + i, Codec.TEXT).initially("").start();
      config.awaitLoaded(LONG);
      config.onSynced(() -> synced.add("s"));
      configs.add(config);
    }
    await("the start", () -> synced.size() == handles);
    long before = reads(registry);
    long session = reader.sessionId();
    BlockingQueue<ConnectionState> states = new LinkedBlockingQueue<>();
    Subscription listening = reader.onStateChange(states::add);
    for (int id : ensemble.ids()) {
      if (states.isEmpty()) {
        ensemble.stop(id);
        ensemble.restart(id);
        ensemble.awaitServing();
      }
    }
    listening.close();

    await("the reconnect", () -> synced.size() >= 2 * handles);
    assertThat(reader.sessionId()).isEqualTo(session);
    long reconnects = states.stream().filter(s -> s == ConnectionState.CONNECTED).count();
    assertThat(reads(registry) - before).isLessThanOrEqualTo(2L * handles * (1 + reconnects));
    configs.forEach(Config::close);
  }

  private static long reads(SimpleMeterRegistry registry) {
    return registry.find("quorate.client.requests").tag("op", "get").timers().stream()
        .mapToLong(Timer::count)
        .sum();
  }

  @Test
  void c23_namespacesAndNamesOfAnyLetters_areTheSame() throws InterruptedException {
    QuorateClient inside =
        kept(
            ensemble.client(
                ensemble.clientBuilder("a").sessionTimeout(SESSION).namespace("/räume/b c")));
    path = "/größe %d\u4e2d/wert";
    try (Config<String> config = Recipes.on(inside).config(path, Codec.TEXT).history(2).start();
        ConfigTree tree = Recipes.on(inside).configTree("/größe %d\u4e2d").start();
        NearCache<String> cache =
            Recipes.on(inside).cache("/", Codec.TEXT, CacheOptions.maximumSize(9))) {
      get(config.set("1"));
      get(config.set("2"));
      get(config.rollBackTo(0));
      await("the tree", () -> tree.awaitLoaded(LONG).value("wert").equals(Optional.of("1")));
      await("the cache", () -> get(cache.get(path.substring(1))).value().equals(Optional.of("1")));
    }
  }

  @Test
  void c25_rollingRestartUnderLoad_losesNoUpdate() throws InterruptedException {
    QuorateClient writer =
        kept(
            ensemble.client(
                ensemble
                    .clientBuilder("writer")
                    .sessionTimeout(Duration.ofSeconds(10))
                    .requestTimeout(LONG)));
    List<Integer> told = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean stop = new AtomicBoolean();
    try (Config<String> config = config(client("reader"));
        Config<String> writing = config(writer)) {
      config.onChange((was, now) -> told.add(Integer.valueOf(now)));
      get(writing.set("0"));
      CompletableFuture<Integer> load = increments(writing, stop, 0);
      for (int id : ensemble.ids()) {
        ensemble.stop(id);
        ensemble.restart(id);
        ensemble.awaitServing();
      }
      stop.set(true);
      int written = get(load);

      assertThat(written).isGreaterThan(10);
      await("the last", () -> told.contains(written));
      assertThat(told).isSorted().doesNotHaveDuplicates();
    }
  }

  private static CompletableFuture<Integer> increments(
      Config<String> config, AtomicBoolean stop, int done) {
    if (stop.get()) {
      return CompletableFuture.completedFuture(done);
    }
    return config
        .update(now -> Integer.toString(Integer.parseInt(now) + 1))
        .thenCompose(version -> increments(config, stop, done + 1));
  }
}
