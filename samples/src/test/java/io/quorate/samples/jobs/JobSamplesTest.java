package io.quorate.samples.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Goal: the samples do what they say. Method: runs each, as it is and by its main. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobSamplesTest {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private SampleEnsemble ensemble;

  @BeforeAll
  void start() {
    ensemble = SampleEnsemble.of();
  }

  @BeforeEach
  void forget() {
    lines.clear();
  }

  @AfterAll
  void stop() {
    ensemble.close();
  }

  @Test
  void lock_tellsWhoHoldsIt_andRefusesWhoIsLate() throws InterruptedException {
    try (QuorateClient a = ensemble.client("billing-A");
        QuorateClient b = ensemble.client("billing-B")) {
      new LockSample(lines::add).run(a, b);
    }

    assertThat(lines).hasSize(7);
    assertThat(lines.get(0)).isEqualTo("granted   billing-A, safe for more than a second: true");
    assertThat(lines.get(2)).startsWith("waited    ").contains("billing-A");
    assertThat(lines.subList(3, 7))
        .containsExactly(
            "granted   billing-B, token grew: true",
            "written   B",
            "refused   A, late",
            "invoice   written by B");
  }

  @Test
  void leader_goesFromOneToTheNext() throws InterruptedException {
    try (QuorateClient one = ensemble.client("node-1");
        QuorateClient two = ensemble.client("node-2");
        QuorateClient three = ensemble.client("node-3")) {
      new LeaderSample(lines::add).run(one, two, three);
    }

    assertThat(lines)
        .containsExactly(
            "heard     node-1 elected",
            "queue     [node-1, node-2, node-3]",
            "heard     node-1 deposed",
            "heard     node-2 elected",
            "epochs    grow: true",
            "heard     node-2 deposed",
            "heard     node-3 elected",
            "queue     [node-3, node-1]");
  }

  @Test
  void config_keepsTheLastGoodValue_andIsRolledBack() throws InterruptedException {
    try (QuorateClient shop = ensemble.client("shop");
        QuorateClient operator = ensemble.client("operator")) {
      new ConfigSample(lines::add).run(shop, operator);
    }

    assertThat(lines)
        .containsExactly(
            "changed   max 10: Limits[max=10, plan=small]",
            "changed   max 50: Limits[max=50, plan=small]",
            "problem   CORRUPT",
            "still     Limits[max=50, plan=small]",
            "changed   mended: Limits[max=60, plan=small]",
            "changed   max 7: Limits[max=7, plan=small]",
            "changed   rolled back: Limits[max=60, plan=small]");
  }

  @Test
  void queue_handlesInOrder_andPutsAsideWhatCannotBeDone() throws InterruptedException {
    try (QuorateClient shop = ensemble.client("shop");
        QuorateClient mailer = ensemble.client("mailer")) {
      new QueueSample(lines::add).run(shop, mailer);
    }

    assertThat(lines.get(0)).isEqualTo("put       4 mails");
    assertThat(lines.subList(1, 6))
        .containsExactlyInAnyOrder(
            "handled   carol, attempt 1",
            "handled   ann, attempt 1",
            "handled   nobody, attempt 1",
            "handled   bob, attempt 1",
            "handled   nobody, attempt 2");
    assertThat(lines.get(1)).isEqualTo("handled   carol, attempt 1");
    assertThat(lines.get(6)).startsWith("dead      ").contains("there is nobody of that name");
    assertThat(lines.get(7))
        .isEqualTo("left      QueueSizes[ready=0, inFlight=0, delayed=0, dead=0]");
  }

  @Test
  void mainsWithConnect_useThatEnsemble() throws InterruptedException {
    try (EmbeddedEnsemble other = EmbeddedEnsemble.start(1)) {
      String connect = other.connectString();
      LockSample.main("--connect", connect);
      LeaderSample.main("--connect", connect);
      ConfigSample.main("--connect", connect);
      QueueSample.main("--connect", connect);

      assertThat(other.client("reader").blocking().children("/").names())
          .contains("invoice-7", "leaders", "config", "queues");
    }
  }
}
