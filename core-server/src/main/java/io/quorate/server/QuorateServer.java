package io.quorate.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.quorate.protocol.Framing;
import io.quorate.server.admin.AdminPages;
import io.quorate.server.admin.AdminServer;
import io.quorate.server.admin.Health;
import io.quorate.server.config.ClientConfig;
import io.quorate.server.config.EnsembleConfig;
import io.quorate.server.config.LimitsConfig;
import io.quorate.server.config.PeerAddress;
import io.quorate.server.config.Secret;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.metrics.MeteredStorage;
import io.quorate.server.metrics.NodeMeters;
import io.quorate.server.metrics.ServerMeters;
import io.quorate.server.node.NodeConfig;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.node.NodeObservers;
import io.quorate.server.node.NodeShell;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.node.RealClock;
import io.quorate.server.node.RebuildingFaultHandler;
import io.quorate.server.node.ResourceLimits;
import io.quorate.server.node.SnapshotPolicy;
import io.quorate.server.node.SweepPolicy;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.ReplicaConfig;
import io.quorate.server.request.RequestLimits;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.file.FileStorage;
import io.quorate.server.storage.file.RealDisk;
import io.quorate.server.storage.file.StorageOptions;
import io.quorate.server.transport.EventLoops;
import io.quorate.server.transport.client.ClientListener;
import io.quorate.server.transport.client.ClientListenerOptions;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.proto.NativeProtocol;
import io.quorate.server.transport.client.sniff.ProtocolSniffer;
import io.quorate.server.transport.peer.NettyPeerTransport;
import io.quorate.server.transport.peer.PeerTransportOptions;
import io.quorate.server.watch.WatchLimits;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server: data directory, threads and ports around one {@link NodeShell}.
 *
 * <p>{@link #start}, {@link #close} and {@link #kill} belong to whoever owns the server; the other
 * methods may be called on any thread.
 */
public final class QuorateServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(QuorateServer.class);

  /** More threads than this for sockets never made it faster; the node thread is the limit. */
  private static final int CLIENT_THREADS_MAX = 4;

  /** Longer names are cut; they are for people. */
  private static final int CLIENT_NAME_CHARS_MAX = 256;

  private static final int SNAPSHOT_JITTER_PERCENT = 40;

  private final ServerConfig config;
  private final ServerOptions options;

  /** Taken by whoever opens or closes what runs: the owner, or the thread that rebuilds. */
  private final Object lifecycle = new Object();

  @GuardedBy("lifecycle")
  private boolean closed;

  /** Replaced when the state has to be rebuilt. */
  private volatile Running running;

  /** Null if there is none. Outlives what runs, and tells of it. */
  private final @Nullable Admin admin;

  /** The admin port with the thread that serves it. */
  private record Admin(EventLoops loops, AdminServer server, InetSocketAddress address) {
    static Admin bind(ServerConfig config) {
      EventLoops loops = EventLoops.start("quorate-" + config.serverId() + "-admin", 1);
      AdminServer server =
          new AdminServer(
              AdminServer.Options.of(config.admin().bind(), config.admin().port()), loops);
      boolean bound = false;
      try {
        Admin admin = new Admin(loops, server, server.bind());
        bound = true;
        return admin;
      } finally {
        if (!bound) {
          loops.close();
        }
      }
    }

    void close() {
      server.close();
      loops.close();
    }
  }

  /** What of a server is files. */
  private record Disks(RealDisk disk, Storage storage) implements AutoCloseable {
    @Override
    public void close() {
      storage.close();
      disk.close();
    }
  }

  /** What of a server is sockets, all bound. */
  private record Sockets(
      EventLoops peerLoops,
      EventLoops clientLoops,
      NettyPeerTransport peers,
      ClientListener clients,
      ClientListenerOptions clientOptions,
      ClientMeters clientMeters,
      InetSocketAddress peerAddress,
      InetSocketAddress clientAddress)
      implements AutoCloseable {
    @Override
    public void close() {
      clients.close();
      closePeersAndLoops();
    }

    /** To a peer, a connection that ends is all it ever sees of an end. */
    void closeAbruptly() {
      clients.kill();
      closePeersAndLoops();
    }

    private void closePeersAndLoops() {
      peers.close();
      clientLoops.close();
      peerLoops.close();
    }
  }

  /** All that runs, from one start to the next. */
  private record Running(Disks disks, Sockets sockets, NodeShell shell, MeteredStorage metered) {
    void close() {
      shell.close();
      sockets.close();
      disks.close();
    }

    void kill() {
      shell.kill();
      sockets.closeAbruptly();
      disks.close();
    }
  }

  private QuorateServer(ServerConfig config, ServerOptions options) {
    this.config = config;
    this.options = options;
    admin = config.admin().isOn() ? Admin.bind(config) : null;
    boolean started = false;
    try {
      synchronized (lifecycle) {
        running = open(config, null);
      }
      started = true;
    } finally {
      if (!started) {
        closeAdmin();
      }
    }
    if (admin != null) {
      admin.server().start(pages());
    }
    LOG.info(
        "started; server={} version={} clients={} peers={} admin={} data={} servers={}",
        config.serverId(),
        String.valueOf(QuorateServer.class.getPackage().getImplementationVersion()),
        clientAddress(),
        peerAddress(),
        admin == null ? "off" : admin.address(),
        config.dataDir(),
        config.ensemble().servers());
  }

  private AdminPages pages() {
    Supplier<String> scrape =
        options.meters() instanceof PrometheusMeterRegistry prometheus ? prometheus::scrape : null;
    return new AdminPages(
        this::status,
        () -> running.metered().busyNanos(),
        new RealClock(),
        new Health(Health.Bounds.DEFAULT),
        scrape);
  }

  private void closeAdmin() {
    if (admin != null) {
      admin.close();
    }
  }

  /** Opens and starts everything; closes what it has opened if that fails. */
  private Running open(ServerConfig at, @Nullable Divergence rebuilt) {
    List<AutoCloseable> opened = new ArrayList<>();
    boolean started = false;
    try {
      Sockets sockets = bind(at, options, opened);
      RealDisk disk = RealDisk.open(at.dataDir());
      opened.add(disk);
      StorageLog log = new StorageLog(at.serverId());
      Storage storage =
          new FileStorage(options.disk().apply(disk), at.serverId(), storageOptions(at), log);
      opened.add(storage);
      MeteredStorage metered =
          new MeteredStorage(storage, new RealClock(), options.meters(), at.serverId(), log);
      NodeShell shell = startShell(at, sockets, metered, rebuilt);
      started = true;
      return new Running(new Disks(disk, storage), sockets, shell, metered);
    } finally {
      if (!started) {
        closeReversed(opened);
      }
    }
  }

  private NodeShell startShell(
      ServerConfig at, Sockets sockets, Storage storage, @Nullable Divergence rebuilt) {
    Membership membership = membership(at.ensemble());
    NodeMeters meters =
        new NodeMeters(options.meters(), new RealClock(), at.serverId(), peerIds(at));
    NodeShell shell =
        new NodeShell(
            nodeConfig(at),
            replicaConfig(at, membership),
            storage,
            new RealClock(),
            new SecureRandom()::nextLong,
            new RebuildingFaultHandler(at.serverId(), this::rebuild, options.faults()),
            new NodeObservers(observers(at.serverId(), meters)),
            options.applier());
    meters.registerInbox(shell::inboxLength);
    meters.registerFiles(
        () -> RealDisk.logBytes(at.dataDir()), () -> RealDisk.snapshotBytes(at.dataDir()));
    shell.start(sockets.peers(), rebuilt);
    sockets.peers().start(membership, shell.peerInbox());
    sockets.clients().start(sniffer(shell, sockets));
    return shell;
  }

  private List<NodeObserver> observers(int id, NodeMeters meters) {
    List<NodeObserver> observers = new ArrayList<>();
    observers.add(new NodeLog(id));
    observers.add(meters);
    observers.add(options.observer());
    if (TurnParts.isWanted()) {
      observers.add(new TurnParts());
    }
    return observers;
  }

  private static List<Integer> peerIds(ServerConfig config) {
    return config.ensemble().servers().stream()
        .map(PeerAddress::id)
        .filter(peer -> peer != config.serverId())
        .toList();
  }

  // ---- divergence ------------------------------------------------------------------------------

  /**
   * Ends all that runs and starts it again, at the same addresses, on what the own disk holds and
   * may be trusted.
   */
  private void rebuild(Divergence divergence) {
    synchronized (lifecycle) {
      if (!closed) {
        Running before = running;
        before.kill();
        ServerMeters.removeAll(options.meters(), id());
        running = open(atSamePort(before.sockets()), divergence);
      }
    }
  }

  /** A port that was chosen freely at the first start is the one that clients know now. */
  private ServerConfig atSamePort(Sockets sockets) {
    ClientConfig client = config.client();
    return config.withClient(client.at(client.bind(), sockets.clientAddress().getPort()));
  }

  private ProtocolSniffer sniffer(NodeShell shell, Sockets sockets) {
    NativeProtocol nativeProtocol =
        new NativeProtocol(
            shell.clientInbox(),
            new AtomicLong()::incrementAndGet,
            sockets.clientOptions(),
            sockets.clientMeters(),
            options.faults());
    return new ProtocolSniffer(
        List.of(nativeProtocol), sockets.clientOptions(), sockets.clientMeters());
  }

  /**
   * Opens the data directory, takes both ports and starts. On return the storage is recovered and
   * the ports are open; whether the server serves is up to its peers.
   *
   * @throws java.io.UncheckedIOException if a port can't be had; the message names it
   * @throws io.quorate.server.storage.StorageException if the data directory is in use or can't be
   *     used; the message names it
   */
  public static QuorateServer start(ServerConfig config, ServerOptions options) {
    return new QuorateServer(config, options);
  }

  /**
   * Ports first: they tell at once whether this server runs already, before anything is touched.
   */
  private static Sockets bind(
      ServerConfig config, ServerOptions options, List<AutoCloseable> opened) {
    String name = "quorate-" + config.serverId();
    EventLoops peerLoops = EventLoops.start(name + "-peer", 1);
    opened.add(peerLoops);
    EventLoops clientLoops = EventLoops.start(name + "-client", clientThreads());
    opened.add(clientLoops);
    EnsembleConfig ensemble = config.ensemble();
    Secret secret = ensemble.secret();
    NettyPeerTransport peers =
        new NettyPeerTransport(
            PeerTransportOptions.of(
                config.serverId(),
                ensemble.bind(),
                ensemble.port(),
                secret == null ? new byte[0] : secret.bytes()),
            peerLoops,
            new RealClock(),
            new SecureRandom()::nextLong,
            options.meters(),
            options.faults());
    opened.add(peers);
    ClientMeters meters = new ClientMeters(options.meters(), config.serverId());
    ClientListenerOptions listenerOptions = listenerOptions(config.client(), config.limits());
    ClientListener clients = new ClientListener(listenerOptions, clientLoops, meters);
    opened.add(clients);
    return new Sockets(
        peerLoops,
        clientLoops,
        peers,
        clients,
        listenerOptions,
        meters,
        peers.bind(),
        clients.bind());
  }

  private static void closeReversed(List<AutoCloseable> opened) {
    for (int i = opened.size() - 1; i >= 0; i--) {
      try {
        opened.get(i).close();
      } catch (Exception e) { // thread top: the start has failed for a reason worth more than this
        LOG.warn("while giving up the start", e);
      }
    }
  }

  // ---- what the configuration means to each part -----------------------------------------------

  private static int clientThreads() {
    return Math.min(CLIENT_THREADS_MAX, Runtime.getRuntime().availableProcessors());
  }

  private static ClientListenerOptions listenerOptions(ClientConfig client, LimitsConfig limits) {
    // Reading stops well before the node would refuse for the same reason.
    int inFlightMax = Math.max(1, client.pendingRequestsMax() / 2);
    return ClientListenerOptions.of(client.bind(), client.port())
        .withConnections(client.connectionsMax(), limits.connectionsPerAddressMax())
        .withOutboundTotal(limits.outboundTotalBytesMax())
        .withWaiting(limits.outboundBytesMax(), inFlightMax)
        .withHandshakeMillis((int) limits.handshakeTimeout().toMillis());
  }

  private static StorageOptions storageOptions(ServerConfig config) {
    return new StorageOptions(
        Math.toIntExact(config.storage().segmentBytes()),
        config.storage().snapshotsKept(),
        config.storage().logKeptBytes(),
        config.limits().diskReserveBytes());
  }

  private static Membership membership(EnsembleConfig ensemble) {
    List<Member> members = new ArrayList<>();
    for (PeerAddress server : ensemble.servers()) {
      members.add(
          new Member(
              server.id(),
              !server.observer(),
              0,
              server.address().host(),
              server.address().port()));
    }
    return new Membership(0, members);
  }

  private static ReplicaConfig replicaConfig(ServerConfig config, Membership membership) {
    long electionNanos = config.ensemble().electionTimeout().toNanos();
    return ReplicaConfig.defaults(config.serverId(), membership)
        .withTimings(
            config.ensemble().heartbeatInterval().toNanos(), electionNanos, 2 * electionNanos);
  }

  private static NodeConfig nodeConfig(ServerConfig config) {
    ClientConfig client = config.client();
    long timeoutMinMillis = client.sessionTimeoutMin().toMillis();
    RequestLimits limits =
        new RequestLimits(
            client.pendingRequestsMax(),
            client.pendingBytesMax(),
            client.writesInFlightMax(),
            timeoutMinMillis,
            client.sessionTimeoutMax().toMillis(),
            CLIENT_NAME_CHARS_MAX,
            RequestLimits.forTimeouts(timeoutMinMillis, timeoutMinMillis).suspendAfterNanos());
    Secret superDigest = config.tree().superDigest();
    return new NodeConfig(
        config.serverId(),
        Framing.BODY_BYTES_MAX, // whatever a client may send fits
        limits,
        new SnapshotPolicy(
            config.storage().snapshotEveryEntries(),
            config.storage().snapshotEveryBytes(),
            SNAPSHOT_JITTER_PERCENT,
            config.storage().snapshotWriteRate()),
        ResourceLimits.of(config.limits().memoryBudgetBytes(), config.limits().diskReserveBytes()),
        StateMachine.VERSION,
        new SweepPolicy(
            config.tree().dueInterval().toNanos(),
            config.tree().containersInterval().toNanos(),
            config.tree().sweepBatchMax(),
            config.tree().containerUnused().toMillis()),
        superDigest == null ? null : new String(superDigest.bytes(), StandardCharsets.UTF_8),
        new WatchLimits(
            config.limits().watchHistoryChangesMax(), config.limits().watchHistoryBytesMax()));
  }

  // ---- while it runs ---------------------------------------------------------------------------

  /** As configured. */
  public int id() {
    return config.serverId();
  }

  /** Where clients are accepted. */
  public InetSocketAddress clientAddress() {
    return running.sockets().clientAddress();
  }

  /** Where peers are accepted. */
  public InetSocketAddress peerAddress() {
    return running.sockets().peerAddress();
  }

  /** Where health, metrics and status are; null if there is no admin port. */
  public @Nullable InetSocketAddress adminAddress() {
    return admin == null ? null : admin.address();
  }

  /** The picture after the last turn of the node. */
  public NodeStatus status() {
    return running.shell().status();
  }

  /** Leader, follower, observer, looking or unfounded. */
  public String role() {
    return status().replica().role().name().toLowerCase(Locale.ROOT);
  }

  /** Whether clients are served at the moment. */
  public boolean serves() {
    return status().serving();
  }

  /**
   * Ends a session through the log as if it had timed out; for tests and operators. Ignored unless
   * this server leads.
   */
  public void expireSession(long sessionId) {
    running.shell().expireSession(sessionId);
  }

  /**
   * Whether that session is open in the state of this server; waits for the node's next turn. False
   * once the server is closed.
   */
  public boolean isSessionOpen(long sessionId) {
    return running.shell().isSessionOpen(sessionId);
  }

  /** For tests: cuts the link with that peer, in both directions, until {@link #unblock}. */
  public void block(int peer) {
    running.sockets().peers().block(peer);
  }

  /**
   * For tests: what this server sends to that peer is lost while the link stays up, until {@link
   * #unblock}; what the peer sends arrives.
   */
  public void mute(int peer) {
    running.sockets().peers().mute(peer);
  }

  /** For tests: ends {@link #block} and {@link #mute}. */
  public void unblock(int peer) {
    running.sockets().peers().unblock(peer);
  }

  // ---- its end ---------------------------------------------------------------------------------

  /** Closes in good order: tells the clients, lets the peers go, finishes what the log has. */
  @Override
  public void close() {
    synchronized (lifecycle) {
      if (!closed) {
        closed = true;
        LOG.info("closes, as it was asked to; server={}", config.serverId());
        closeAdmin();
        running.close();
        ServerMeters.removeAll(options.meters(), id());
      }
    }
  }

  /**
   * For tests: ends as if the process were killed. Nobody is told, and what the log thread has not
   * been given is lost. The data directory can be opened again on return.
   */
  public void kill() {
    synchronized (lifecycle) {
      if (!closed) {
        closed = true;
        closeAdmin();
        running.kill();
        ServerMeters.removeAll(options.meters(), id());
      }
    }
  }
}
