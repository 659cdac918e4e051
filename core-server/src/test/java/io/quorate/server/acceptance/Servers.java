package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.QuorateClient;
import io.quorate.server.QuorateServer;
import io.quorate.server.ServerOptions;
import io.quorate.server.config.ClientConfig;
import io.quorate.server.config.EnsembleConfig;
import io.quorate.server.config.HostPort;
import io.quorate.server.config.LimitsConfig;
import io.quorate.server.config.PeerAddress;
import io.quorate.server.config.Secret;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.node.Applier;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.storage.Disk;
import io.quorate.server.transport.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Three servers of one ensemble, and observers if wanted, in this JVM, with files and syncs as in
 * production, whose every fault and choice of synchronization is recorded. For the thread of the
 * test only.
 */
final class Servers implements AutoCloseable {
  static final int COUNT = 3;
  static final Duration ELECTION_TIMEOUT = Duration.ofMillis(600);
  static final Secret SECRET = Secret.of("the secret of all three of them");

  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofMillis(50);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

  /** Below the range that outgoing connections get theirs from: free again after a restart. */
  private static final int PORT_MIN = 15_000;

  private static final int PORT_MAX_EXCLUSIVE = 32_000;

  /** That a server found its state to differ, and when. */
  record Diverged(int server, Divergence divergence, long nanos) {}

  /** That a leader chose this way for that peer. */
  record Way(int peer, SyncPlan plan) {}

  /** A piece of a snapshot, sent to that peer. */
  record Piece(int peer, long offset, int bytes) {}

  private final Path directory;
  private final StorageConfig storage;

  /** Of servers that start from now on. */
  private LimitsConfig limits = LimitsConfig.defaults();

  private final List<PeerAddress> peers = new ArrayList<>();
  private final List<Integer> clientPorts = new ArrayList<>();
  private final TreeMap<Integer, QuorateServer> running = new TreeMap<>();
  private final List<QuorateClient> clients = new ArrayList<>();

  private final List<Way> ways = new CopyOnWriteArrayList<>();
  private final List<Piece> pieces = new CopyOnWriteArrayList<>();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final List<Integer> statesLoaded = new CopyOnWriteArrayList<>();
  private final List<Integer> membershipsApplied = new CopyOnWriteArrayList<>();
  private final Map<Integer, Applier> appliers = new ConcurrentHashMap<>();
  private final List<Diverged> diverged = new CopyOnWriteArrayList<>();

  /** Not started yet. */
  Servers(Path directory, StorageConfig storage) {
    this(directory, storage, 0);
  }

  /** With observers, whose ids follow those of the three that vote. */
  Servers(Path directory, StorageConfig storage, int observers) {
    this.directory = directory;
    this.storage = storage;
    int count = COUNT + observers;
    List<Integer> ports = freePorts(2 * count);
    for (int id = 1; id <= count; id++) {
      peers.add(new PeerAddress(id, new HostPort(LOOPBACK, ports.get(id - 1)), id > COUNT));
      clientPorts.add(ports.get(count + id - 1));
    }
  }

  private static List<Integer> freePorts(int count) {
    SplittableRandom random = new SplittableRandom();
    List<Integer> found = new ArrayList<>();
    while (found.size() < count) {
      int port = random.nextInt(PORT_MIN, PORT_MAX_EXCLUSIVE);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        if (!found.contains(port)) {
          found.add(port);
        }
      } catch (IOException taken) {
        continue;
      }
    }
    return found;
  }

  // --- starting and ending -----------------------------------------------------------------------

  /** Starts all and waits until they serve. */
  Servers start() {
    for (PeerAddress peer : peers) {
      start(peer.id());
    }
    awaitServing();
    return this;
  }

  /** Servers that start from now on have these limits. */
  void setLimits(LimitsConfig newLimits) {
    limits = newLimits;
  }

  void start(int id) {
    start(id, SECRET, UnaryOperator.identity());
  }

  void start(int id, Secret secret, UnaryOperator<Disk> disk) {
    ServerConfig config =
        new ServerConfig(
                id,
                dataDir(id),
                ClientConfig.defaults().at(LOOPBACK, clientPorts.get(id - 1)),
                new EnsembleConfig(
                    LOOPBACK,
                    peers.get(id - 1).address().port(),
                    peers,
                    secret,
                    ELECTION_TIMEOUT,
                    HEARTBEAT_INTERVAL),
                storage)
            .withLimits(limits);
    running.put(
        id,
        QuorateServer.start(
            config,
            new ServerOptions(
                (where, cause) -> faults.add("server " + id + ": " + where + ": " + cause),
                new SimpleMeterRegistry(),
                new Recorder(id),
                disk,
                (state, zxid, timeMillis, command) ->
                    appliers
                        .getOrDefault(id, Applier.TRUE)
                        .apply(state, zxid, timeMillis, command))));
  }

  /** On the node threads. */
  private final class Recorder implements NodeObserver {
    private final int id;

    Recorder(int id) {
      this.id = id;
    }

    @Override
    public void synced(int peer, SyncPlan plan) {
      ways.add(new Way(peer, plan));
    }

    @Override
    public void snapshotPieceSent(int peer, long offset, int bytes) {
      pieces.add(new Piece(peer, offset, bytes));
    }

    @Override
    public void applied(LogEntry entry, long digest) {
      if (entry.kind() == EntryKind.MEMBERSHIP) {
        membershipsApplied.add(id);
      }
    }

    @Override
    public void diverged(Divergence divergence) {
      diverged.add(new Diverged(id, divergence, System.nanoTime()));
    }

    @Override
    public void stateLoaded(long zxid, long digest) {
      statesLoaded.add(id);
    }
  }

  /** How that server applies commands from now on. */
  void apply(int id, Applier applier) {
    appliers.put(id, applier);
  }

  /** Which servers found their state to differ, oldest first. */
  List<Diverged> diverged() {
    return diverged;
  }

  void stop(int id) {
    take(id).close();
  }

  void kill(int id) {
    take(id).kill();
  }

  private QuorateServer take(int id) {
    server(id);
    QuorateServer taken = running.remove(id);
    assertThat(taken).isNotNull();
    return taken;
  }

  Path dataDir(int id) {
    return directory.resolve("server-" + id);
  }

  QuorateServer server(int id) {
    QuorateServer server = running.get(id);
    if (server == null) {
      throw new AssertionError("server " + id + " does not run");
    }
    return server;
  }

  // --- what they do ------------------------------------------------------------------------------

  NodeStatus status(int id) {
    return server(id).status();
  }

  void awaitServing() {
    Await.until(
        () -> "all serve; found " + describe(),
        () -> running.values().stream().allMatch(QuorateServer::serves) && leaders().size() == 1);
  }

  /** Of those that run. */
  List<Integer> leaders() {
    return running.values().stream()
        .filter(server -> server.status().leads())
        .map(QuorateServer::id)
        .toList();
  }

  /** Waits until one leads that is not {@code other} (0: any). */
  int awaitLeaderBut(int other) {
    Await.until(
        () -> "a leader other than " + other + "; found " + describe(),
        () -> leaders().stream().anyMatch(id -> id != other));
    return leaders().stream()
        .filter(id -> id != other)
        .findFirst()
        .orElseGet(() -> awaitLeaderBut(other));
  }

  int leader() {
    return awaitLeaderBut(0);
  }

  /** One that runs, votes and does not lead. */
  int follower() {
    int leader = leader();
    return running.keySet().stream()
        .filter(id -> id <= COUNT && id != leader)
        .findFirst()
        .orElseThrow();
  }

  /** The one that is neither of them. */
  static int third(int one, int other) {
    return 1 + 2 + 3 - one - other;
  }

  /** Waits until all that run are at the same zxid, and compares their states there. */
  void assertEqualStates() {
    awaitServing();
    Await.until(() -> "equal positions; found " + describe(), () -> positions() == 1);
    List<NodeStatus> statuses = running.values().stream().map(QuorateServer::status).toList();
    assertThat(statuses).extracting(NodeStatus::appliedZxid).containsOnly(at(statuses));
    assertThat(statuses)
        .as(describe())
        .extracting(NodeStatus::digest)
        .containsOnly(statuses.get(0).digest());
  }

  private static long at(List<NodeStatus> statuses) {
    return statuses.get(0).appliedZxid();
  }

  private long positions() {
    return running.values().stream().map(s -> s.status().appliedZxid()).distinct().count();
  }

  String describe() {
    return running.values().stream()
            .map(
                server -> {
                  NodeStatus status = server.status();
                  ReplicaStatus replica = status.replica();
                  return "%d is %s in epoch %d, serving %s, durable %x, committed %x, applied %x"
                      .formatted(
                          server.id(),
                          replica.role(),
                          replica.epoch(),
                          status.serving(),
                          replica.durableZxid(),
                          replica.committedZxid(),
                          status.appliedZxid());
                })
            .collect(Collectors.joining("; "))
        + "; faults "
        + faults;
  }

  /**
   * Fails if anybody leads within three times the silence after which one would be elected. Of use
   * only together with a control that shows that a leader would have been possible otherwise.
   */
  void assertNobodyLeads() {
    Await.until(() -> "nobody leads; found " + describe(), () -> leaders().isEmpty());
    long end = System.nanoTime() + 3 * ELECTION_TIMEOUT.toNanos();
    Await.until(
        "the time to be over",
        () -> {
          assertThat(leaders()).isEmpty();
          return System.nanoTime() - end > 0;
        });
  }

  /** Waits until the leader's log begins after that entry. */
  void awaitPurgedBeyond(long zxid) {
    Path log = dataDir(leader());
    Await.until("the leader's log no longer reaches back", () -> oldestSegment(log) > zxid);
  }

  /** A segment is named for the position that it follows. */
  private static long oldestSegment(Path dataDir) {
    try (Stream<Path> files = Files.walk(dataDir)) {
      return files
          .map(path -> String.valueOf(path.getFileName()))
          .filter(name -> name.matches("log-[0-9a-f]{16}\\.seg"))
          .mapToLong(name -> Long.parseLong(name, 4, 20, 16))
          .min()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0; // a file went while we looked
    }
  }

  // --- links -------------------------------------------------------------------------------------

  /** Cuts a server off from its peers, not from its clients. */
  void isolate(int id) {
    for (int other : running.keySet()) {
      if (other != id) {
        server(id).block(other);
        server(other).block(id);
      }
    }
  }

  /** Loses what a server sends to its peers, or what they send to it; all links stay up. */
  void cutOneWay(int id, boolean outgoing) {
    for (int other : running.keySet()) {
      if (other != id && outgoing) {
        server(id).mute(other);
      } else if (other != id) {
        server(other).mute(id);
      }
    }
  }

  void heal() {
    for (int one : running.keySet()) {
      for (PeerAddress other : peers) {
        if (one != other.id()) {
          server(one).unblock(other.id());
        }
      }
    }
  }

  // --- what was recorded -------------------------------------------------------------------------

  void forget() {
    ways.clear();
    statesLoaded.clear();
    membershipsApplied.clear();
  }

  /**
   * Waits until all that run have an entry since {@link #forget} that names the new life of a
   * server that lost its memory: from then on its vote counts.
   */
  void awaitNewLife() {
    Await.until(
        () -> "an entry that names a new life; found " + describe(),
        () -> membershipsApplied.containsAll(running.keySet()));
  }

  /** The first way chosen for that server since {@link #forget}; null if none was. */
  @Nullable SyncPlan firstWay(int peer) {
    return ways.stream().filter(way -> way.peer() == peer).map(Way::plan).findFirst().orElse(null);
  }

  /** All pieces of snapshots sent to that server, in order. */
  List<Piece> pieces(int peer) {
    return pieces.stream().filter(piece -> piece.peer() == peer).toList();
  }

  /** Whether that server replaced its state by a snapshot since {@link #forget}. */
  boolean loadedState(int id) {
    return statesLoaded.contains(id);
  }

  /** Waits for the next fault and takes it off the record. */
  String awaitFault(int id) {
    String of = "server " + id + ":";
    Await.until(
        () -> "a fault of server " + id + "; found " + describe(),
        () -> faults.stream().anyMatch(fault -> fault.startsWith(of)));
    String found = faults.stream().filter(fault -> fault.startsWith(of)).findFirst().orElseThrow();
    faults.remove(found);
    return found;
  }

  // --- clients -----------------------------------------------------------------------------------

  /** Of all servers; closed with them. */
  QuorateClient client() {
    return client(peers.stream().map(PeerAddress::id).map(this::clientAddress).toList());
  }

  /** Of one server only; closed with them. */
  QuorateClient clientOf(int id) {
    return client(List.of(clientAddress(id)));
  }

  private QuorateClient client(List<String> addresses) {
    QuorateClient client =
        QuorateClient.builder(String.join(",", addresses)).requestTimeout(REQUEST_TIMEOUT).build();
    clients.add(client);
    return client;
  }

  String clientAddress(int id) {
    return LOOPBACK + ":" + clientPorts.get(id - 1);
  }

  void closeClients() {
    clients.forEach(QuorateClient::close);
    clients.clear();
  }

  @Override
  public void close() {
    closeClients();
    running.values().forEach(QuorateServer::close);
    running.clear();
    assertThat(faults).as("faults that no test asked for").isEmpty();
  }
}
