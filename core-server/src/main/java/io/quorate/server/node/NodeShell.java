package io.quorate.server.node;

import io.quorate.server.base.FaultHandler;
import io.quorate.server.base.NodeClock;
import io.quorate.server.base.RandomSource;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.peer.PeerInbox;
import io.quorate.server.peer.PeerTransport;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.Replica;
import io.quorate.server.replication.ReplicaConfig;
import io.quorate.server.request.ClientInbox;
import io.quorate.server.storage.Storage;
import io.quorate.server.watch.WatchRules;
import org.jspecify.annotations.Nullable;

/**
 * A node with its three threads over a storage: what a server in real time consists of, but for its
 * sockets. {@code docs/threads.md} draws it.
 *
 * <p>Made first, because the transports need its inboxes; then started with them. {@link #start},
 * {@link #close} and {@link #kill} belong to the owner, the rest may be called on any thread. The
 * storage stays the caller's, who closes it after this.
 */
public final class NodeShell implements AutoCloseable {
  private final NodeConfig config;
  private final Storage storage;
  private final NodeThread nodeThread;
  private final LogThread logThread;
  private final SnapshotThread snapshotThread;
  private final Replica replica;
  private final NodeClock clock;
  private final RandomSource random;
  private final FaultHandler faults;
  private final NodeObserver observer;
  private final Applier applier;

  /**
   * @param random secure: session secrets and incarnations are drawn from it
   * @param observer called on the node thread
   */
  public NodeShell(
      NodeConfig config,
      ReplicaConfig replicaConfig,
      Storage storage,
      NodeClock clock,
      RandomSource random,
      FaultHandler faults,
      NodeObserver observer,
      Applier applier) {
    this.applier = applier;
    this.config = config;
    this.storage = storage;
    this.clock = clock;
    this.random = random;
    this.faults = faults;
    this.observer = observer;
    int id = config.nodeId();
    replica = new Replica(replicaConfig, random);
    nodeThread = new NodeThread(id, clock, faults, observer);
    logThread = new LogThread(id, new StorageWorker(storage), nodeThread, faults);
    snapshotThread =
        new SnapshotThread(
            id,
            config.stateMachineVersionMax(),
            config.snapshots().bytesPerSecondMax(),
            storage,
            nodeThread,
            clock,
            faults);
  }

  /** Where the peer transport delivers; nothing before {@link #start} is lost. */
  public PeerInbox peerInbox() {
    return nodeThread;
  }

  /** Where the client transports deliver. */
  public ClientInbox clientInbox() {
    return nodeThread;
  }

  /**
   * Recovers the storage on the calling thread, then starts the threads. Once.
   *
   * @throws io.quorate.server.storage.StorageException if the storage can't be used
   */
  public void start(PeerTransport peers) {
    start(peers, null);
  }

  /**
   * As above. After a divergence, the state is rebuilt: snapshots that may hold what is wrong are
   * dropped.
   */
  public void start(PeerTransport peers, @Nullable Divergence rebuilt) {
    Recovered recovered =
        rebuilt == null ? storage.recover() : storage.recoverTrusting(rebuilt.trustedZxid());
    NodePorts ports =
        new NodePorts(
            peers,
            logThread,
            snapshotThread,
            clock,
            random,
            random,
            faults,
            observer,
            applier,
            WatchRules.TRUE);
    logThread.start();
    snapshotThread.verifyFound();
    nodeThread.start(new Node(config, replica, ports), recovered, rebuilt);
  }

  /** The picture after the last turn. Illegal before {@link #start}. */
  public NodeStatus status() {
    return nodeThread.status();
  }

  /** Events that wait for the node thread. */
  public int inboxLength() {
    return nodeThread.inboxLength();
  }

  /** As {@link NodeThread#isSessionOpen}. */
  public boolean isSessionOpen(long sessionId) {
    return nodeThread.isSessionOpen(sessionId);
  }

  /** As {@link Node#expireSession}. */
  public void expireSession(long sessionId) {
    nodeThread.expireSession(sessionId);
  }

  /** Tells the clients, writes what was submitted, ends the threads. */
  @Override
  public void close() {
    nodeThread.close();
    logThread.close();
    snapshotThread.close();
  }

  /** Ends the threads as if the process were killed: nobody is told, submitted work is dropped. */
  public void kill() {
    nodeThread.kill();
    logThread.kill();
    snapshotThread.close();
  }
}
