package io.quorate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.QuorateClient;
import io.quorate.server.base.NodeClock;
import io.quorate.server.config.ClientConfig;
import io.quorate.server.config.EnsembleConfig;
import io.quorate.server.config.HostPort;
import io.quorate.server.config.PeerAddress;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.metrics.NodeMeters;
import io.quorate.server.node.RealClock;
import io.quorate.server.transport.RecordedFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the page on metrics shows the meters that there are. Method: a server and a client register
 * theirs, and the page is compared with what they say of themselves; {@code mvn test
 * -Dtest=MetricsReferenceTest -Dquorate.test.jvmArgs=-Dquorate.rewrite=true} writes the tables
 * anew.
 */
class MetricsReferenceTest {
  private static final Path PAGE = Path.of("../docs/operations/metrics.md");
  private static final String BEGIN =
      "<!-- Generated from here; MetricsReferenceTest compares. -->";

  @TempDir private Path directory;

  @Test
  void page_showsTheMetersThatThereAre() throws IOException, InterruptedException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    String generated;
    NodeClock clock = new RealClock();
    MeterRegistry peers = new SimpleMeterRegistry();
    NodeMeters ofThree = new NodeMeters(peers, clock, 1, List.of(2, 3));
    assertThat(ofThree).isNotNull();
    try (RecordedFaults faults = new RecordedFaults();
        QuorateServer server = QuorateServer.start(config(), ServerOptions.of(faults, registry));
        QuorateClient client =
            QuorateClient.builder("127.0.0.1:" + server.clientAddress().getPort())
                .meters(registry)
                .build()) {
      client.blocking().create("/a", new byte[0]);
      generated =
          BEGIN
              + "\n\n## Server\n\n"
              + table("quorate.server.", "server", registry, peers)
              + "\n## Client\n\n"
              + table("quorate.client.", "client", registry, peers);
    }
    String text = Files.readString(PAGE);
    String kept = text.substring(0, text.indexOf(BEGIN));
    if (Boolean.getBoolean("quorate.rewrite")) {
      Files.writeString(PAGE, kept + generated);
    }
    assertThat(PAGE).hasContent(kept + generated);
  }

  private ServerConfig config() {
    return new ServerConfig(
        1,
        directory,
        ClientConfig.defaults().at("127.0.0.1", 0),
        EnsembleConfig.of(0, List.of(new PeerAddress(1, new HostPort("127.0.0.1", 0)))),
        StorageConfig.defaults());
  }

  private static String table(String prefix, String own, MeterRegistry... registries) {
    TreeMap<String, String> rows = new TreeMap<>();
    for (MeterRegistry registry : registries) {
      for (Meter meter : registry.getMeters()) {
        Meter.Id id = meter.getId();
        if (id.getName().startsWith(prefix) && !id.getName().endsWith(".histogram")) {
          assertThat(id.getDescription()).as(id.getName()).isNotNull();
          rows.put(id.getName(), row(id, own));
        }
      }
    }
    return "| name | type | unit | tags | meaning |\n| --- | --- | --- | --- | --- |\n"
        + String.join("", rows.values());
  }

  private static String row(Meter.Id id, String own) {
    List<String> tags =
        id.getTags().stream().map(Tag::getKey).filter(key -> !key.equals(own)).toList();
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            id.getName(),
            id.getType().name().toLowerCase(Locale.ROOT).replace('_', ' '),
            unit(id.getBaseUnit()),
            String.join(", ", tags),
            id.getDescription());
  }

  private static String unit(@Nullable String unit) {
    return unit == null ? "" : unit;
  }
}
