package io.quorate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: per record its defaults, its explicit settings, and what it refuses. */
class ConfigRecordsTest {
  private static final Path FILE = Path.of("/etc/quorate/q.conf");
  private static final List<PeerAddress> ONE = servers("1@127.0.0.1:2888");

  // ---- defaults: spelled out, so that a change of one shows in a review ------------------------

  @Test
  void clientDefaults() {
    assertThat(ClientConfig.defaults())
        .isEqualTo(
            new ClientConfig(
                "127.0.0.1",
                2181,
                10_000,
                8192,
                64 << 20,
                1024,
                Duration.ofSeconds(4),
                Duration.ofMinutes(1)));
  }

  @Test
  void ensembleDefaults() {
    assertThat(EnsembleConfig.of(2888, ONE))
        .isEqualTo(
            new EnsembleConfig(
                "127.0.0.1", 2888, ONE, null, Duration.ofSeconds(1), Duration.ofMillis(100)));
  }

  @Test
  void storageDefaults() {
    assertThat(StorageConfig.defaults())
        .isEqualTo(new StorageConfig(32 << 20, 200_000, 256 << 20, 64 << 20, 3, 64 << 20));
  }

  // ---- explicit settings: every key arrives where it belongs, and prints as it was written -----

  @Test
  void everySettingSpelledOut_arrivesInItsRecordAndPrintsTheSame() {
    String text =
        """
        server.id = 2
        data.dir = /var/lib/quorate
        client.bind = 0.0.0.0
        client.port = 12181
        peer.bind = 10.0.0.2
        peer.port = 12888
        admin.bind = 10.0.0.3
        admin.port = off
        ensemble.servers = 1@n1:12888, 2@n2:12888, 3@[2001:db8::3]:12888
        peer.secret = correct horse # battery
        election.timeout = 1500ms
        heartbeat.interval = 200ms
        session.timeout.min = 5s
        session.timeout.max = 2m
        client.connections.max = 500
        client.pending.requests.max = 100
        client.pending.bytes.max = 8MiB
        client.writes.in.flight.max = 64
        log.segment.bytes = 16MiB
        snapshot.every.entries = 10_000
        snapshot.every.bytes = 32MiB
        snapshot.write.rate = 8MiB
        snapshots.kept = 5
        log.kept.bytes = 0B
        """;

    ServerConfig config = ConfigParser.parse(FILE, text);

    assertThat(config)
        .isEqualTo(
            new ServerConfig(
                    2,
                    Path.of("/var/lib/quorate"),
                    new ClientConfig(
                        "0.0.0.0",
                        12181,
                        500,
                        100,
                        8 << 20,
                        64,
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(2)),
                    new EnsembleConfig(
                        "10.0.0.2",
                        12888,
                        servers("1@n1:12888", "2@n2:12888", "3@[2001:db8::3]:12888"),
                        Secret.of("correct horse # battery"),
                        Duration.ofMillis(1500),
                        Duration.ofMillis(200)),
                    new StorageConfig(16 << 20, 10_000, 32 << 20, 8 << 20, 5, 0))
                .withAdmin(new AdminConfig("10.0.0.3", AdminConfig.OFF)));
    assertThat(ConfigReference.print(config))
        .isEqualTo(text.replace("correct horse # battery", "***"));
  }

  // ---- refusals --------------------------------------------------------------------------------

  static Stream<Arguments> refusals() {
    ClientConfig client = ClientConfig.defaults();
    EnsembleConfig ensemble = EnsembleConfig.of(2888, ONE);
    StorageConfig storage = StorageConfig.defaults();
    return Stream.of(
        refusal("client.port: expected a port", () -> client.at("127.0.0.1", 65536)),
        refusal("a host name", () -> client.at("no host", 1)),
        refusal(
            "session.timeout.max: expected at least session.timeout.min",
            () -> client.withSessionTimeouts(Duration.ofSeconds(9), Duration.ofSeconds(8))),
        refusal(
            "session.timeout.min: expected a duration",
            () -> client.withSessionTimeouts(Duration.ofNanos(1), Duration.ofSeconds(8))),
        refusal("ensemble.servers: expected at least one", () -> EnsembleConfig.of(1, List.of())),
        refusal("loopback only", () -> EnsembleConfig.of(1, servers("1@n1:1"))),
        refusal(
            "heartbeat.interval: expected at most a third",
            () -> ensemble.withTimings(Duration.ofMillis(100), Duration.ofMillis(34))),
        refusal("log.segment.bytes: expected a size", () -> new StorageConfig(1, 1000, 1 << 20, 3)),
        refusal("snapshots.kept: expected", () -> new StorageConfig(1 << 20, 1000, 1 << 20, 0)),
        refusal(
            "server.id: expected a server id",
            () -> new ServerConfig(0, FILE, client, ensemble, storage)),
        refusal(
            "server.id: expected an id that ensemble.servers lists",
            () -> new ServerConfig(2, FILE, client, ensemble, storage)),
        refusal(
            "client.port: expected another port than peer.port",
            () -> new ServerConfig(1, FILE, client.at("127.0.0.1", 2888), ensemble, storage)),
        refusal(
            "storage.disk.reserve: expected 0B, or at least 16 times log.segment.bytes, which is"
                + " 512MiB, found 511MiB",
            () ->
                new ServerConfig(1, FILE, client, ensemble, storage)
                    .withLimits(LimitsConfig.defaults().withDiskReserve(511L << 20))),
        refusal("expected a server id in", () -> new PeerAddress(256, new HostPort("a", 1))),
        refusal("expected a port in", () -> new HostPort("a", -1)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void valueOutOfBounds_isRefused(String message, ThrowingCallable construction) {
    assertThatThrownBy(construction)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void reserveOfSixteenSegmentsOrNone_isTaken() {
    ServerConfig config =
        new ServerConfig(
            1,
            FILE,
            ClientConfig.defaults(),
            EnsembleConfig.of(2888, ONE),
            new StorageConfig(1 << 20, 1000, 1 << 20, 3));

    for (long reserve : new long[] {0, 16L << 20}) {
      LimitsConfig limits = LimitsConfig.defaults().withDiskReserve(reserve);
      assertThat(config.withLimits(limits).limits()).isEqualTo(limits);
    }
  }

  @Test
  void secret_neverPrintsItself() {
    Secret secret = Secret.of("swordfish swordfish");

    assertThat(secret).hasToString("***").isEqualTo(Secret.of("swordfish swordfish"));
    assertThat(secret).isNotEqualTo(Secret.of("swordfish swordfisH"));
    assertThat(
            new EnsembleConfig(
                    "n1",
                    2888,
                    servers("1@n1:2888"),
                    secret,
                    Duration.ofSeconds(1),
                    Duration.ofMillis(100))
                .toString())
        .doesNotContain("swordfish");
  }

  private static Arguments refusal(String message, ThrowingCallable construction) {
    return Arguments.of(message, construction);
  }

  private static List<PeerAddress> servers(String... servers) {
    return Stream.of(servers).map(PeerAddress::parse).toList();
  }
}
