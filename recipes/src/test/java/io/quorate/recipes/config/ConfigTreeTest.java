package io.quorate.recipes.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.EnsembleFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Goal: several keys are always seen together, trap by trap. */
class ConfigTreeTest extends EnsembleFixture {

  private ConfigTree tree(QuorateClient client) {
    return Recipes.on(client).configTree(path).start();
  }

  @Test
  void updateOfSeveralKeys_isSeenAtOnce_andRemovalToo() throws InterruptedException {
    try (ConfigTree tree = tree(client("a"))) {
      long zxid = get(tree.update(Map.of("db/url", "x", "db/user", "y", "name", "z")));

      assertThat(tree.picture().zxid()).isGreaterThanOrEqualTo(zxid);
      assertThat(tree.picture().values())
          .containsExactlyEntriesOf(
              new TreeMap<>(Map.of("db/url", "x", "db/user", "y", "name", "z")));
      assertThat(tree.properties()).containsEntry("db.url", "x").hasSize(3);
      assertThat(get(tree.update(Map.of(), Set.of("never")))).isZero();
      get(tree.update(Map.of("name", "w"), Set.of("db/user", "never")));
      assertThat(tree.picture().values())
          .containsExactlyEntriesOf(new TreeMap<>(Map.of("db/url", "x", "name", "w")));
    }
  }

  @Test
  void w13_twoKeysOfOneMulti_areNeverSeenHalfApplied_underAStorm() throws InterruptedException {
    QuorateClient writer = client("writer");
    try (ConfigTree tree = tree(client("reader"))) {
      get(tree.update(Map.of("a", "0", "b/c", "0", "other", "0")));
      List<ConfigPicture> seen = Collections.synchronizedList(new ArrayList<>());
      tree.onChange((was, now) -> seen.add(now));
      int last = 1_500;

      List<CompletableFuture<?>> writes = new ArrayList<>();
      for (int i = 1; i <= last; i++) {
        byte[] value = Integer.toString(i).getBytes(UTF_8);
        writes.add(writer.multi(Op.set(path + "/a", value), Op.set(path + "/b/c", value)));
        writes.add(writer.set(path + "/other", value));
        if (i % 50 == 0) {
          get(writes.get(writes.size() - 1));
        }
      }
      await("the last", () -> tree.value("other").orElseThrow().equals("" + last));

      await("the last to be told", () -> seen.contains(tree.picture()));
      assertThat(seen).hasSizeGreaterThan(3);
      assertThat(seen)
          .allSatisfy(
              each -> assertThat(each.value("a")).as(each.toString()).isEqualTo(each.value("b/c")));
      assertThat(seen).extracting(ConfigPicture::zxid).isSorted();
    }
  }

  @Test
  void w15_loadWhileWritersRun_equalsTheServerAtTheEnd() throws InterruptedException {
    QuorateClient writer = client("writer");
    writer.blocking().create("/w15", null);
    path = "/w15/tree";
    writer.blocking().create(path, null);
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Void> running = churn(writer, 0, stop);
    try (ConfigTree tree = tree(client("reader"))) {
      tree.awaitLoaded(LONG);
      stop.set(true);
      get(running);
      writer.blocking().create(path + "/end", null);

      await("the end", () -> tree.value("end").isPresent());
      List<String> names = writer.blocking().children(path).names();
      assertThat(tree.picture().values().keySet()).containsExactlyElementsOf(names);
    }
  }

  private CompletableFuture<Void> churn(QuorateClient writer, int i, AtomicBoolean stop) {
    if (stop.get() && i > 200) {
      return CompletableFuture.completedFuture(null);
    }
    String added = "%s/k%05d".formatted(path, i);
    CompletableFuture<?> done = writer.create(added, "v".getBytes(UTF_8));
    if (i % 3 == 2) {
      done = writer.delete("%s/k%05d".formatted(path, i - 2));
    }
    return done.thenCompose(each -> churn(writer, i + 1, stop));
  }

  @Test
  void w4_treeDeletedAndCreatedAnewWhileDisconnected_isReadAgain() throws InterruptedException {
    QuorateClient writer = client("writer");
    QuorateClient reader = client("reader");
    try (ConfigTree tree = tree(reader);
        ConfigTree writing = tree(writer)) {
      get(writing.update(Map.of("a", "1", "b", "2")));
      await("both", () -> tree.awaitLoaded(LONG).values().size() == 2);

      try (Subscription frozen = ensemble.freeze(reader)) {
        assertThat(frozen).isNotNull();
        get(writing.update(Map.of(), Set.of("a", "b")));
        writer.blocking().delete(path);
        get(writing.update(Map.of("a", "1", "c", "3")));
      }

      await("the new life", () -> tree.picture().values().keySet().equals(Set.of("a", "c")));
    }
  }

  @Test
  void w2_w9_absentRoot_thenExpiry_endWithTheNewestPicture() throws InterruptedException {
    QuorateClient reader = client("reader");
    BlockingQueue<ConfigProblem> problems = new LinkedBlockingQueue<>();
    BlockingQueue<Boolean> synced = new LinkedBlockingQueue<>();
    try (ConfigTree tree = tree(reader);
        ConfigTree writing = tree(client("writer"))) {
      tree.onProblem(problems::add).onSynced(() -> synced.add(true));
      assertThat(take(problems).kind()).isEqualTo(ConfigProblem.Kind.ABSENT);
      assertThat(tree.picture().values()).isEmpty();
      take(synced);
      get(writing.update(Map.of("a", "1")));
      await("a", () -> tree.value("a").isPresent());
      assertThat(tree.problem()).isEmpty();

      ensemble.expireSession(reader);
      get(writing.update(Map.of("a", "2")));

      take(synced);
      await("a = 2", () -> tree.value("a").equals(Optional.of("2")));
      assertThat(tree.age()).isLessThan(LONG);
    }
  }

  @Test
  void w16_c15_keyThatMayNotBeRead_isToldAndTheOthersGoOn() throws InterruptedException {
    QuorateClient writer = client("writer");
    BlockingQueue<ConfigProblem> problems = new LinkedBlockingQueue<>();
    try (ConfigTree tree =
        Recipes.on(client("reader"))
            .configTree(path)
            .recheckEvery(Duration.ofMillis(100))
            .start()) {
      get(tree.update(Map.of("a", "1", "b", "1")));
      tree.onProblem(problems::add);

      writer
          .blocking()
          .setAcl(path + "/a", List.of(new Acl(Acl.ADMIN | Acl.WRITE, Identity.ANYONE)));

      ConfigProblem problem = take(problems);
      assertThat(problem.kind()).isEqualTo(ConfigProblem.Kind.UNREADABLE);
      assertThat(problem.path()).isEqualTo(path + "/a");
      writer.blocking().set(path + "/b", "2".getBytes(UTF_8));
      await("b", () -> tree.value("b").equals(Optional.of("2")));
      assertThat(tree.value("a")).contains("1");
      writer.blocking().set(path + "/a", "2".getBytes(UTF_8));
      writer.blocking().setAcl(path + "/a", Acl.OPEN);
      await("a", () -> tree.value("a").equals(Optional.of("2")));
    }
  }

  @Test
  void w10_w11_manyKeys_areReadWithABoundedNumberAtATime() throws InterruptedException {
    QuorateClient writer = client("writer");
    int keys = 3_000;
    writer.blocking().create("/w10", null);
    path = "/w10/tree";
    writer.blocking().create(path, null);
    for (int at = 0; at < keys; at += 500) {
      List<Op> ops = new ArrayList<>();
      for (int i = at; i < at + 500; i++) {
        ops.add(Op.create("%s/k%05d".formatted(path, i), Integer.toString(i).getBytes(UTF_8)));
      }
      writer.blocking().multi(ops);
    }
    QuorateClient reader = client("reader");
    try (ConfigTree tree = tree(reader)) {
      assertThat(tree.awaitLoaded(LONG).values()).hasSize(keys);
      BlockingQueue<Boolean> synced = new LinkedBlockingQueue<>();
      tree.onSynced(() -> synced.add(true));
      take(synced);

      ensemble.expireSession(reader);
      writer.blocking().set(path + "/k00042", "changed".getBytes(UTF_8));

      take(synced);
      await("the change", () -> tree.value("k00042").equals(Optional.of("changed")));
      assertThat(tree.picture().values()).hasSize(keys);
    }
  }

  @Test
  void w12_c12_c19_closing_inEveryWay() throws InterruptedException {
    QuorateClient client = client("a");
    for (int i = 0; i < 20; i++) {
      ConfigTree tree = tree(client);
      tree.close();
      tree.close();
    }
    ConfigTree own = tree(client);
    BlockingQueue<ConfigPicture> seen = new LinkedBlockingQueue<>();
    own.onChange(
        (was, now) -> {
          own.close();
          seen.add(now);
        });
    take(seen);
    try (ConfigTree other = tree(client)) {
      get(other.update(Map.of("a", "1")));
    }
    assertThat(seen).isEmpty();
    assertThat(own.picture().values()).isEmpty();
  }

  @Test
  void keysThatCantBe_areRefusedAtOnce() {
    try (ConfigTree tree = tree(client("a"))) {
      for (String key : List.of("", "/a", "a//b", ".a", "a/.b", "a/")) {
        assertThatThrownBy(() -> tree.update(Map.of(key, "x")))
            .as(key)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("'" + key + "'");
      }
      assertThatThrownBy(() -> tree.update(Map.of())).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void historyOfAConfigInside_isNoKey() throws InterruptedException {
    QuorateClient client = client("a");
    try (ConfigTree tree = tree(client);
        Config<String> inside =
            Recipes.on(client)
                .config(path + "/x", io.quorate.recipes.base.Codec.TEXT)
                .history(3)
                .start()) {
      get(inside.set("1"));
      get(inside.set("2"));
      await("x", () -> tree.awaitLoaded(LONG).value("x").equals(Optional.of("2")));
      assertThat(tree.picture().values()).hasSize(1);
    }
  }
}
