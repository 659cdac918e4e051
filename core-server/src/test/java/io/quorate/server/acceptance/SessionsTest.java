package io.quorate.server.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ConnectionState;
import io.quorate.client.Consistency;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodeStat;
import io.quorate.server.embedded.EmbeddedEnsemble;
import io.quorate.server.embedded.QuorateEnsemble;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a session holds goes when the session ends, once, and not before its client knew.
 *
 * <p>Method: one client holds, loses its servers in each way there is, and keeps the time of what
 * it is told; another watches from outside, on the same clock.
 */
@QuorateEnsemble(servers = 3)
class SessionsTest {
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** A tenth of it lies between the client's signal and the end: more than a busy machine takes. */
  private static final Duration LONG = Duration.ofSeconds(3);

  private final EmbeddedEnsemble ensemble;

  SessionsTest(EmbeddedEnsemble ensemble) {
    this.ensemble = ensemble;
  }

  @BeforeEach
  @AfterEach
  void repair() {
    for (int id : ensemble.ids()) {
      if (!ensemble.isRunning(id)) {
        ensemble.restart(id);
      }
    }
    ensemble.heal();
    ensemble.awaitServing();
  }

  private QuorateClient holder(String connect, Duration timeout) {
    return ensemble.client(
        QuorateClient.builder(connect)
            .clientName("holder")
            .sessionTimeout(timeout)
            .requestTimeout(Duration.ofSeconds(20)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** An event and when it was told, by {@link System#nanoTime}. */
  private record Seen(ZnodeEvent event, long nanos) {}

  /** Everything that a client's persistent watches tell. */
  private static final class Eye {
    private final QuorateClient client;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    Eye(QuorateClient client, String... paths) throws InterruptedException {
      this.client = client;
      for (String path : paths) {
        client.blocking().watch(path, event -> seen.add(new Seen(event, System.nanoTime())));
      }
    }

    List<Seen> of(String path) {
      return seen.stream().filter(one -> one.event().path().equals(path)).toList();
    }

    List<ZnodeEvent.Type> typesOf(String path) {
      return of(path).stream().map(one -> one.event().type()).toList();
    }

    boolean sawTheEndOf(String path) {
      return typesOf(path).contains(ZnodeEvent.Type.DELETED);
    }

    /** Afterwards it has been told whatever happened before. */
    void settle() throws InterruptedException {
      client.blocking().sync();
    }
  }

  // --- ephemerals --------------------------------------------------------------------------------

  @Test
  void ephemeralsOfASilentClient_vanishOnceAndNotBeforeItsDeadline() throws InterruptedException {
    String[] held = {"/silent-0", "/silent-1", "/silent-2"};
    QuorateClient holder = holder(ensemble.connectString(), SHORT);
    for (String path : held) {
      holder.blocking().create(path, null, CreateMode.EPHEMERAL);
    }
    QuorateClient awake = holder(ensemble.connectString(), SHORT);
    awake.blocking().create("/awake", null, CreateMode.EPHEMERAL);
    Eye eye = new Eye(ensemble.client("eye"), "/silent-0", "/silent-1", "/silent-2", "/awake");
    long session = holder.sessionId();

    try (Subscription thaw = ensemble.freeze(holder)) {
      assertThat(thaw).isNotNull();
      long safeUntilNanos = System.nanoTime() + holder.safeUntil().remaining().toNanos();
      assertThat(holder.safeUntil().hasPassed()).isFalse();
      ensemble.await("the end of " + held[2], () -> eye.sawTheEndOf(held[2]));
      eye.settle();
      for (String path : held) {
        assertThat(eye.typesOf(path)).containsExactly(ZnodeEvent.Type.DELETED);
        assertThat(eye.of(path).get(0).nanos()).isGreaterThan(safeUntilNanos);
      }
      // All at one zxid: the session ends at once or not at all.
      assertThat(eye.seen.stream().map(one -> one.event().zxid()).distinct()).hasSize(1);
    }

    ensemble.await("its next session", () -> holder.sessionId() != session);
    holder.blocking().create(held[0], null, CreateMode.EPHEMERAL);
    eye.settle();
    assertThat(eye.typesOf(held[0]))
        .containsExactly(ZnodeEvent.Type.DELETED, ZnodeEvent.Type.CREATED);
    assertThat(eye.typesOf(held[1])).containsExactly(ZnodeEvent.Type.DELETED);
    assertThat(eye.typesOf("/awake")).isEmpty();
  }

  @Test
  void ephemeralsOfAPingingClient_stayThroughALeaderChange() throws InterruptedException {
    QuorateClient pinging = holder(ensemble.connectString(), SHORT);
    ZnodeStat created = pinging.blocking().create("/pinging", null, CreateMode.EPHEMERAL).stat();
    Eye eye = new Eye(ensemble.client("eye"), "/pinging");
    long session = pinging.sessionId();

    for (int round = 0; round < 2; round++) {
      String control = "/control-" + round;
      QuorateClient silent = holder(ensemble.connectString(), SHORT);
      silent.blocking().create(control, null, CreateMode.EPHEMERAL);
      try (Subscription thaw = ensemble.freeze(silent)) {
        assertThat(thaw).isNotNull();
        if (round == 0) {
          // The next leader gives both a whole timeout, and another to who has to attach again.
          ensemble.killLeader();
        }
        ensemble.await("the end of the control", () -> isGone(eye.client, control));
      }
    }
    eye.settle();
    // It may have been moved itself, and say so; the stat tells that nothing is missing.
    assertThat(eye.typesOf("/pinging")).doesNotContain(ZnodeEvent.Type.DELETED);
    assertThat(eye.client.blocking().exists("/pinging")).contains(created);
    assertThat(pinging.sessionId()).isEqualTo(session);
  }

  private static boolean isGone(QuorateClient client, String path) {
    return client.exists(path, Consistency.LINEARIZABLE).join().isEmpty();
  }

  // --- moving ------------------------------------------------------------------------------------

  @Test
  void sessionThatLosesItsServer_movesAndItsWritesHappenOnce() throws InterruptedException {
    QuorateClient holder = holder(ensemble.connectString(), LONG);
    List<ConnectionState> states = new CopyOnWriteArrayList<>();
    holder.blocking().create("/count", null);
    ZnodeStat created = holder.blocking().create("/me", null, CreateMode.EPHEMERAL).stat();
    Eye eye = new Eye(ensemble.client("eye"), "/me");
    long session = holder.sessionId();
    holder.onStateChange(states::add);
    List<CompletableFuture<ZnodeStat>> sets = new ArrayList<>();

    // One of them is the session's server, and one leads.
    for (int id : ensemble.ids()) {
      for (int i = 0; i < 200; i++) {
        sets.add(holder.set("/count", bytes(id + "-" + i)));
        if (i == 100) {
          ensemble.kill(id);
        }
      }
      holder.blocking().await(sets.get(sets.size() - 1));
      ensemble.restart(id);
      ensemble.awaitServing();
    }

    // The writes of one session are numbered: done twice or not at all, the versions would tell.
    int version = 0;
    for (CompletableFuture<ZnodeStat> set : sets) {
      assertThat(holder.blocking().await(set).version()).isEqualTo(++version);
    }
    assertThat(states).as("it lost its server").contains(ConnectionState.SUSPENDED);
    assertThat(states).doesNotContain(ConnectionState.LOST);
    assertThat(holder.sessionId()).isEqualTo(session);
    Znode count = eye.client.blocking().get("/count", Consistency.LINEARIZABLE);
    assertThat(count.stat().version()).isEqualTo(version);
    eye.settle();
    assertThat(eye.typesOf("/me")).doesNotContain(ZnodeEvent.Type.DELETED);
    assertThat(eye.client.blocking().exists("/me")).contains(created);
    ensemble.awaitEqualStates();
  }

  // --- LOST --------------------------------------------------------------------------------------

  @Test
  void clientCutOffFromEveryServer_knowsBeforeAnybodySeesItsEphemeralsVanish()
      throws InterruptedException, IOException {
    List<CutProxy> proxies = new ArrayList<>();
    try {
      for (int id : ensemble.ids()) {
        proxies.add(new CutProxy(ensemble.connectString(id)));
      }
      String connect = proxies.stream().map(CutProxy::address).collect(Collectors.joining(","));
      lostBeforeTheEnd(
          holder(connect, LONG),
          ensemble.client("eye"),
          "cable",
          () -> proxies.forEach(CutProxy::cut),
          () -> proxies.forEach(CutProxy::mend));
    } finally {
      for (CutProxy proxy : proxies) {
        proxy.close();
      }
    }
  }

  @Test
  void clientOfAnIsolatedFollower_knowsBeforeAnybodySeesItsEphemeralsVanish()
      throws InterruptedException {
    int leader = ensemble.leader();
    int isolated = ensemble.followers().get(0);
    lostBeforeTheEnd(
        holder(ensemble.connectString(isolated), LONG),
        ensemble.clientOf(leader, "eye"),
        "follower",
        () -> ensemble.isolate(isolated),
        ensemble::heal);
  }

  @Test
  void clientOfAnIsolatedLeader_knowsBeforeAnybodySeesItsEphemeralsVanish()
      throws InterruptedException {
    int isolated = ensemble.leader();
    lostBeforeTheEnd(
        holder(ensemble.connectString(isolated), LONG),
        ensemble.clientOf(ensemble.followers().get(0), "eye"),
        "leader",
        () -> ensemble.isolate(isolated),
        ensemble::heal);
  }

  private void lostBeforeTheEnd(
      QuorateClient holder, QuorateClient outside, String name, Runnable cut, Runnable mend)
      throws InterruptedException {
    String held = "/held-" + name;
    String config = "/config-" + name;
    holder.blocking().create(held, null, CreateMode.EPHEMERAL);
    outside.blocking().create(config, null);
    List<ZnodeEvent.Type> heard = new CopyOnWriteArrayList<>();
    holder.blocking().watch(config, event -> heard.add(event.type()));
    Eye eye = new Eye(outside, held);
    List<Long> lostNanos = new CopyOnWriteArrayList<>();
    List<Long> lostSessions = new CopyOnWriteArrayList<>();
    holder.onSessionLost(
        loss -> {
          lostNanos.add(System.nanoTime());
          lostSessions.add(loss.sessionId());
        });
    List<ConnectionState> states = new CopyOnWriteArrayList<>();
    holder.onStateChange(states::add);
    long session = holder.sessionId();

    cut.run();
    long cutNanos = System.nanoTime();
    long[] safeUntilNanos = {cutNanos};
    ensemble.await(
        "the end of " + held,
        () -> {
          long nowNanos = System.nanoTime();
          long remaining = holder.safeUntil().remaining().toNanos();
          if (remaining > 0) {
            safeUntilNanos[0] = Math.max(safeUntilNanos[0], nowNanos + remaining);
          }
          return eye.sawTheEndOf(held);
        });

    long endNanos = eye.of(held).get(0).nanos();
    assertThat(safeUntilNanos[0]).as("held on beyond the cut").isGreaterThan(cutNanos);
    assertThat(endNanos - safeUntilNanos[0]).as("nanoseconds after the deadline").isPositive();
    assertThat(lostSessions).containsExactly(session);
    assertThat(endNanos - lostNanos.get(0)).as("nanoseconds after LOST").isPositive();
    assertThat(states).contains(ConnectionState.LOST);

    // Nobody asks it to: it opens its next session, and says what may have been missed.
    outside.blocking().set(config, bytes("changed meanwhile"));
    assertThat(heard).doesNotContain(ZnodeEvent.Type.DATA_CHANGED);
    mend.run();
    ensemble.await("a resync of its watch", () -> heard.contains(ZnodeEvent.Type.RESYNC));
    ensemble.await("to be connected", () -> holder.state() == ConnectionState.CONNECTED);
    assertThat(holder.sessionId()).isNotZero().isNotEqualTo(session);
    assertThat(holder.blocking().get(config).data()).isEqualTo(bytes("changed meanwhile"));
    outside.blocking().set(config, bytes("changed again"));
    ensemble.await("the watch to go on", () -> heard.contains(ZnodeEvent.Type.DATA_CHANGED));
    eye.settle();
    assertThat(eye.typesOf(held)).containsOnlyOnce(ZnodeEvent.Type.DELETED);
  }
}
