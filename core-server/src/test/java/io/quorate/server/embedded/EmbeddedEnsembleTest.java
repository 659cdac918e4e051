package io.quorate.server.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.ConnectionState;
import io.quorate.client.Consistency;
import io.quorate.client.NodeExistsException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.data.CreateMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: each fault does to a real client what it says. Method: one test per method. */
@QuorateEnsemble(servers = 3)
class EmbeddedEnsembleTest {
  private final EmbeddedEnsemble ensemble;

  EmbeddedEnsembleTest(EmbeddedEnsemble ensemble) {
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

  @Test
  void client_writesAndReads(QuorateClient client) throws InterruptedException {
    client.blocking().create("/a", bytes("1"));

    assertThat(client.blocking().get("/a").data()).isEqualTo(bytes("1"));
    assertThat(ensemble.client("b").blocking().get("/a", Consistency.LINEARIZABLE).data())
        .isEqualTo(bytes("1"));
    assertThatThrownBy(() -> client.blocking().create("/a", null))
        .isInstanceOf(NodeExistsException.class);
  }

  @Test
  void valuesOfAnySize_areWrittenAndRead(QuorateClient client) throws InterruptedException {
    client.blocking().create("/large", null);
    for (int size : new int[] {0, 4_000, 4_090, 4_100, 5_000, 100_000, 900_000}) {
      byte[] value = new byte[size];
      Arrays.fill(value, (byte) size);

      client.blocking().set("/large", value);

      assertThat(client.blocking().get("/large").data()).isEqualTo(value);
    }
    assertThat(ensemble.ids()).allMatch(ensemble::isRunning);
  }

  @Test
  void pathBeyondTheLimit_isRefusedAtTheCall_andTheClientGoesOn(QuorateClient client)
      throws InterruptedException {
    String path = "/" + "中".repeat(500_000);

    assertThatThrownBy(() -> client.get(path)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.create(path, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.watch(path, event -> {}))
        .isInstanceOf(IllegalArgumentException.class);

    client.blocking().create("/after", null);
    assertThat(client.state()).isEqualTo(ConnectionState.CONNECTED);
  }

  @Test
  void killLeader_keepsWhatWasWrittenAndTheSession(QuorateClient client)
      throws InterruptedException {
    client.blocking().create("/kept", bytes("x"), CreateMode.EPHEMERAL);
    long session = client.sessionId();

    int killed = ensemble.killLeader();
    client.blocking().set("/kept", bytes("y"));

    assertThat(ensemble.leader()).isNotEqualTo(killed);
    assertThat(client.blocking().get("/kept").data()).isEqualTo(bytes("y"));
    assertThat(client.sessionId()).isEqualTo(session);
    ensemble.restart(killed);
    ensemble.awaitServing();
    ensemble.awaitEqualStates();
  }

  @Test
  void clientOfAnIsolatedLeader_isSuspendedUntilHeal() throws InterruptedException {
    int isolated = ensemble.leader();
    QuorateClient client = ensemble.clientOf(isolated, "cut off");
    client.blocking().create("/isolated", null);
    CountDownLatch suspended = new CountDownLatch(1);
    client.onStateChange(
        state -> {
          if (state != ConnectionState.CONNECTED) {
            suspended.countDown();
          }
        });

    ensemble.isolate(isolated);

    assertThat(suspended.await(10, TimeUnit.SECONDS)).isTrue();
    ensemble.heal();
    client.blocking().set("/isolated", bytes("again"));
  }

  @Test
  void expireSession_removesTheEphemeralsAndTellsTheClient(QuorateClient client)
      throws InterruptedException {
    client.blocking().create("/gone", null, CreateMode.EPHEMERAL);
    CountDownLatch lost = new CountDownLatch(1);
    client.onSessionLost(loss -> lost.countDown());

    ensemble.expireSession(client);

    assertThat(ensemble.client("other").blocking().exists("/gone")).isEmpty();
    assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
    client.blocking().create("/gone", null, CreateMode.EPHEMERAL); // in its next session
  }

  @Test
  void frozenClient_losesItsSessionAndLearnsOfItAfterwards() throws InterruptedException {
    QuorateClient client =
        ensemble.client(
            ensemble.clientBuilder("frozen").sessionTimeout(EmbeddedEnsemble.SESSION_TIMEOUT_MIN));
    client.blocking().create("/frozen", null, CreateMode.EPHEMERAL);
    CountDownLatch lost = new CountDownLatch(1);
    client.onSessionLost(loss -> lost.countDown());
    QuorateClient other = ensemble.client("awake");
    CountDownLatch deleted = new CountDownLatch(1);
    assertThat(other.blocking().exists("/frozen", event -> deleted.countDown())).isPresent();

    try (Subscription thaw = ensemble.freeze(client)) {
      assertThat(thaw).isNotNull();
      assertThat(deleted.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(lost.getCount()).isOne();
    }
    assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void stoppedServer_sendsItsClientsElsewhere(QuorateClient client) throws InterruptedException {
    client.blocking().create("/moved", null, CreateMode.EPHEMERAL);
    for (int id : ensemble.ids()) {
      ensemble.stop(id);
      client.blocking().set("/moved", bytes("without " + id));
      ensemble.restart(id);
      ensemble.awaitServing(id);
    }
    ensemble.awaitEqualStates();
  }

  @Test
  void everyServerKilledAtOnce_comesBackWithTheData(QuorateClient client)
      throws InterruptedException {
    client.blocking().create("/all", bytes("1"));
    ensemble.ids().forEach(ensemble::kill);
    ensemble.ids().forEach(ensemble::restart);

    assertThat(client.blocking().get("/all").data()).isEqualTo(bytes("1"));
    ensemble.awaitLeader(Duration.ofSeconds(10));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
