package io.quorate.recipes.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/** Real clients on one real ensemble of three servers; a path of its own for each test. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LockTestBase {
  static final Duration LONG = Duration.ofSeconds(20);
  static final Duration SHORT = Duration.ofMillis(200);
  static final Duration SESSION = Duration.ofSeconds(1);

  EmbeddedEnsemble ensemble;
  String path = "";
  private final List<QuorateClient> clients = new ArrayList<>();

  @BeforeAll
  void startEnsemble() {
    ensemble = EmbeddedEnsemble.start(3);
  }

  @AfterAll
  void stopEnsemble() {
    ensemble.close();
  }

  @BeforeEach
  void choosePath(TestInfo test) {
    path = "/locks/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void restore() {
    clients.forEach(QuorateClient::close);
    clients.clear();
    for (int id : ensemble.ids()) {
      if (!ensemble.isRunning(id)) {
        ensemble.restart(id);
      }
    }
    ensemble.heal();
    ensemble.awaitServing();
  }

  QuorateClient client(String name) {
    return client(name, SESSION);
  }

  QuorateClient client(String name, Duration sessionTimeout) {
    QuorateClient client =
        ensemble.client(ensemble.clientBuilder(name).sessionTimeout(sessionTimeout));
    clients.add(client);
    return client;
  }

  Recipes recipes(String name) {
    return Recipes.on(client(name));
  }

  /** What is in the directory, as of now. */
  List<String> names(QuorateClient client) {
    try {
      client.blocking().sync();
      return client.blocking().children(path).names();
    } catch (NoNodeException e) {
      return List.of();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void awaitQueued(QuorateClient client, int count) {
    ensemble.await(count + " in the queue", () -> names(client).size() == count);
  }

  /** How many entries the log got between two calls, without the two of the calls themselves. */
  long zxidNow(QuorateClient client) throws InterruptedException {
    String probe = "/probe";
    if (client.blocking().exists(probe).isEmpty()) {
      client.blocking().create(probe, null);
    }
    return client.blocking().set(probe, null).mzxid();
  }

  static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(taken).as("within " + LONG).isNotNull();
    return taken;
  }
}
