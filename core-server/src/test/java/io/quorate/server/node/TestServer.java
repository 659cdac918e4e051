package io.quorate.server.node;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.server.base.RandomSource;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.peer.PeerTransport;
import io.quorate.server.replication.Effect;
import io.quorate.server.replication.Replica;
import io.quorate.server.replication.ReplicaConfig;
import io.quorate.server.replication.ReplicaRules;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.statemachine.StateView;
import io.quorate.server.watch.WatchRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One server of a {@link TestEnsemble}: its disk, and its node while it is up. */
final class TestServer {
  /** Small enough for tests to see more than one batch, and containers soon. */
  static final SweepPolicy SWEEPS = new SweepPolicy(250_000_000, 2_000_000_000, 10, 6_000);

  final int id;
  final MemoryStorage storage;

  /** How this server synchronized others, as it chose. */
  final List<SyncPlan> plans = new ArrayList<>();

  /** Epochs in which it stood for leader. */
  final List<Long> stoodFor = new ArrayList<>();

  private final TestEnsemble ensemble;
  private final RandomSource random;
  private final List<Runnable> snapshotWork = new ArrayList<>();
  private final List<Effect.Storage> storageWork = new ArrayList<>();
  private StorageWorker worker;
  private @Nullable Node node;
  private boolean diskHeld;

  /** How this server applies commands; one that lies makes it diverge. */
  Applier applier = Applier.TRUE;

  /** What this server holds to be right. */
  ReplicaRules rules = ReplicaRules.TRUE;

  /** Newest version of the state machine that this server knows. */
  int stateMachineVersionMax = StateMachine.VERSION;

  /** Why its node stopped itself, oldest first. */
  final List<RuntimeException> stops = new ArrayList<>();

  /** What it found to be wrong with its own state. */
  final List<Divergence> divergences = new ArrayList<>();

  private @Nullable Divergence toRebuild;
  private boolean stopped;

  TestServer(TestEnsemble ensemble, int id) {
    this.ensemble = ensemble;
    this.id = id;
    SplittableRandom seeded = new SplittableRandom(4711 + id);
    random = seeded::nextLong;
    storage = new MemoryStorage(ensemble.shelf);
    worker = new StorageWorker(storage);
  }

  void start() {
    start(null);
  }

  private void start(@Nullable Divergence rebuilt) {
    NodeConfig config =
        new NodeConfig(
            id,
            1 << 16,
            ensemble.limits,
            ensemble.snapshots,
            ensemble.resources,
            stateMachineVersionMax,
            SWEEPS,
            ensemble.superDigest,
            ensemble.watches);
    NodePorts ports =
        new NodePorts(
            new Peers(),
            storageWork::addAll,
            new Snapshots(),
            ensemble.clock(),
            random,
            random,
            this::onFault,
            new Observer(),
            (state, zxid, time, command) -> applier.apply(state, zxid, time, command),
            WatchRules.TRUE);
    Replica replica = new Replica(ReplicaConfig.defaults(id, ensemble.membership), random, rules);
    node = new Node(config, replica, ports);
    if (rebuilt == null) {
      node.start(storage.recover());
    } else {
      node.start(storage.recoverTrusting(rebuilt.trustedZxid()), rebuilt);
    }
  }

  private void onFault(String where, Throwable cause) {
    if (cause instanceof DivergedException diverged) {
      divergences.add(diverged.divergence());
      toRebuild = diverged.divergence();
    } else if (cause instanceof NodeHaltedException halted) {
      stops.add(halted);
      stopped = true;
    } else {
      throw new AssertionError(where, cause);
    }
  }

  /** The process is gone, and what it had not synced. */
  void crash() {
    node = null;
    storageWork.clear();
    snapshotWork.clear();
    storage.crash();
    worker = new StorageWorker(storage);
    diskHeld = false;
    ensemble.disconnectAll(id);
  }

  /** Starts again on what the disk holds. */
  void restart() {
    start();
    ensemble.connectAll();
  }

  boolean isUp() {
    return node != null;
  }

  boolean serves() {
    return node().status().serving();
  }

  boolean leads() {
    return node().status().leads();
  }

  /** The version in force in its state. */
  int stateVersion() {
    return node().stateMachineVersion();
  }

  NodeStatus status() {
    return node().status();
  }

  Node node() {
    return Objects.requireNonNull(node, "server " + id + " is down");
  }

  /** Storage work waits from now on, or goes on. */
  void holdDisk(boolean hold) {
    diskHeld = hold;
  }

  // --- what the ensemble does --------------------------------------------------------------------

  void tick() {
    if (node != null) {
      node.tick();
    }
  }

  void receive(int from, byte[] body) {
    node().peerMessage(from, body);
  }

  void linkUp(int peer) {
    if (node != null) {
      node.peerUp(peer);
    }
  }

  void linkDown(int peer) {
    if (node != null) {
      node.peerDown(peer, "cut");
    }
  }

  /** One turn, with the disk's and the snapshot thread's work; whether anything happened. */
  boolean turn() {
    Node running = node;
    if (running == null) {
      return false;
    }
    boolean busy = running.endOfTurn();
    Divergence divergence = toRebuild;
    if (divergence != null) {
      toRebuild = null;
      crash();
      start(divergence);
      ensemble.connectAll();
      return true;
    }
    if (stopped) {
      stopped = false;
      crash();
      return true;
    }
    if (!storageWork.isEmpty() && !diskHeld) {
      List<Effect.Storage> batch = List.copyOf(storageWork);
      storageWork.clear();
      running.storageDone(worker.execute(batch));
      busy = true;
    }
    while (!snapshotWork.isEmpty()) {
      snapshotWork.remove(0).run();
      busy = true;
    }
    return busy;
  }

  // --- what clients do ---------------------------------------------------------------------------

  void opened(ClientConnection connection) {
    node().clientOpened(connection);
  }

  void received(ClientConnection connection, ClientMessage message) {
    node().clientReceived(connection, message);
  }

  void closed(ClientConnection connection) {
    if (node != null) {
      node.clientClosed(connection);
    }
  }

  @Override
  public String toString() {
    return "server " + id + (node == null ? " is down" : ": " + node.status());
  }

  private final class Peers implements PeerTransport {
    @Override
    public void send(int peer, byte[] body) {
      ensemble.send(id, peer, body);
    }

    @Override
    public void flush() {}

    @Override
    public void reset(int peer, String reason) {
      snapshotWork.add(() -> ensemble.reset(id, peer));
    }
  }

  private final class Snapshots implements SnapshotPort {
    @Override
    public void write(StateView view, SnapshotMeta meta) {
      snapshotWork.add(
          () -> {
            try {
              if (SnapshotThread.writeNow(storage, view, meta)) {
                node().snapshotWritten(meta);
              } else {
                node().snapshotDropped();
              }
            } catch (AlteredStateException e) {
              node().snapshotDiffers(meta, e.digest());
            }
          });
    }

    @Override
    public void load(SnapshotMeta meta) {
      snapshotWork.add(
          () -> {
            StateMachine state = SnapshotThread.loadNow(storage, meta, stateMachineVersionMax);
            if (state != null) {
              node().stateLoaded(state);
            }
          });
    }
  }

  private final class Observer implements NodeObserver {
    @Override
    public void synced(int peer, SyncPlan plan) {
      plans.add(plan);
    }

    @Override
    public void electionBegan(long epoch) {
      stoodFor.add(epoch);
    }
  }
}
