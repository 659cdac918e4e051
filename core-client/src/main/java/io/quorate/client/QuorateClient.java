package io.quorate.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.Identity;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.protocol.Framing;
import java.nio.charset.StandardCharsets;
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
 * not tell me", not "undo". A path that is none, data of more than 1 MiB, a multi that does not fit
 * into 1 MiB and 63 KiB with its paths, and the like throw {@link IllegalArgumentException} at the
 * call.
 *
 * <p><b>Bytes.</b> Arrays are handed over, not copied: a caller doesn't change an array that it
 * passed in.
 */
public interface QuorateClient extends AutoCloseable {
  /** Most names or paths in one page. */
  int PAGE_MAX = Framing.CHILD_NAMES_MAX;

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

  default CompletableFuture<Created> create(String path, byte @Nullable [] data, CreateMode mode) {
    return create(path, data, CreateOptions.of(mode));
  }

  /**
   * Creates a znode. Its parent must exist and be no ephemeral.
   *
   * @param path for sequential modes the prefix of the path, which may end in a slash
   */
  CompletableFuture<Created> create(String path, byte @Nullable [] data, CreateOptions options);

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

  /** Replaces the access control list of a znode; the stat is that after the change. */
  default CompletableFuture<ZnodeStat> setAcl(String path, List<Acl> acl) {
    return setAcl(path, acl, WriteOp.ANY_VERSION);
  }

  /**
   * Replaces the access control list if it has that version ({@code stat.aversion()}), else {@link
   * BadVersionException}. Needs ADMIN; changes nothing else and fires no watch. A list that no
   * ensemble stores (an unknown scheme, {@code auth} without being authenticated) fails with {@link
   * InvalidAclException}.
   */
  CompletableFuture<ZnodeStat> setAcl(String path, List<Acl> acl, int aversion);

  /**
   * Sets or renews the expiry of a znode: it is deleted, once it has no children, when so much
   * <i>log time</i> has passed since this write. Log time is the leader's clock as stamped into the
   * log: it never goes back, and whoever renews in time is never late by a clock of its own. Needs
   * WRITE; changes neither version nor mzxid and fires no watch (the deletion does).
   *
   * @param after 1 ms to 2^40 - 1 ms, in whole milliseconds
   */
  CompletableFuture<ZnodeStat> setExpiry(String path, Duration after);

  /** Takes the expiry away; a time to live stays. */
  CompletableFuture<ZnodeStat> clearExpiry(String path);

  /**
   * All operations at one zxid, or none: then fails with the exception of the first that fails.
   * Reads among them see what the operations before them did.
   */
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
   * data changes, it is deleted, or the session is lost ({@link ZnodeEvent.Type#RESYNC}). A change
   * that this client may not READ, by the access control list at the change, is none for its
   * watches: it is not told, and it uses no watch up, so that the first change that may be read is
   * heard. Of the other two kinds the same holds.
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

  /**
   * The names of all children, gathered page by page; {@link Children#atOneInstant} says whether
   * they are those of one instant.
   */
  CompletableFuture<Children> children(String path, Consistency consistency);

  /**
   * Also leaves a one-shot watch, if the znode exists: {@code listener} is called once, when a
   * child is created or deleted, the znode itself is deleted, or the session is lost.
   */
  CompletableFuture<Children> children(String path, WatchListener listener);

  /** A page of children as of one instant; the first one with an empty {@code afterName}. */
  default CompletableFuture<ChildrenPage> childrenPage(String path, String afterName, int limit) {
    return childrenPage(path, afterName, limit, Consistency.SESSION);
  }

  /**
   * A page of children as of one instant, in name order. Whoever goes on after the last name of
   * each page sees every child that exists all the while exactly once; of those that come and go
   * meanwhile, some.
   *
   * @param afterName only names greater than this; empty for all
   * @param limit at most so many names, 1 to {@link #PAGE_MAX}; fewer are no sign of the end,
   *     {@link ChildrenPage#more} is
   */
  CompletableFuture<ChildrenPage> childrenPage(
      String path, String afterName, int limit, Consistency consistency);

  /**
   * Calls {@code action} with each child's name, in name order, holding one page at a time: for
   * znodes with very many children. Each page has its own request timeout. The future completes
   * with the number of names, or fails with what {@code action} throws.
   */
  CompletableFuture<Long> forEachChild(String path, Consumer<String> action);

  /**
   * The access control list. Needs READ or ADMIN; without ADMIN the hashes of digest identities are
   * masked.
   */
  CompletableFuture<ZnodeAcl> getAcl(String path);

  /** How many znodes are below this one, at any depth; not counting itself. */
  CompletableFuture<Long> subtreeCount(String path);

  /**
   * Paths of all ephemerals of this client's session, in path order. Gathered page by page: of
   * those that come and go meanwhile, some.
   */
  default CompletableFuture<List<String>> ephemerals() {
    return ephemerals("");
  }

  /**
   * As above, those whose path begins with {@code prefix}, a plain prefix: {@code /a} is one of
   * {@code /ab}.
   */
  CompletableFuture<List<String>> ephemerals(String prefix);

  /**
   * A page of the ephemerals of this client's session.
   *
   * @param prefix as above; empty or {@code /} for all
   * @param afterPath only paths greater than this; empty for all
   * @param limit at most so many paths, 1 to {@link #PAGE_MAX}
   */
  CompletableFuture<PathsPage> ephemeralsPage(String prefix, String afterPath, int limit);

  /**
   * The identities of this client as the server sees them: that of its address, and one for each
   * accepted credential.
   */
  CompletableFuture<List<Identity>> whoAmI();

  /**
   * Completes when the server of this session has applied every write acknowledged, to anybody,
   * before the call.
   */
  CompletableFuture<Void> sync();

  /** Watches a znode, which need not exist, until the watch is closed. */
  default Watch watch(String path, WatchListener listener) {
    return watch(path, WatchScope.ZNODE, listener);
  }

  /**
   * Watches a znode, which need not exist, or all that is below it as well, until the watch is
   * closed. Events come in zxid order, those of one zxid together; an event of a znode that this
   * client may not read is left out.
   */
  Watch watch(String path, WatchScope scope, WatchListener listener);

  // ---- identity ---------------------------------------------------------------------------------

  /** As below, with the bytes of the text in UTF-8. */
  default CompletableFuture<Void> addCredential(String scheme, String credential) {
    return addCredential(scheme, credential.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Presents a credential, besides those that the client has. When the future completes, every
   * operation given later has the identity too, in this session and in all later ones: the client
   * presents it on each new connection before anything else. Fails with {@link AuthFailedException}
   * if the server does not accept it; then, and after any other failure, the client does not keep
   * it. After {@link UnavailableException} the present connection may have the identity
   * nevertheless, until it ends.
   *
   * @param scheme such as {@code digest}
   * @param credential {@code user:password} in UTF-8 for {@code digest}; copied, never logged
   */
  CompletableFuture<Void> addCredential(String scheme, byte[] credential);

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

  /**
   * Where this client counts, for what is built on it to count there as well; a registry that keeps
   * nothing if the builder was given none.
   */
  MeterRegistry meters();

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
