package io.quorate.server.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.Consistency;
import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.ZnodeStat;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.transport.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an observer does for clients all that a follower does, and for the ensemble nothing: it
 * counts towards no quorum and its death is noticed by nobody.
 *
 * <p>Method: whole servers, three that vote and one that does not.
 */
class ObserverTest {
  private static final int OBSERVER = Servers.COUNT + 1;
  private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(5);

  @TempDir private Path directory;
  private @Nullable Servers opened;

  @AfterEach
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  private Servers servers(StorageConfig storage) {
    Servers servers = new Servers(directory, storage, 1);
    opened = servers;
    return servers.start();
  }

  private Servers servers() {
    return servers(StorageConfig.defaults());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void clientOfAnObserver_writesReadsWatchesAndReadsLinearizably() throws InterruptedException {
    Servers servers = servers();
    QuorateClient here = servers.clientOf(OBSERVER);
    QuorateClient there = servers.clientOf(servers.leader());

    here.blocking().create("/a", bytes("1"));
    assertThat(there.blocking().get("/a").data()).isEqualTo(bytes("1"));

    List<ZnodeEvent> heard = new CopyOnWriteArrayList<>();
    here.blocking().watch("/a", heard::add);
    for (int i = 2; i <= 20; i++) {
      byte[] data = bytes(String.valueOf(i));
      there.blocking().set("/a", data);
      assertThat(here.blocking().get("/a", Consistency.LINEARIZABLE).data()).isEqualTo(data);
    }
    there.blocking().set("/a", bytes("last"));
    here.blocking().sync();
    assertThat(here.blocking().get("/a").data()).isEqualTo(bytes("last"));
    Await.until(() -> "twenty events; found " + heard, () -> heard.size() == 20);
  }

  @Test
  void observer_saysSoInItsStatus() throws InterruptedException, ExecutionException {
    Servers servers = servers();
    ServerStatus status =
        QuorateClient.status(servers.clientAddress(OBSERVER), STATUS_TIMEOUT).get();
    assertThat(status.role()).isEqualTo("observer");
    assertThat(status.serving()).isTrue();
    assertThat(status.leaderId()).isEqualTo(servers.leader());
  }

  @Test
  void twoOfThreeVotersKilled_nothingIsCommittedAlthoughTheObserverHasIt()
      throws InterruptedException {
    Servers servers = servers();
    int leader = servers.leader();
    QuorateClient client = servers.clientOf(leader);
    client.blocking().create("/a", bytes("before"));
    servers.assertEqualStates();
    int one = servers.follower();
    int other = Servers.third(leader, one);
    servers.kill(one);
    servers.kill(other);
    long committed = servers.status(leader).replica().committedZxid();

    CompletableFuture<ZnodeStat> set = client.set("/a", bytes("after"));

    Await.until(
        () -> "the write on the disks of leader and observer; found " + servers.describe(),
        () ->
            servers.status(leader).replica().durableZxid() > committed
                && servers.status(OBSERVER).replica().durableZxid() > committed);
    servers.assertNobodyLeads();
    assertThat(servers.status(leader).replica().committedZxid()).isEqualTo(committed);
    assertThat(servers.status(OBSERVER).replica().committedZxid()).isEqualTo(committed);
    assertThat(set).isNotDone();

    servers.start(one);
    assertThat(client.blocking().await(set).version()).isEqualTo(1);
  }

  /** The write needs every voter that is left, so it could not be done if anybody had wavered. */
  @Test
  void killedObserver_disturbsNobody() throws InterruptedException {
    Servers servers = servers();
    int leader = servers.leader();
    long epoch = servers.status(leader).replica().epoch();
    servers.kill(servers.follower());
    QuorateClient client = servers.clientOf(leader);
    client.blocking().create("/a", null);

    servers.kill(OBSERVER);

    long end = System.nanoTime() + 2 * Servers.ELECTION_TIMEOUT.toNanos();
    while (System.nanoTime() - end < 0) {
      client.blocking().set("/a", null);
    }
    assertThat(servers.status(leader).leads()).isTrue();
    assertThat(servers.status(leader).replica().epoch()).isEqualTo(epoch);
  }

  @Test
  void observerThatWasAway_comesBackByDiff() throws InterruptedException {
    Servers servers = servers();
    assertThat(awayFor(servers, 20).kind()).isEqualTo(SyncPlan.Kind.DIFF);
    assertThat(servers.loadedState(OBSERVER)).isFalse();
  }

  @Test
  void observerAwayForMoreThanTheLogKeeps_comesBackBySnapshot() throws InterruptedException {
    Servers servers = servers(new StorageConfig(64 << 10, 200, 64 << 20, 1));
    assertThat(awayFor(servers, 4_000).kind()).isEqualTo(SyncPlan.Kind.SNAP);
    assertThat(servers.loadedState(OBSERVER)).isTrue();
  }

  /** The way by which it came back. */
  private static SyncPlan awayFor(Servers servers, int writes) throws InterruptedException {
    QuorateClient client = servers.clientOf(servers.leader());
    client.blocking().create("/a", null);
    servers.assertEqualStates();
    long position = servers.status(OBSERVER).replica().durableZxid();
    servers.kill(OBSERVER);
    List<CompletableFuture<ZnodeStat>> sets = new ArrayList<>();
    for (int i = 0; i < writes; i++) {
      sets.add(client.set("/a", new byte[100]));
    }
    for (CompletableFuture<ZnodeStat> set : sets) {
      client.blocking().await(set);
    }
    if (writes > 1_000) {
      servers.awaitPurgedBeyond(position);
    }
    servers.forget();
    servers.start(OBSERVER);
    servers.assertEqualStates();
    SyncPlan way = servers.firstWay(OBSERVER);
    assertThat(way).isNotNull();
    QuorateClient here = servers.clientOf(OBSERVER);
    assertThat(here.blocking().get("/a").stat().version()).isEqualTo(writes);
    return way;
  }
}
