package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodeStat;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.transport.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a server that was away comes back by the way that fits what it misses, and is equal then.
 *
 * <p>Method: whole servers; the leader tells which way it chose; states are compared by digest at
 * an equal zxid.
 */
class SynchronizationWaysTest {
  private static final int THOUSANDS = 4_000;
  private static final int DATA_BYTES = 100;

  @TempDir private Path directory;
  private @Nullable Servers opened;

  @AfterEach
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  private Servers servers(StorageConfig storage) {
    Servers servers = new Servers(directory, storage);
    opened = servers;
    return servers.start();
  }

  /** Pipelined; returns when all are acknowledged. */
  private static void write(QuorateClient client, int count) throws InterruptedException {
    List<CompletableFuture<ZnodeStat>> sets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sets.add(client.set("/a", new byte[DATA_BYTES]));
    }
    for (CompletableFuture<ZnodeStat> set : sets) {
      client.blocking().await(set);
    }
  }

  /** Writes, stops a follower, writes more, starts it again; the way that it came back by. */
  private static Return awayFor(Servers servers, int writes) throws InterruptedException {
    int away = servers.follower();
    QuorateClient client = servers.clientOf(Servers.third(away, servers.leader()));
    client.blocking().create("/a", null);
    servers.assertEqualStates();
    long position = servers.status(away).replica().durableZxid();
    servers.kill(away);
    write(client, writes);
    if (writes > THOUSANDS) {
      servers.awaitPurgedBeyond(position);
    }
    servers.forget();
    servers.start(away);
    servers.assertEqualStates();
    SyncPlan way = servers.firstWay(away);
    assertThat(way).isNotNull();
    assertThat(servers.status(away).appliedZxid()).isGreaterThanOrEqualTo(position + writes);
    return new Return(away, position, way);
  }

  /** What came of it. */
  private record Return(int server, long position, SyncPlan way) {}

  // --- a prefix ----------------------------------------------------------------------------------

  @Test
  void followerThatMissedNothing_needsNothing() throws InterruptedException {
    Servers servers = servers(StorageConfig.defaults());
    Return back = awayFor(servers, 0);
    assertThat(back.way().kind()).isEqualTo(SyncPlan.Kind.NOTHING);
    assertThat(back.way().zxid()).isEqualTo(back.position());
  }

  @Test
  void followerAwayForTenWrites_comesBackByDiff() throws InterruptedException {
    Servers servers = servers(StorageConfig.defaults());
    Return back = awayFor(servers, 10);
    assertThat(back.way().kind()).isEqualTo(SyncPlan.Kind.DIFF);
    assertThat(back.way().zxid()).isEqualTo(back.position());
    assertThat(servers.loadedState(back.server())).isFalse();
  }

  @Test
  void followerAwayForThousandsOfWrites_comesBackByDiff() throws InterruptedException {
    Servers servers = servers(StorageConfig.defaults());
    Return back = awayFor(servers, THOUSANDS);
    assertThat(back.way().kind()).isEqualTo(SyncPlan.Kind.DIFF);
    assertThat(back.way().zxid()).isEqualTo(back.position());
    assertThat(servers.loadedState(back.server())).isFalse();
  }

  @Test
  void followerAwayForMoreThanTheLogKeeps_comesBackBySnapshot() throws InterruptedException {
    // 512 entries fill a segment of that size; a snapshot about every 200 of them, one is kept.
    Servers servers = servers(new StorageConfig(64 << 10, 200, 64 << 20, 1));
    Return back = awayFor(servers, THOUSANDS + 1);
    assertThat(back.way().kind()).isEqualTo(SyncPlan.Kind.SNAP);
    assertThat(back.way().zxid()).isGreaterThan(back.position());
    assertThat(servers.loadedState(back.server())).isTrue();
    // What came over the wire is durable and complete: it starts from it, and needs nothing.
    servers.kill(back.server());
    servers.forget();
    servers.start(back.server());
    servers.assertEqualStates();
    assertThat(servers.firstWay(back.server()))
        .isNotNull()
        .extracting(SyncPlan::kind)
        .isEqualTo(SyncPlan.Kind.NOTHING);
  }

  // --- a tail that nobody else has ---------------------------------------------------------------

  /**
   * Writes that only a former leader has.
   *
   * @param forkZxid the entry before them, the last that others have
   */
  private record Tail(List<CompletableFuture<ZnodeStat>> sets, long forkZxid) {}

  /** Isolates the leader and has it append writes that no quorum can have. */
  private static Tail appendWithoutQuorum(Servers servers, int leader, QuorateClient client) {
    servers.isolate(leader);
    ReplicaStatus before = servers.status(leader).replica();
    assertThat(servers.status(leader).leads()).as("still leads: " + servers.describe()).isTrue();
    List<CompletableFuture<ZnodeStat>> sets = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sets.add(client.set("/tail", new byte[] {(byte) i}));
    }
    Await.until(
        () -> "a tail of the leader's own; found " + servers.describe(),
        () -> servers.status(leader).replica().durableZxid() > before.durableZxid());
    assertThat(servers.status(leader).replica().committedZxid())
        .isLessThanOrEqualTo(before.durableZxid());
    assertThat(sets).noneMatch(CompletableFuture::isDone);
    return new Tail(sets, before.durableZxid());
  }

  /** Exactly the tail, and nothing that others have, too. */
  private static void assertCut(@Nullable SyncPlan way, Tail tail) {
    assertThat(way).isNotNull();
    assertThat(way.kind()).isIn(SyncPlan.Kind.TRUNC, SyncPlan.Kind.TRUNC_DIFF);
    assertThat(way.zxid()).isEqualTo(tail.forkZxid());
  }

  @Test
  void formerLeaderWithAnUncommittedTail_isCutAndItsWritesHappenOnce() throws InterruptedException {
    Servers servers = servers(StorageConfig.defaults());
    int former = servers.leader();
    QuorateClient atFormer = servers.clientOf(former);
    atFormer.blocking().create("/tail", null);
    atFormer.blocking().create("/a", null);
    servers.assertEqualStates();
    Tail tail = appendWithoutQuorum(servers, former, atFormer);
    int next = servers.awaitLeaderBut(former);
    QuorateClient atNext = servers.clientOf(next);
    write(atNext, 10);
    assertThat(atNext.blocking().get("/tail").stat().version()).isZero();
    servers.forget();

    servers.heal();

    // Its client sends them again, in the next history: each is done once, in order.
    int version = 0;
    for (CompletableFuture<ZnodeStat> set : tail.sets()) {
      assertThat(atFormer.blocking().await(set).version()).isEqualTo(++version);
    }
    servers.assertEqualStates();
    assertCut(servers.firstWay(former), tail);
    assertThat(servers.loadedState(former)).as("stepped back without a snapshot").isFalse();
  }

  @Test
  void killedLeaderWithAnUncommittedTail_isCutWhenItStartsAgain() throws InterruptedException {
    Servers servers = servers(StorageConfig.defaults());
    int former = servers.leader();
    QuorateClient atFormer = servers.clientOf(former);
    atFormer.blocking().create("/tail", null);
    servers.assertEqualStates();
    Tail tail = appendWithoutQuorum(servers, former, atFormer);
    servers.kill(former);
    servers.heal();
    int next = servers.awaitLeaderBut(former);
    QuorateClient atNext = servers.clientOf(next);
    atNext.blocking().create("/next", null, CreateMode.PERSISTENT);
    servers.forget();

    servers.start(former);

    int version = 0;
    for (CompletableFuture<ZnodeStat> set : tail.sets()) {
      assertThat(atFormer.blocking().await(set).version()).isEqualTo(++version);
    }
    servers.assertEqualStates();
    assertCut(servers.firstWay(former), tail);
    assertThat(servers.clientOf(former).blocking().exists("/next")).isPresent();
  }
}
