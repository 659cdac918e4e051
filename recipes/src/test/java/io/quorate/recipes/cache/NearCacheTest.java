package io.quorate.recipes.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.client.UnavailableException;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.CodecException;
import io.quorate.recipes.base.EnsembleFixture;
import io.quorate.recipes.base.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: what is cached is what the ensemble would say, trap by trap. */
class NearCacheTest extends EnsembleFixture {
  private SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @BeforeEach
  void countAnew() {
    registry = new SimpleMeterRegistry();
  }

  private QuorateClient metered(String name) {
    return kept(
        ensemble.client(ensemble.clientBuilder(name).sessionTimeout(SESSION).meters(registry)));
  }

  private long reads() {
    return registry.find("quorate.client.requests").tag("op", "get").timers().stream()
        .mapToLong(Timer::count)
        .sum();
  }

  private QuorateClient writer(int values) throws InterruptedException {
    QuorateClient writer = client("writer");
    writer.blocking().create(ZnodePath.parent(path), null);
    writer.blocking().create(path, null);
    for (int i = 0; i < values; i++) {
      writer.blocking().create(path + "/" + i, bytes("v" + i));
    }
    return writer;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private NearCache<String> cache(QuorateClient client, CacheOptions options) {
    return Recipes.on(client).cache(path, Codec.TEXT, options);
  }

  private NearCache<String> cache(QuorateClient client) {
    return cache(client, CacheOptions.maximumSize(1_000));
  }

  @Test
  void value_isLoadedOnce_andAgainAfterAChange() throws InterruptedException {
    QuorateClient writer = writer(1);
    try (NearCache<String> cache = cache(metered("reader"))) {
      List<CompletableFuture<Cached<String>>> asked = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        asked.add(cache.get("0"));
      }
      for (CompletableFuture<Cached<String>> each : asked) {
        assertThat(get(each).value()).contains("v0");
      }
      get(cache.get("0"));
      assertThat(reads()).isEqualTo(1);

      long mzxid = writer.blocking().set(path + "/0", bytes("w")).mzxid();

      await("the change", () -> get(cache.get("0")).value().orElseThrow().equals("w"));
      Cached<String> now = get(cache.get("0"));
      assertThat(now.mzxid()).isEqualTo(mzxid);
      assertThat(now.zxid()).isGreaterThanOrEqualTo(mzxid);
      assertThat(reads()).isEqualTo(2);
    }
  }

  @Test
  void ownWrites_areSeenAtOnce() throws InterruptedException {
    writer(1);
    QuorateClient client = client("reader");
    try (NearCache<String> cache = cache(client)) {
      for (int i = 0; i < 200; i++) {
        client.blocking().set(path + "/0", bytes("n" + i));
        assertThat(get(cache.get("0")).value()).contains("n" + i);
      }
    }
  }

  @Test
  void w2_absence_isCached_untilItIsCreated() throws InterruptedException {
    QuorateClient writer = writer(0);
    try (NearCache<String> cache = cache(metered("reader"))) {
      assertThat(get(cache.get("x/y")).value()).isEmpty();
      assertThat(get(cache.get("x/y")).value()).isEmpty();
      assertThat(reads()).isEqualTo(1);

      writer.blocking().create(path + "/x", null);
      writer.blocking().create(path + "/x/y", bytes("1"));

      await("the creation", () -> get(cache.get("x/y")).value().isPresent());
      writer.blocking().delete(path + "/x/y");
      await("the deletion", () -> get(cache.get("x/y")).value().isEmpty());
    }
  }

  @Test
  void w3_w9_recreatedWhileDisconnected_andAfterExpiry_isLoadedAgain() throws InterruptedException {
    QuorateClient writer = writer(1);
    QuorateClient reader = client("reader");
    try (NearCache<String> cache = cache(reader)) {
      long before = get(cache.get("0")).mzxid();
      try (Subscription frozen = ensemble.freeze(reader)) {
        assertThat(frozen).isNotNull();
        writer.blocking().delete(path + "/0");
        writer.blocking().create(path + "/0", bytes("v0"));
      }
      await("the new life", () -> get(cache.get("0")).mzxid() > before);

      ensemble.expireSession(reader);
      writer.blocking().set(path + "/0", bytes("late"));

      await("the new session", () -> get(cache.get("0")).value().orElseThrow().equals("late"));
    }
  }

  @Test
  void w5_corruptValue_failsAndIsNotCached() throws InterruptedException {
    QuorateClient writer = writer(1);
    try (NearCache<Integer> cache =
        Recipes.on(client("reader"))
            .cache(path, Json.of(Integer.class), CacheOptions.maximumSize(10))) {
      assertThatThrownBy(() -> get(cache.get("0"))).isInstanceOf(CodecException.class);
      writer.blocking().set(path + "/0", bytes("7"));
      await(
          "a good value",
          () -> {
            try {
              return get(cache.get("0")).value().orElseThrow() == 7;
            } catch (CodecException e) {
              return false;
            }
          });
    }
  }

  @Test
  void w8_d13_partition_servesStaleWithItsAge_orFailsClosed() throws InterruptedException {
    writer(1);
    int follower = ensemble.followers().get(0);
    QuorateClient reader =
        kept(
            ensemble.client(
                QuorateClient.builder(ensemble.connectString(follower))
                    .clientName("reader")
                    .sessionTimeout(SESSION)));
    CacheOptions strict = CacheOptions.maximumSize(10).maxStale(SESSION);
    try (NearCache<String> stale = cache(reader);
        NearCache<String> closed = cache(reader, strict)) {
      get(stale.get("0"));
      get(closed.get("0"));

      ensemble.isolate(follower);
      await("age", () -> stale.age().compareTo(SESSION.multipliedBy(2)) > 0);

      assertThat(get(stale.get("0")).value()).contains("v0");
      assertThatThrownBy(() -> get(closed.get("0")))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("at most 1000 ms");
      ensemble.heal();
      await("freshness", () -> stale.age().compareTo(SESSION) < 0);
      assertThat(get(closed.get("0")).value()).contains("v0");
    }
  }

  @Test
  void size_isBounded() throws InterruptedException {
    writer(60);
    try (NearCache<String> cache = cache(client("reader"), CacheOptions.maximumSize(20))) {
      for (int i = 0; i < 60; i++) {
        assertThat(get(cache.get("" + i)).value()).contains("v" + i);
      }
      assertThat(cache.size()).isBetween(1L, 20L);
    }
  }

  @Test
  void w15_readsAmongWrites_neverGoBack_andEndRight() throws InterruptedException {
    QuorateClient writer = writer(8);
    Random random = new Random(7);
    Map<String, Long> newest = new HashMap<>();
    List<CompletableFuture<?>> writes = new ArrayList<>();
    try (NearCache<String> cache = cache(client("reader"), CacheOptions.maximumSize(5))) {
      for (int i = 0; i < 2_000; i++) {
        String key = "" + random.nextInt(8);
        if (random.nextInt(3) == 0) {
          writes.add(writer.set(path + "/" + key, bytes("n" + i)));
        }
        Cached<String> read = get(cache.get(key));
        assertThat(read.mzxid()).isGreaterThanOrEqualTo(newest.getOrDefault(key, 0L));
        newest.put(key, read.mzxid());
      }
      get(CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)));
      for (int i = 0; i < 8; i++) {
        String key = "" + i;
        long mzxid = writer.blocking().get(path + "/" + key).stat().mzxid();
        await("the last of " + key, () -> get(cache.get(key)).mzxid() == mzxid);
      }
    }
  }

  @Test
  void w16_reloadAfter_boundsWhatNoEventTells() throws InterruptedException {
    writer(1);
    CacheOptions options = CacheOptions.maximumSize(10).reloadAfter(Duration.ofMillis(50));
    try (NearCache<String> cache = cache(metered("reader"), options)) {
      await("several loads", () -> get(cache.get("0")).value().isPresent() && reads() > 2);
    }
  }

  @Test
  void w12_closedCache_saysSo_andBadKeysAreRefused() throws InterruptedException {
    writer(1);
    NearCache<String> cache = cache(client("reader"));
    get(cache.get("0"));
    for (String key : List.of("", "/0", "a//b", "..")) {
      assertThatThrownBy(() -> cache.get(key))
          .as(key)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + key + "'");
    }

    cache.close();
    cache.close();

    assertThat(cache.size()).isZero();
    assertThatThrownBy(() -> get(cache.get("0")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
