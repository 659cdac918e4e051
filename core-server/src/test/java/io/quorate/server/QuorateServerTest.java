package io.quorate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.config.ClientConfig;
import io.quorate.server.config.EnsembleConfig;
import io.quorate.server.config.HostPort;
import io.quorate.server.config.PeerAddress;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.storage.StorageException;
import io.quorate.server.transport.Await;
import io.quorate.server.transport.RecordedFaults;
import io.quorate.server.transport.client.sniff.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers: real sockets, real files, real fsync. */
class QuorateServerTest {
  private static final String LOOPBACK = "127.0.0.1";
  private static final byte[] DATA = "data".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;

  private final RecordedFaults faults = new RecordedFaults();
  private final TreeMap<Integer, QuorateServer> running = new TreeMap<>();

  @AfterEach
  void closeAll() {
    running.values().forEach(QuorateServer::close);
    faults.close();
    faults.assertNone();
    Await.until(
        () -> "no thread of a server is left: " + serverThreads(), () -> serverThreads().isEmpty());
  }

  private static List<String> serverThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("quorate-") && !name.contains("lookup"))
        .toList();
  }

  // --- an ensemble
  // ---------------------------------------------------------------------------------

  /** Configurations of so many servers at free ports. */
  private List<ServerConfig> configs(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<PeerAddress> peers = new ArrayList<>();
    for (int id = 1; id <= count; id++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      peers.add(new PeerAddress(id, new HostPort(LOOPBACK, socket.getLocalPort())));
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    List<ServerConfig> configs = new ArrayList<>();
    for (PeerAddress peer : peers) {
      configs.add(
          new ServerConfig(
              peer.id(),
              directory.resolve("server-" + peer.id()),
              ClientConfig.defaults().at(LOOPBACK, 0),
              EnsembleConfig.of(peer.address().port(), peers)
                  .withTimings(Duration.ofMillis(400), Duration.ofMillis(50)),
              StorageConfig.defaults()));
    }
    return configs;
  }

  private void start(List<ServerConfig> configs) {
    for (ServerConfig config : configs) {
      start(config);
    }
  }

  private QuorateServer start(ServerConfig config) {
    QuorateServer server =
        QuorateServer.start(config, ServerOptions.of(faults, new SimpleMeterRegistry()));
    running.put(config.serverId(), server);
    return server;
  }

  private void stop(QuorateServer server) {
    running.remove(server.id());
    long begin = System.nanoTime();
    server.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
  }

  /**
   * The leader, as soon as every running server serves and one of them leads. Both are asked for in
   * one condition: followers go on serving for a while after their leader was killed, until they
   * miss it, and then every server serves though none leads.
   */
  private QuorateServer awaitLeader() {
    AtomicReference<QuorateServer> leader = new AtomicReference<>();
    Await.until(
        () ->
            "all serve and one leads; found "
                + running.values().stream().map(QuorateServer::status).toList(),
        () -> {
          if (!running.values().stream().allMatch(QuorateServer::serves)) {
            return false;
          }
          running.values().stream()
              .filter(server -> server.status().leads())
              .findFirst()
              .ifPresent(leader::set);
          return leader.get() != null;
        });
    return leader.get();
  }

  private QuorateServer follower() {
    QuorateServer leader = awaitLeader();
    return running.values().stream().filter(s -> s != leader).findFirst().orElseThrow();
  }

  private void awaitEqualDigests() {
    Await.until(
        () ->
            "equal states; found " + running.values().stream().map(QuorateServer::status).toList(),
        () -> running.values().stream().map(s -> s.status().appliedZxid()).distinct().count() == 1);
    assertThat(running.values().stream().map(s -> s.status().digest()).distinct()).hasSize(1);
  }

  // --- a client
  // ------------------------------------------------------------------------------------

  private static ServerMessage.SessionOpened open(RawClient client) throws IOException {
    client.begin(new ClientMessage.OpenSession(10_000, "test"));
    ServerMessage answer = client.read();
    assertThat(answer).isInstanceOf(ServerMessage.SessionOpened.class);
    return (ServerMessage.SessionOpened) answer;
  }

  private static OpResult create(RawClient client, long number, String path) throws IOException {
    client.send(
        new ClientMessage.Write(
            number, number, number - 1, new WriteOp.Create(path, DATA, CreateMode.PERSISTENT)));
    return resultOf(client, number);
  }

  private static OpResult get(RawClient client, long xid, String path) throws IOException {
    client.send(new ClientMessage.Read(xid, new ReadOp.Get(path), 0, true));
    return resultOf(client, xid);
  }

  private static OpResult resultOf(RawClient client, long xid) throws IOException {
    ServerMessage answer = client.read();
    assertThat(answer).isInstanceOf(ServerMessage.Response.class);
    assertThat(((ServerMessage.Response) answer).xid()).isEqualTo(xid);
    return ((ServerMessage.Response) answer).result();
  }

  // --- tests
  // ---------------------------------------------------------------------------------------

  @Test
  void threeServers_electALeaderAndTakeWritesThroughAny() throws IOException {
    start(configs(3));
    QuorateServer leader = awaitLeader();
    QuorateServer follower = follower();
    try (RawClient atLeader = new RawClient(leader.clientAddress());
        RawClient atFollower = new RawClient(follower.clientAddress())) {
      open(atLeader);
      open(atFollower);
      assertThat(create(atFollower, 1, "/a")).isInstanceOf(OpResult.Created.class);
      assertThat(create(atLeader, 1, "/b")).isInstanceOf(OpResult.Created.class);
      assertThat(get(atLeader, 2, "/a")).isInstanceOf(OpResult.Data.class);
      assertThat(get(atFollower, 2, "/b")).isInstanceOf(OpResult.Data.class);
    }
    awaitEqualDigests();
  }

  @Test
  void threeServers_takeWritesOfTheClientLibrary() throws IOException, InterruptedException {
    start(configs(3));
    awaitLeader();
    String addresses =
        running.values().stream()
            .map(server -> LOOPBACK + ":" + server.clientAddress().getPort())
            .collect(Collectors.joining(","));
    try (QuorateClient client = QuorateClient.builder(addresses).build()) {
      client.blocking().create("/x", DATA);
      client.blocking().set("/x", "more".getBytes(StandardCharsets.UTF_8));
      assertThat(client.blocking().get("/x").stat().version()).isEqualTo(1);
    }
    awaitEqualDigests();
  }

  @Test
  void singleServer_isAQuorumOfOneAndKeepsItsDataOverARestart() throws IOException {
    ServerConfig config = configs(1).get(0);
    QuorateServer server = start(config);
    awaitLeader();
    try (RawClient client = new RawClient(server.clientAddress())) {
      open(client);
      assertThat(create(client, 1, "/kept")).isInstanceOf(OpResult.Created.class);
    }
    stop(server);
    QuorateServer again = start(config);
    awaitLeader();
    try (RawClient client = new RawClient(again.clientAddress())) {
      open(client);
      assertThat(get(client, 1, "/kept")).isInstanceOf(OpResult.Data.class);
    }
  }

  @Test
  void leaderThatIsKilled_isReplacedAndItsSessionsMove() throws IOException {
    List<ServerConfig> configs = configs(3);
    start(configs);
    QuorateServer leader = awaitLeader();
    ServerMessage.SessionOpened session;
    try (RawClient client = new RawClient(leader.clientAddress())) {
      session = open(client);
      assertThat(create(client, 1, "/before")).isInstanceOf(OpResult.Created.class);
      running.remove(leader.id());
      leader.kill();
      client.readToEnd();
    }
    QuorateServer next = awaitLeader();
    assertThat(next.id()).isNotEqualTo(leader.id());
    try (RawClient client = new RawClient(next.clientAddress())) {
      client.begin(new ClientMessage.AttachSession(session.sessionId(), session.secret(), 0));
      assertThat(client.read()).isInstanceOf(ServerMessage.SessionAttached.class);
      // The same number again is answered with the first answer, not done twice.
      assertThat(create(client, 1, "/before")).isInstanceOf(OpResult.Created.class);
      assertThat(create(client, 2, "/after")).isInstanceOf(OpResult.Created.class);
    }
    start(configs.get(leader.id() - 1));
    awaitLeader();
    awaitEqualDigests();
  }

  @Test
  void isolatedLeader_isReplacedAndFollowsAfterwards() throws IOException {
    start(configs(3));
    QuorateServer leader = awaitLeader();
    for (QuorateServer other : running.values()) {
      if (other != leader) {
        leader.block(other.id());
      }
    }
    Await.until(
        "another one leads",
        () -> running.values().stream().anyMatch(s -> s != leader && s.status().leads()));
    Await.until("the old one gave up", () -> !leader.status().leads());
    for (QuorateServer other : running.values()) {
      if (other != leader) {
        leader.unblock(other.id());
      }
    }
    assertThat(awaitLeader()).isNotSameAs(leader);
    awaitEqualDigests();
  }

  @Test
  void wholeEnsemble_comesBackWithItsData() throws IOException {
    List<ServerConfig> configs = configs(3);
    start(configs);
    try (RawClient client = new RawClient(awaitLeader().clientAddress())) {
      open(client);
      assertThat(create(client, 1, "/kept")).isInstanceOf(OpResult.Created.class);
    }
    for (QuorateServer server : List.copyOf(running.values())) {
      stop(server);
    }
    start(configs);
    try (RawClient client = new RawClient(awaitLeader().clientAddress())) {
      open(client);
      assertThat(get(client, 1, "/kept")).isInstanceOf(OpResult.Data.class);
    }
    awaitEqualDigests();
  }

  @Test
  void closingServer_tellsItsClients() throws IOException {
    QuorateServer server = start(configs(1).get(0));
    awaitLeader();
    try (RawClient client = new RawClient(server.clientAddress())) {
      open(client);
      Thread closer = new Thread(() -> stop(server));
      closer.start();
      assertThat(client.readRefused().code()).isEqualTo(ErrorCode.CLOSING);
      client.close();
      join(closer);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void portInUse_isNamedAndNothingStaysOpen() throws IOException {
    ServerConfig config = configs(1).get(0);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ServerConfig busy =
          new ServerConfig(
              1,
              config.dataDir(),
              config.client().at(LOOPBACK, taken.getLocalPort()),
              config.ensemble(),
              config.storage());
      assertThatThrownBy(() -> start(busy))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("client port " + LOOPBACK + ":" + taken.getLocalPort());
    }
    start(config);
    awaitLeader();
  }

  @Test
  void dataDirectoryInUse_isNamed() throws IOException {
    List<ServerConfig> configs = configs(1);
    start(configs.get(0));
    ServerConfig second =
        new ServerConfig(
            1,
            configs.get(0).dataDir(),
            configs.get(0).client(),
            configs(1).get(0).ensemble(),
            configs.get(0).storage());
    assertThatThrownBy(
            () -> QuorateServer.start(second, ServerOptions.of(faults, new SimpleMeterRegistry())))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("in use");
    awaitLeader();
  }
}
