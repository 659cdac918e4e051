package io.quorate.client;

import io.quorate.data.CreateMode;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client of an ensemble. It outlives its sessions, and none of its methods waits but {@link
 * #close}.
 *
 * <p><b>Order.</b> Operations take effect in the order of the calls. Futures complete, and
 * listeners are called, in the order of the server's stream on the callback executor: an event
 * before any reply that shows its change.
 *
 * <p><b>Failures.</b> A future fails with a {@link QuorateException}. Each operation has one
 * deadline, the request timeout, through all reconnects and retries; cancelling a future means "do
 * not tell me", not "undo". A path that is none, data beyond 1 MiB and the like throw {@link
 * IllegalArgumentException} at the call.
 *
 * <p><b>Bytes.</b> Arrays are handed over, not copied: a caller doesn't change an array that it
 * passed in.
 */
public interface QuorateClient extends AutoCloseable {

  /**
   * Begins a client for the servers {@code "host:port,host:port"}; the port may be left out, and is
   * 2181 then.
   */
  static QuorateClientBuilder builder(String servers) {
    return new QuorateClientBuilder(servers);
  }

  /**
   * Asks one server ("host:port") what it is and sees; needs no session and works without a quorum.
   */
  static CompletableFuture<ServerStatus> status(String server, Duration timeout) {
    return StatusRequest.send(server, timeout);
  }

  // ---- writes ----------------------------------------------------------------------------------

  /** Creates a persistent znode. Its parent must exist. */
  default CompletableFuture<Created> create(String path, byte @Nullable [] data) {
    return create(path, data, CreateMode.PERSISTENT);
  }

  CompletableFuture<Created> create(String path, byte @Nullable [] data, CreateMode mode);

  /** Deletes a znode without children. */
  default CompletableFuture<Void> delete(String path) {
    return delete(path, WriteOp.ANY_VERSION);
  }

  /** Deletes a znode without children if it has that version, else {@link BadVersionException}. */
  CompletableFuture<Void> delete(String path, int version);

  /** Replaces the data of a znode; the stat is that after the change. */
  default CompletableFuture<ZnodeStat> set(String path, byte @Nullable [] data) {
    return set(path, data, WriteOp.ANY_VERSION);
  }

  /** Replaces the data if the znode has that version, else {@link BadVersionException}. */
  CompletableFuture<ZnodeStat> set(String path, byte @Nullable [] data, int version);

  /** All operations at one zxid, or none: then fails with the exception of the first that fails. */
  CompletableFuture<MultiResult> multi(List<Op> ops);

  default CompletableFuture<MultiResult> multi(Op... ops) {
    return multi(List.of(ops));
  }

  // ---- reads -----------------------------------------------------------------------------------

  default CompletableFuture<Znode> get(String path) {
    return get(path, Consistency.SESSION);
  }

  CompletableFuture<Znode> get(String path, Consistency consistency);

  /**
   * Also leaves a one-shot watch, if the znode exists: {@code listener} is called once, when its
   * data changes, it is deleted, or the session is lost ({@link ZnodeEvent.Type#RESYNC}).
   */
  CompletableFuture<Znode> get(String path, WatchListener listener);

  /** The stat, or nothing if the znode does not exist. */
  default CompletableFuture<Optional<ZnodeStat>> exists(String path) {
    return exists(path, Consistency.SESSION);
  }

  CompletableFuture<Optional<ZnodeStat>> exists(String path, Consistency consistency);

  /**
   * Also leaves a one-shot watch: {@code listener} is called once, when the znode is created, its
   * data changes, it is deleted, or the session is lost.
   */
  CompletableFuture<Optional<ZnodeStat>> exists(String path, WatchListener listener);

  default CompletableFuture<Children> children(String path) {
    return children(path, Consistency.SESSION);
  }

  CompletableFuture<Children> children(String path, Consistency consistency);

  /**
   * Also leaves a one-shot watch, if the znode exists: {@code listener} is called once, when a
   * child is created or deleted, the znode itself is deleted, or the session is lost.
   */
  CompletableFuture<Children> children(String path, WatchListener listener);

  /**
   * Completes when the server of this session has applied every write acknowledged, to anybody,
   * before the call.
   */
  CompletableFuture<Void> sync();

  /** Watches a znode, which need not exist, until the watch is closed. */
  Watch watch(String path, WatchListener listener);

  // ---- session ----------------------------------------------------------------------------------

  ConnectionState state();

  /** Tells every change of state from now on, in order. */
  Subscription onStateChange(Consumer<ConnectionState> listener);

  /**
   * Tells each loss of a session, before state listeners hear of {@link ConnectionState#LOST}. The
   * callbacks of one loss run in the order in which they were given here.
   */
  Subscription onSessionLost(Consumer<SessionLoss> listener);

  /** Id of the session that is open, or was last; 0 before the first. */
  long sessionId();

  /**
   * Until then the ensemble gives nothing away that this session holds. Extended by pings and
   * writes while a server serves the session; has passed already if there is no session.
   */
  Deadline safeUntil();

  /** As given to the builder: who this is, for people. */
  String clientName();

  /** Timeout of the session, as granted, or as wished before the first session. */
  Duration sessionTimeout();

  /** What each operation gets, all retries together. */
  Duration requestTimeout();

  /**
   * This client and its session, with another time for each operation given through the result. A
   * write with a time longer than any silence that the session survives always settles: by its
   * answer, or by the end of the session. Watches, states and {@link #close} are those of this
   * client.
   */
  QuorateClient withRequestTimeout(Duration timeout);

  /** Clock, dice and executor of this client. */
  ClientScheduler scheduler();

  /** The same operations, waiting for their results. */
  default BlockingClient blocking() {
    return new BlockingClient(this);
  }

  /**
   * Ends the session, so that its ephemerals vanish at once, and the client. Waits until a server
   * has confirmed, but no longer than the request timeout, and never throws; called from a callback
   * it doesn't wait. Operations given before are carried out first.
   */
  @Override
  void close();
}
