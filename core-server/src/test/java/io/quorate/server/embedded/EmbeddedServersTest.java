package io.quorate.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: servers come, go and come back as the ensemble says. Method: no client, only status. */
class EmbeddedServersTest {
  @Test
  void threeServers_areUpQuickly() {
    EmbeddedEnsemble.start(3).close(); // classes loaded, ports found, code warm

    long start = System.nanoTime();
    try (EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(3)) {
      long millis = (System.nanoTime() - start) / 1_000_000;
      System.out.println("[embedded] three servers up after " + millis + " ms");

      assertThat(ensemble.ids()).containsExactly(1, 2, 3);
      assertThat(ensemble.followers()).hasSize(2).doesNotContain(ensemble.leader());
      // Well under a second when the machine is idle; in a full build it is not.
      assertThat(millis).isLessThan(5_000);
    }
  }

  @Test
  void singleServer_leads() {
    try (EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(1)) {
      assertThat(ensemble.leader()).isEqualTo(1);
    }
  }

  @Test
  void killedLeader_isReplacedAndComesBack() {
    try (EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(3)) {
      int killed = ensemble.killLeader();

      assertThat(ensemble.isRunning(killed)).isFalse();
      assertThat(ensemble.leader()).isNotEqualTo(killed);

      ensemble.restart(killed);
      ensemble.awaitServing();
      ensemble.awaitEqualStates();
    }
  }

  @Test
  void isolatedLeader_stepsDownAndFollowsAfterwards() {
    try (EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(3)) {
      int isolated = ensemble.leader();
      ensemble.isolate(isolated);

      assertThat(ensemble.leader()).isNotEqualTo(isolated);

      ensemble.heal();
      ensemble.awaitServing();
      ensemble.awaitEqualStates();
    }
  }

  @Test
  void ensembleInAGivenDirectory_goesOnThere(@TempDir Path directory) {
    EmbeddedEnsemble.Builder builder =
        EmbeddedEnsemble.builder().servers(3).directory(directory).fsync(true);
    String connect;
    try (EmbeddedEnsemble ensemble = builder.start()) {
      connect = ensemble.connectString();
    }
    try (EmbeddedEnsemble ensemble = builder.start()) {
      assertThat(ensemble.connectString()).isEqualTo(connect);
    }
    assertThatThrownBy(builder.servers(1)::start)
        .hasMessageContaining("holds an ensemble of 3 servers, not of 1");
  }

  @Test
  void waitingTooLong_saysForWhatAndWhatTheServersDo() {
    try (EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(3)) {
      int killed = ensemble.killLeader();

      assertThatThrownBy(() -> ensemble.await("pigs to fly", Duration.ofMillis(5), () -> false))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("waited 5 ms for pigs to fly")
          .hasMessageContaining("server " + killed + " is down")
          .hasMessageContaining("epoch");
      assertThatThrownBy(() -> ensemble.kill(killed)).hasMessageContaining("does not run");
      assertThatThrownBy(() -> ensemble.kill(7)).hasMessageContaining("one of [1, 2, 3]; found 7");
    }
  }
}
