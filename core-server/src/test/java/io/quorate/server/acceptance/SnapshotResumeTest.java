package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodeStat;
import io.quorate.server.config.StorageConfig;
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
 * Goal: a snapshot whose transfer is cut goes on where it was, although its sender has taken others
 * meanwhile that would have it deleted (R28).
 *
 * <p>Method: whole servers; the receiver's disk stops in the middle of the file, then its links are
 * cut; every piece that the leader sends is counted.
 */
class SnapshotResumeTest {
  private static final int ZNODES = 120;
  private static final int ZNODE_BYTES = 100_000;
  private static final long STOPS_AT = 4 << 20;

  /** Sent and not yet acknowledged, at most; so much may be lost with a link. */
  private static final long IN_FLIGHT_MAX = 2 << 20;

  @TempDir private Path directory;
  private @Nullable Servers opened;
  private @Nullable GatedDisk gate;

  @AfterEach
  void close() {
    if (gate != null) {
      gate.open();
    }
    if (opened != null) {
      opened.close();
    }
  }

  private static void set(QuorateClient client, int count) throws InterruptedException {
    List<CompletableFuture<ZnodeStat>> sets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sets.add(client.set("/a", new byte[100]));
    }
    for (CompletableFuture<ZnodeStat> set : sets) {
      client.blocking().await(set);
    }
  }

  @Test
  void linkCutInTheMiddleOfASnapshot_onlyWhatWasInFlightIsSentAgain() throws InterruptedException {
    Servers servers = new Servers(directory, new StorageConfig(64 << 10, 200, 64 << 20, 1));
    opened = servers;
    servers.start();
    int away = servers.follower();
    QuorateClient client = servers.clientOf(servers.leader());
    client.blocking().create("/a", null);
    for (int i = 0; i < ZNODES; i++) {
      client.blocking().create("/z" + i, new byte[ZNODE_BYTES]);
    }
    servers.assertEqualStates();
    long position = servers.status(away).replica().durableZxid();
    servers.kill(away);
    set(client, 2_000);
    servers.awaitPurgedBeyond(position);
    servers.forget();

    servers.start(
        away,
        Servers.SECRET,
        disk -> {
          GatedDisk gated = new GatedDisk(disk, STOPS_AT);
          gate = gated;
          return gated;
        });
    GatedDisk gated = gate;
    assertThat(gated).isNotNull();
    Await.until(
        () -> "half of a snapshot at server " + away + "; found " + servers.describe(),
        gated::holds);
    servers.isolate(away);
    SyncPlan before = servers.firstWay(away);
    int cut = servers.pieces(away).size();
    servers.forget();
    set(client, 2_000);
    gated.open();
    servers.heal();
    servers.assertEqualStates();

    assertThat(before).isNotNull();
    assertThat(before.kind()).isEqualTo(SyncPlan.Kind.SNAP);
    assertThat(servers.firstWay(away)).isEqualTo(before);
    List<Servers.Piece> pieces = servers.pieces(away);
    long sent = pieces.stream().mapToLong(Servers.Piece::bytes).sum();
    Servers.Piece last = pieces.get(pieces.size() - 1);
    long length = last.offset() + last.bytes();
    Servers.Piece resumed = pieces.get(cut);
    System.out.printf(
        "[snapshot] %,d bytes; cut at %,d, gone on with at %,d; %,d bytes sent again%n",
        length, STOPS_AT, resumed.offset(), sent - length);
    assertThat(length).isGreaterThan((long) ZNODES * ZNODE_BYTES);
    assertThat(resumed.offset()).isGreaterThanOrEqualTo(STOPS_AT);
    assertThat(sent - length).isBetween(0L, IN_FLIGHT_MAX);
  }
}
