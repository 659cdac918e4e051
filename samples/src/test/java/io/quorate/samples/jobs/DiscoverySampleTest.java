package io.quorate.samples.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.QuorateClient;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Goal: the sample does what it says. Method: runs it, as it is and against an ensemble. */
class DiscoverySampleTest {

  @Test
  void sample_tellsWhatHappens() throws InterruptedException {
    List<String> lines = new CopyOnWriteArrayList<>();
    try (SampleEnsemble ensemble = SampleEnsemble.of();
        QuorateClient one = ensemble.client("pay-1");
        QuorateClient two = ensemble.client("pay-2");
        QuorateClient three = ensemble.client("pay-3");
        QuorateClient shop = ensemble.client("shop")) {
      new DiscoverySample(shop, lines::add).run(one, two, three);
    }

    assertThat(String.join("\n", lines))
        .containsPattern("nearby first: \\{10.0.0.1=\\d+, 10.0.0.2=\\d+\\}")
        .contains("one drains: {10.0.0.2=10}")
        .contains("10.0.0.2:8080 rests: [10.0.0.2:8080]")
        .contains("one rests: {10.0.0.3=10}")
        .contains("refused   no instance of service pay to pick: 1 draining")
        .contains("it is back: {10.0.0.1=10}");
  }

  @Test
  void sampleWithConnect_usesThatEnsemble() throws InterruptedException {
    try (EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(1)) {
      DiscoverySample.main("--connect", ensemble.connectString());

      assertThat(ensemble.client("reader").blocking().children("/services").names())
          .containsExactly("pay");
    }
  }

  @Test
  void otherArguments_areRefused() {
    assertThatThrownBy(() -> DiscoverySample.main("--nonsense"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--connect host:port");
  }
}
