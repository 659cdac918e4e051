package io.quorate.server.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.BlockingClient;
import io.quorate.client.ChildrenPage;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import io.quorate.server.embedded.EmbeddedEnsemble;
import io.quorate.server.embedded.QuorateEnsemble;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: each call of the client does with a whole ensemble what it promises. Method: each once as
 * it should be used, and once where it must fail.
 */
@QuorateEnsemble(servers = 3)
class ClientOperationsTest {
  private final EmbeddedEnsemble ensemble;
  private QuorateClient client;
  private BlockingClient blocking;

  ClientOperationsTest(EmbeddedEnsemble ensemble) {
    this.ensemble = ensemble;
  }

  @BeforeEach
  void connect() {
    client = QuorateClient.builder(ensemble.connectString()).build();
    blocking = client.blocking();
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void pagesOfChildren_coverAllOnce() throws InterruptedException {
    blocking.create("/pages", null);
    for (int i = 0; i < 7; i++) {
      blocking.create("/pages/" + i, null);
    }
    List<String> walked = new ArrayList<>();
    ChildrenPage page = blocking.childrenPage("/pages", "", 3);
    while (true) {
      walked.addAll(page.names());
      if (!page.more()) {
        break;
      }
      page = blocking.childrenPage("/pages", page.last(), 3);
    }
    assertThat(walked).containsExactly("0", "1", "2", "3", "4", "5", "6");
    assertThat(blocking.children("/pages").atOneInstant()).isTrue();
    assertThatThrownBy(() -> blocking.childrenPage("/none", "", 3))
        .isInstanceOf(NoNodeException.class);
  }

  @Test
  void failureInAMulti_namesItsOperationWithoutAnyData() throws InterruptedException {
    blocking.create("/multi", null);
    assertThatThrownBy(
            () ->
                blocking.multi(
                    Op.set("/multi", "secret".getBytes(UTF_8)), Op.delete("/multi/none")))
        .isInstanceOf(NoNodeException.class)
        .hasMessage("multi, operation 1 (delete /multi/none): no such znode");
    assertThat(blocking.get("/multi").stat().version()).isZero();
    assertThatThrownBy(() -> blocking.create("/no/parent", null, CreateMode.EPHEMERAL))
        .hasMessage("create /no/parent: no parent to create it in");
  }
}
