package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.server.config.StorageConfig;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a leader whose messages are lost in one direction, on links that stay up, does not stop
 * writes for longer than the election bound.
 *
 * <p>Method: whole servers; a client of another server writes without a pause. The bound itself is
 * asserted in simulated time (ElectionBoundTest); here a busy machine is allowed for.
 */
class OneWayCutTest {
  private static final Duration BOUND = Servers.ELECTION_TIMEOUT.multipliedBy(3);
  private static final Duration BUSY_MACHINE = Duration.ofSeconds(3);

  @TempDir private Path directory;
  private @Nullable Servers opened;

  @AfterEach
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leaderCutInOneDirection_writesGoOn(boolean outgoing) throws InterruptedException {
    Servers servers = new Servers(directory, StorageConfig.defaults());
    opened = servers;
    servers.start();
    int former = servers.leader();
    QuorateClient client = servers.clientOf(servers.follower());
    client.blocking().create("/a", null);
    client.blocking().set("/a", null);

    servers.cutOneWay(former, outgoing);
    long start = System.nanoTime();
    client.blocking().set("/a", null);
    long millis = (System.nanoTime() - start) / 1_000_000;

    System.out.printf(
        "[one-way cut] leader's messages %s lost: a write took %d ms, bound %d ms%n",
        outgoing ? "out" : "in", millis, BOUND.toMillis());
    assertThat(millis).isLessThan(BOUND.plus(BUSY_MACHINE).toMillis());
    assertThat(servers.awaitLeaderBut(former)).isNotEqualTo(former);
    servers.heal();
    servers.assertEqualStates();
    assertThat(client.blocking().get("/a").stat().version()).isEqualTo(2);
  }
}
