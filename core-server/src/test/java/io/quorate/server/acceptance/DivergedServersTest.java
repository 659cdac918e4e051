package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.Created;
import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import io.quorate.data.WriteOp;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.node.Applier;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.transport.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a server whose state differs is found within a second, rebuilds it from its own disk and
 * rejoins, and no acknowledged write is lost; where nobody can say who is right, writes stop.
 *
 * <p>Method: whole servers; one of them applies one creation with other data than it was asked to.
 */
class DivergedServersTest {
  private static final long DETECTION_MILLIS_MAX = 1_000;
  private static final int BEFORE = 300;
  private static final int AFTER = 300;
  private static final String POISON = "/poison";
  private static final byte[] GOOD = {1};

  @TempDir private Path directory;
  private Servers servers;

  /** When the wrong state came to be. */
  private final AtomicLong alteredNanos = new AtomicLong();

  private void start(int observers) {
    StorageConfig often =
        new StorageConfig(
            StorageConfig.defaults().segmentBytes(),
            100,
            StorageConfig.defaults().snapshotEveryBytes(),
            StorageConfig.defaults().snapshotsKept());
    servers = new Servers(directory, often, observers).start();
  }

  @AfterEach
  void close() {
    servers.close();
  }

  /** Applies the creation of {@link #POISON} with other data, once. */
  private final class Once implements Applier {
    private final byte data;
    private boolean done;

    Once(int data) {
      this.data = (byte) data;
    }

    @Override
    public ApplyResult apply(StateMachine state, long zxid, long timeMillis, Command command) {
      if (done
          || !(command instanceof Command.Write write)
          || !(write.op() instanceof WriteOp.Create create)
          || !create.path().equals(POISON)) {
        return state.apply(zxid, timeMillis, command);
      }
      done = true;
      alteredNanos.set(System.nanoTime());
      WriteOp other = new WriteOp.Create(POISON, new byte[] {data}, create.mode());
      return state.apply(
          zxid,
          timeMillis,
          new Command.Write(
              write.sessionId(),
              write.attachZxid(),
              write.number(),
              write.confirmedUpTo(),
              write.identities(),
              other));
    }
  }

  private static List<CompletableFuture<Created>> create(
      QuorateClient client, int from, int count) {
    List<CompletableFuture<Created>> created = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      created.add(client.create("/all/n" + i, GOOD, CreateMode.PERSISTENT));
    }
    return created;
  }

  private static void await(QuorateClient client, List<CompletableFuture<Created>> all)
      throws InterruptedException {
    for (CompletableFuture<Created> one : all) {
      client.blocking().await(one);
    }
  }

  private void assertFoundRebuiltAndRejoined(int victim) throws InterruptedException {
    QuorateClient client = servers.client();
    client.blocking().create("/all", null);
    await(client, create(client, 0, BEFORE));
    servers.apply(victim, new Once(2));
    List<CompletableFuture<Created>> under = create(client, BEFORE, AFTER / 2);
    client.blocking().create(POISON, GOOD);
    under.addAll(create(client, BEFORE + AFTER / 2, AFTER / 2));

    Await.until("the divergence is found", () -> !servers.diverged().isEmpty());
    await(client, under);
    servers.assertEqualStates();

    Servers.Diverged found = servers.diverged().get(0);
    long millis = TimeUnit.NANOSECONDS.toMillis(found.nanos() - alteredNanos.get());
    System.out.printf(
        "server %d: divergence found after %d ms, trusts up to 0x%x%n",
        victim, millis, found.divergence().trustedZxid());
    assertThat(servers.diverged()).hasSize(1);
    assertThat(found.server()).isEqualTo(victim);
    assertThat(millis).isLessThan(DETECTION_MILLIS_MAX);
    QuorateClient reader = servers.clientOf(victim);
    assertThat(reader.blocking().get(POISON).data()).isEqualTo(GOOD);
    for (int i = 0; i < BEFORE + AFTER; i++) {
      assertThat(reader.blocking().exists("/all/n" + i)).as("n%s", i).isPresent();
    }
  }

  @Test
  void followerThatDiverges_isFoundRebuiltAndRejoins() throws InterruptedException {
    start(0);
    assertFoundRebuiltAndRejoined(servers.follower());
  }

  @Test
  void leaderThatDiverges_isFoundRebuiltAndRejoins() throws InterruptedException {
    start(0);
    assertFoundRebuiltAndRejoined(servers.leader());
  }

  @Test
  void observerThatDiverges_isFoundRebuiltAndRejoins() throws InterruptedException {
    start(1);
    assertFoundRebuiltAndRejoined(Servers.COUNT + 1);
  }

  @Test
  void threeDifferentStates_stopWritesAndNotReads() throws InterruptedException {
    start(0);
    List<QuorateClient> readers = new ArrayList<>();
    for (int id = 1; id <= Servers.COUNT; id++) {
      QuorateClient reader = servers.clientOf(id);
      readers.add(reader);
      assertThat(reader.blocking().exists("/none")).isEmpty();
    }
    QuorateClient client = servers.clientOf(servers.leader());
    client.blocking().create("/before", GOOD);
    for (int id = 1; id <= Servers.COUNT; id++) {
      servers.apply(id, new Once(10 + id));
    }
    long zxid = client.blocking().create(POISON, GOOD).stat().czxid();

    for (int id = 1; id <= Servers.COUNT; id++) {
      int server = id;
      Await.until(
          () -> "an alarm at " + server + "; found " + servers.describe(),
          () -> servers.status(server).more().alarmZxid() != 0);
      assertThat(servers.status(id).more().alarmZxid()).isEqualTo(zxid);
      assertThat(servers.status(id).more().alarm()).contains("0x%x".formatted(zxid));
    }
    CompletableFuture<Created> write = client.create("/while", GOOD);
    assertThatThrownBy(() -> write.get(500, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    for (QuorateClient reader : readers) {
      assertThat(reader.blocking().get("/before").data()).isEqualTo(GOOD);
    }
    assertThat(servers.diverged()).isEmpty();

    // What no server is sure of is in no snapshot: a restart makes all states from the log.
    for (int id = 1; id <= Servers.COUNT; id++) {
      servers.kill(id);
      servers.start(id);
    }
    client.blocking().await(write);
    servers.assertEqualStates();
    assertThat(servers.status(servers.leader()).more().alarmZxid()).isZero();
  }
}
