package io.quorate.recipes.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/** Three real servers for all tests of a class, and for each test a path and clients of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EnsembleFixture {
  protected static final Duration LONG = Duration.ofSeconds(20);
  protected static final Duration SESSION = Duration.ofSeconds(1);

  protected EmbeddedEnsemble ensemble;

  /** Of this test; nothing is there yet. */
  protected String path = "";

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
    path = "/" + test.getTestMethod().orElseThrow().getName() + "/value";
  }

  @AfterEach
  void closeClients() {
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

  protected QuorateClient client(String name) {
    return kept(ensemble.client(ensemble.clientBuilder(name).sessionTimeout(SESSION)));
  }

  /** Closed after the test. */
  protected QuorateClient kept(QuorateClient client) {
    clients.add(client);
    return client;
  }

  protected static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(taken).as("within " + LONG).isNotNull();
    return taken;
  }

  /** What the future completes with; fails with what it fails with. */
  protected static <T> T get(CompletableFuture<T> future) throws InterruptedException {
    try {
      return future.get(LONG.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("not within " + LONG, e);
    }
  }

  protected void await(String what, Callable<Boolean> condition) {
    ensemble.await(
        what,
        () -> {
          try {
            return condition.call();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
