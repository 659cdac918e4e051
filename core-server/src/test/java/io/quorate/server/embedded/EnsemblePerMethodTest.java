package io.quorate.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

/** Goal: with scope METHOD no test sees another's. Method: the same test twice. */
@QuorateEnsemble(servers = 1, scope = QuorateEnsemble.Scope.METHOD)
class EnsemblePerMethodTest {
  @BeforeEach
  void create(QuorateClient client) throws InterruptedException {
    client.blocking().create("/before", null); // fails if it is there from the other test
  }

  @RepeatedTest(2)
  void test_getsAnEnsembleOfItsOwnAndOneClient(EmbeddedEnsemble ensemble, QuorateClient client)
      throws InterruptedException {
    assertThat(client.blocking().exists("/before")).isPresent();
    assertThat(client.clientName()).isNotEmpty();
    assertThat(ensemble.ids()).containsExactly(1);
  }
}
