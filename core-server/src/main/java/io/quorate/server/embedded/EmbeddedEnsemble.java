package io.quorate.server.embedded;

import io.quorate.client.ClientFreeze;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateClientBuilder;
import io.quorate.client.Subscription;
import io.quorate.server.QuorateServer;
import io.quorate.server.config.ClientConfig;
import io.quorate.server.config.EnsembleConfig;
import io.quorate.server.config.HostPort;
import io.quorate.server.config.PeerAddress;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.node.NodeStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An ensemble of real servers in this JVM, for tests of what is built on Quorate.
 *
 * <pre>{@code
 * try (EmbeddedEnsemble ensemble = EmbeddedEnsemble.start(3)) {
 *   QuorateClient client = ensemble.client("a");
 *   client.blocking().create("/a", bytes);
 *   ensemble.killLeader();
 *   client.blocking().get("/a");
 * }
 * }</pre>
 *
 * <p>Servers talk over sockets on loopback and keep real files, in a directory that is deleted at
 * the end unless one was given. Their timings are short: a lost leader is replaced within half a
 * second. They do not sync their files unless asked to ({@link Builder#fsync}): data survives
 * {@link #kill}, as it would survive SIGKILL, but not the end of the machine.
 *
 * <p>Every method waits until what it says is so, at most {@link #PATIENCE}, and then throws an
 * {@link IllegalStateException} that says what it waited for and what each server was doing. To be
 * used by one thread at a time; {@link #client} may be called on any.
 */
public final class EmbeddedEnsemble implements AutoCloseable {
  /** How long the methods of this class wait for what they promise. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Shortest session timeout that the servers give. */
  public static final Duration SESSION_TIMEOUT_MIN = Duration.ofMillis(750);

  /** Session timeout that the clients of {@link #client} ask for. */
  public static final Duration SESSION_TIMEOUT = Duration.ofSeconds(4);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ELECTION_TIMEOUT = Duration.ofMillis(250);
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofMillis(40);
  private static final Duration SESSION_TIMEOUT_MAX = Duration.ofMinutes(1);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final int SERVERS_MAX = 9;

  private static final String LOOPBACK = "127.0.0.1";

  /** In the directory of the ensemble: a port per line, those of the peers first. */
  private static final String PORTS_FILE = "ports";

  private final List<EmbeddedServer> servers;
  private final @Nullable Path directoryToDelete;

  /** Ids of servers that {@link #isolate} cut off. */
  private final Set<Integer> isolated = new TreeSet<>();

  private final List<QuorateClient> clients = new CopyOnWriteArrayList<>();

  private EmbeddedEnsemble(List<EmbeddedServer> servers, @Nullable Path directoryToDelete) {
    this.servers = servers;
    this.directoryToDelete = directoryToDelete;
  }

  /** Starts so many servers (1 to 9, 3 is usual); returns when all of them serve. */
  public static EmbeddedEnsemble start(int servers) {
    return builder().servers(servers).start();
  }

  /** For what {@link #start} does not offer. */
  public static Builder builder() {
    return new Builder();
  }

  // ---- clients ---------------------------------------------------------------------------------

  /** Addresses of all servers, running or not, for {@link QuorateClient#builder}. */
  public String connectString() {
    return servers.stream().map(EmbeddedServer::clientAddress).collect(Collectors.joining(","));
  }

  /** Address of one server, for a client that is to talk to no other. */
  public String connectString(int id) {
    return server(id).clientAddress();
  }

  /** A new client of all servers; it is closed with the ensemble, unless it was before. */
  public QuorateClient client(String name) {
    return client(clientBuilder(name));
  }

  /** A new client of one server only; closed with the ensemble. */
  public QuorateClient clientOf(int id, String name) {
    return client(clientBuilder(connectString(id), name));
  }

  /** As {@link #client(String)}, to be completed: another session timeout, say. */
  public QuorateClientBuilder clientBuilder(String name) {
    return clientBuilder(connectString(), name);
  }

  /** Builds the client; it is closed with the ensemble, unless it was before. */
  public QuorateClient client(QuorateClientBuilder builder) {
    QuorateClient client = builder.build();
    clients.add(client);
    return client;
  }

  private static QuorateClientBuilder clientBuilder(String connect, String name) {
    return QuorateClient.builder(connect)
        .clientName(name)
        .sessionTimeout(SESSION_TIMEOUT)
        .requestTimeout(REQUEST_TIMEOUT);
  }

  // ---- servers ---------------------------------------------------------------------------------

  /** Ids of all servers, running or not. */
  public List<Integer> ids() {
    return servers.stream().map(EmbeddedServer::id).toList();
  }

  /** Whether that server runs. */
  public boolean isRunning(int id) {
    return server(id).isRunning();
  }

  /** Waits until a leader serves, and returns its id. */
  public int leader() {
    awaitLeader(PATIENCE);
    return servers.stream()
        .filter(server -> server.leads() && !isolated.contains(server.id()))
        .map(EmbeddedServer::id)
        .findFirst()
        .orElseGet(this::leader);
  }

  /** Ids of the running servers that vote and do not lead. */
  public List<Integer> followers() {
    int leader = leader();
    return servers.stream()
        .filter(server -> server.isRunning() && !server.isObserver() && server.id() != leader)
        .map(EmbeddedServer::id)
        .toList();
  }

  /** Ids of the observers, running or not. */
  public List<Integer> observers() {
    return servers.stream().filter(EmbeddedServer::isObserver).map(EmbeddedServer::id).toList();
  }

  /**
   * Ends the leader as SIGKILL would: nobody is told, its connections break.
   *
   * @return which one it was
   */
  public int killLeader() {
    int leader = leader();
    kill(leader);
    return leader;
  }

  /** Ends a running server as SIGKILL would. */
  public void kill(int id) {
    server(id).kill();
  }

  /** Ends a running server in good order. */
  public void stop(int id) {
    server(id).close();
  }

  /**
   * Starts a server on its old data, which runs again when this returns but may not serve yet; see
   * {@link #awaitServing}. One that runs is stopped before.
   */
  public void restart(int id) {
    EmbeddedServer server = server(id);
    server.close();
    server.start();
    applyIsolation();
  }

  // ---- faults ----------------------------------------------------------------------------------

  /**
   * Cuts the links between a server and all others, in both directions, until {@link #heal}; its
   * clients stay connected to it. Several may be isolated at a time: each is alone then.
   */
  public void isolate(int id) {
    server(id);
    isolated.add(id);
    applyIsolation();
  }

  /** Ends every isolation; returns when a leader serves. */
  public void heal() {
    isolated.clear();
    for (EmbeddedServer one : servers) {
      for (EmbeddedServer other : servers) {
        if (one.isRunning() && one != other) {
          one.running().unblock(other.id());
        }
      }
    }
    List<EmbeddedServer> voters = servers.stream().filter(s -> !s.isObserver()).toList();
    if (2 * voters.stream().filter(EmbeddedServer::isRunning).count() > voters.size()) {
      awaitLeader(PATIENCE);
    }
  }

  private void applyIsolation() {
    for (EmbeddedServer one : servers) {
      for (EmbeddedServer other : servers) {
        boolean cut = isolated.contains(one.id()) || isolated.contains(other.id());
        if (cut && one.isRunning() && one != other) {
          one.running().block(other.id());
        }
      }
    }
  }

  /**
   * Ends the client's session as if its timeout had passed without a ping; returns when every
   * server that serves has applied it. The client learns of it from its server.
   *
   * @throws IllegalStateException if the client has no session
   */
  public void expireSession(QuorateClient client) {
    await("a session of client " + client.clientName(), () -> client.sessionId() != 0);
    expireSession(client.sessionId());
  }

  /**
   * As above, by the session's id. Ending one that is not open (any more) is no error, and the call
   * returns at once.
   */
  public void expireSession(long sessionId) {
    SessionEnd end = new SessionEnd(sessionId);
    await("the end of session 0x%x".formatted(sessionId), end::reached);
    await(
        "the end of session 0x%x at every server".formatted(sessionId),
        () -> servers.stream().noneMatch(s -> s.serves() && appliedBy(s) < end.appliedZxid));
  }

  /** Asks whoever leads, again if that changes, until the session is gone there. */
  private final class SessionEnd {
    private final long sessionId;
    private @Nullable QuorateServer asked;
    private long appliedZxid;

    SessionEnd(long sessionId) {
      this.sessionId = sessionId;
    }

    boolean reached() {
      for (EmbeddedServer server : servers) {
        if (server.leads() && !isolated.contains(server.id())) {
          return reached(server.running());
        }
      }
      return false;
    }

    private boolean reached(QuorateServer leader) {
      if (!leader.isSessionOpen(sessionId)) {
        appliedZxid = leader.status().appliedZxid();
        return true;
      }
      if (asked != leader) {
        asked = leader;
        leader.expireSession(sessionId);
      }
      return false;
    }
  }

  private static long appliedBy(EmbeddedServer server) {
    NodeStatus status = server.status();
    return status == null ? 0 : status.appliedZxid();
  }

  /**
   * Makes a client stand still while clocks go on, as its whole process would under SIGSTOP or in a
   * long pause of the JVM. Returns when its I/O thread and its callbacks stand still.
   *
   * @return closing it thaws the client; idempotent
   */
  public Subscription freeze(QuorateClient client) throws InterruptedException {
    return ClientFreeze.freeze(client);
  }

  // ---- waiting ---------------------------------------------------------------------------------

  /** Waits until some server that is not isolated leads. */
  public void awaitLeader(Duration atMost) {
    await(
        "a leader that serves",
        atMost,
        () -> servers.stream().anyMatch(s -> s.leads() && !isolated.contains(s.id())));
  }

  /** Waits until every running server that is not isolated serves clients. */
  public void awaitServing() {
    await(
        "every running server to serve",
        () ->
            servers.stream()
                .allMatch(s -> !s.isRunning() || isolated.contains(s.id()) || s.serves()));
  }

  /** Waits until that server serves clients. */
  public void awaitServing(int id) {
    await("server " + id + " to serve", server(id)::serves);
  }

  /**
   * Waits until all running servers have applied the same entries, and fails if then their states
   * differ. Only of use while nobody writes.
   */
  public void awaitEqualStates() {
    await(
        "equal positions of all running servers",
        () ->
            servers.stream()
                    .filter(EmbeddedServer::isRunning)
                    .map(EmbeddedEnsemble::appliedBy)
                    .distinct()
                    .count()
                <= 1);
    List<Long> digests = new ArrayList<>();
    for (EmbeddedServer server : servers) {
      NodeStatus status = server.status();
      if (status != null) {
        digests.add(status.digest());
      }
    }
    if (digests.stream().distinct().count() > 1) {
      throw new IllegalStateException("the states differ: " + describe());
    }
  }

  /** Waits for a condition of the caller's, at most {@link #PATIENCE}. */
  public void await(String what, BooleanSupplier condition) {
    await(what, PATIENCE, condition);
  }

  /**
   * Waits for a condition, asked every few milliseconds.
   *
   * @throws IllegalStateException after {@code atMost}, or when the thread is interrupted; says
   *     {@code what} was waited for and what each server was doing
   */
  public void await(String what, Duration atMost, BooleanSupplier condition) {
    long end = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(
            "waited %d ms for %s; %s".formatted(atMost.toMillis(), what, describe()));
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("interrupted while waiting for " + what);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** What each server is doing, for messages. */
  public String describe() {
    return servers.stream().map(EmbeddedServer::describe).collect(Collectors.joining("; "))
        + (isolated.isEmpty() ? "" : "; isolated: " + isolated);
  }

  private EmbeddedServer server(int id) {
    return servers.stream()
        .filter(server -> server.id() == id)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected the id of a server, one of " + ids() + "; found " + id));
  }

  // ---- its end ---------------------------------------------------------------------------------

  /** Closes the clients given out, then the servers; deletes the directory unless it was given. */
  @Override
  public void close() {
    closeClients();
    servers.forEach(EmbeddedServer::close);
    if (directoryToDelete != null) {
      delete(directoryToDelete);
    }
  }

  /** All at once: each may wait for an ensemble that can't answer any more. */
  private void closeClients() {
    List<Thread> closing = new ArrayList<>();
    for (QuorateClient client : clients) {
      Thread thread = new Thread(client::close, "close " + client.clientName());
      thread.setDaemon(true);
      thread.start();
      closing.add(thread);
    }
    clients.clear();
    try {
      for (Thread thread : closing) {
        thread.join(PATIENCE.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      // Somebody was quicker; why the servers failed then matters more than this.
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't delete " + directory, e);
    }
  }

  /** What an ensemble is made from. */
  public static final class Builder {
    private int servers = 3;
    private int observers;
    private @Nullable Path directory;
    private boolean fsync;
    private StorageConfig storage = StorageConfig.defaults();
    private Duration electionTimeout = ELECTION_TIMEOUT;

    private Builder() {}

    /** That vote: from 1 to 9. Default: 3. */
    public Builder servers(int count) {
      if (count < 1 || count > SERVERS_MAX) {
        throw new IllegalArgumentException(
            "expected 1 to " + SERVERS_MAX + " servers, found " + count);
      }
      this.servers = count;
      return this;
    }

    /**
     * Servers more, whose ids follow: they follow the leader and serve clients, but neither vote
     * nor count. From 0 to 9. Default: 0.
     */
    public Builder observers(int count) {
      if (count < 0 || count > SERVERS_MAX) {
        throw new IllegalArgumentException(
            "expected 0 to " + SERVERS_MAX + " observers, found " + count);
      }
      this.observers = count;
      return this;
    }

    /**
     * Where the servers keep their data, which stays; an ensemble that was started there before
     * goes on. Default: a directory that is deleted.
     */
    public Builder directory(Path path) {
      this.directory = path;
      return this;
    }

    /**
     * Whether writes wait for the disk, as in production. Default: no; much faster on some disks,
     * and only the end of the whole machine could tell.
     */
    public Builder fsync(boolean on) {
      this.fsync = on;
      return this;
    }

    /** Takes a snapshot after so many entries, 100 or more. Default: as in production. */
    public Builder snapshotEveryEntries(long entries) {
      this.storage =
          new StorageConfig(
              storage.segmentBytes(),
              entries,
              storage.snapshotEveryBytes(),
              storage.snapshotWriteRate(),
              storage.snapshotsKept(),
              storage.logKeptBytes());
      return this;
    }

    /**
     * How long a leader may be silent; at most 250 ms, so that the shortest session outlives an
     * election. Default: 250 ms.
     */
    public Builder electionTimeout(Duration timeout) {
      this.electionTimeout = timeout;
      return this;
    }

    /** Starts the servers; returns when all of them serve. */
    public EmbeddedEnsemble start() {
      Path root = directory == null ? temporaryDirectory() : directory;
      EmbeddedEnsemble ensemble =
          new EmbeddedEnsemble(places(root), directory == null ? root : null);
      boolean started = false;
      try {
        ensemble.servers.forEach(EmbeddedServer::start);
        ensemble.awaitServing();
        ensemble.awaitLeader(PATIENCE);
        started = true;
        return ensemble;
      } finally {
        if (!started) {
          ensemble.close();
        }
      }
    }

    private List<EmbeddedServer> places(Path root) {
      int count = servers + observers;
      List<Integer> ports = ports(root.resolve(PORTS_FILE), count);
      List<PeerAddress> peers = new ArrayList<>();
      for (int id = 1; id <= count; id++) {
        peers.add(new PeerAddress(id, new HostPort(LOOPBACK, ports.get(id - 1)), id > servers));
      }
      List<EmbeddedServer> places = new ArrayList<>();
      for (int id = 1; id <= count; id++) {
        ServerConfig config =
            new ServerConfig(
                id,
                root.resolve("server-" + id),
                ClientConfig.defaults()
                    .at(LOOPBACK, ports.get(count + id - 1))
                    .withSessionTimeouts(SESSION_TIMEOUT_MIN, SESSION_TIMEOUT_MAX),
                EnsembleConfig.of(ports.get(id - 1), peers)
                    .withTimings(electionTimeout, heartbeatInterval()),
                storage);
        places.add(new EmbeddedServer(config, fsync));
      }
      return List.copyOf(places);
    }

    /** The servers have their ports in their data: a later start needs the same ones. */
    private static List<Integer> ports(Path file, int count) {
      try {
        if (Files.exists(file)) {
          List<Integer> ports = Files.readAllLines(file).stream().map(Integer::valueOf).toList();
          if (ports.size() != 2 * count) {
            throw new IllegalArgumentException(
                "%s holds an ensemble of %d servers, not of %d"
                    .formatted(file.getParent(), ports.size() / 2, count));
          }
          return ports;
        }
        List<Integer> ports = FreePorts.find(2 * count);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, ports.stream().map(String::valueOf).toList());
        return ports;
      } catch (IOException e) {
        throw new UncheckedIOException("can't use " + file, e);
      }
    }

    private Duration heartbeatInterval() {
      Duration sixth = Duration.ofMillis(Math.max(5, electionTimeout.toMillis() / 6));
      return sixth.compareTo(HEARTBEAT_INTERVAL) < 0 ? sixth : HEARTBEAT_INTERVAL;
    }

    private static Path temporaryDirectory() {
      try {
        return Files.createTempDirectory("quorate-ensemble-");
      } catch (IOException e) {
        throw new UncheckedIOException("can't create a temporary directory", e);
      }
    }
  }
}
