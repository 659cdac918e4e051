package io.quorate.recipes.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.Recipes;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What the tests of discovery share: an ensemble, its clients, and the truth as a server has it.
 */
final class DiscoveryFixture implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(20);
  static final Duration SHORT = Duration.ofMillis(200);
  static final Duration SESSION = Duration.ofSeconds(1);

  final EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(3);
  private final List<AutoCloseable> handles = new ArrayList<>();
  private final List<QuorateClient> clients = new ArrayList<>();

  QuorateClient client(String name) {
    return keep(ensemble.client(ensemble.clientBuilder(name).sessionTimeout(SESSION)));
  }

  QuorateClient keep(QuorateClient client) {
    clients.add(client);
    return client;
  }

  <T extends AutoCloseable> T keep(T handle) {
    handles.add(handle);
    return handle;
  }

  Registration register(QuorateClient client, String service, Instance instance)
      throws InterruptedException {
    Registration registration = keep(Recipes.on(client).register(service, instance));
    registration.awaitRegistered(LONG);
    return registration;
  }

  Discovery discover(QuorateClient client, String service) throws InterruptedException {
    Discovery discovery = keep(Recipes.on(client).discover(service, Strategy.random()));
    assertThat(discovery.awaitLoaded(LONG)).isTrue();
    return discovery;
  }

  static List<String> ids(Discovery discovery) {
    return discovery.instances().list().stream().map(Instance::id).toList();
  }

  void awaitIds(Discovery discovery, String... ids) {
    ensemble.await(
        discovery + " to show " + List.of(ids), () -> ids(discovery).equals(List.of(ids)));
  }

  void awaitPhase(Registration registration, Registration.Phase phase) {
    ensemble.await(registration + " to be " + phase, () -> registration.state().phase() == phase);
  }

  /** As the ensemble has it. */
  static Optional<ZnodeStat> stat(QuorateClient client, String path) {
    return client.sync().thenCompose(synced -> client.exists(path)).join();
  }

  static String data(QuorateClient client, String path) {
    Znode znode = client.sync().thenCompose(synced -> client.get(path)).join();
    byte[] data = znode.data();
    return data == null ? "" : new String(data, StandardCharsets.UTF_8);
  }

  static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(taken).as("within " + LONG).isNotNull();
    return taken;
  }

  /** Ends what a test used, and mends what it broke. */
  void clean() throws Exception {
    for (int id : ensemble.ids()) {
      if (!ensemble.isRunning(id)) {
        ensemble.restart(id);
      }
    }
    ensemble.heal();
    ensemble.awaitServing();
    for (AutoCloseable handle : handles) {
      handle.close();
    }
    handles.clear();
    clients.forEach(QuorateClient::close);
    clients.clear();
  }

  @Override
  public void close() {
    ensemble.close();
  }
}
