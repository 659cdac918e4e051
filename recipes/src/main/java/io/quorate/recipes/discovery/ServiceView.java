package io.quorate.recipes.discovery;

import io.quorate.client.Children;
import io.quorate.client.ClientClosedException;
import io.quorate.client.ConnectionState;
import io.quorate.client.NoNodeException;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.WatchScope;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.base.CodecException;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a copy of the instances of one service.
 *
 * <p>One rule: an event makes an id <i>dirty</i>, a dirty id is read, and the answer decides. A
 * read that is sent after an event shows it, so nothing is missed; and an instance that is deleted
 * and created in one multi is never seen missing. At first, and whenever changes may have been
 * missed, the names are listed and all ids are dirty; until the last of them is read the copy of
 * before is served.
 *
 * <p>It is <i>settled</i> while the session is served and nothing is dirty: then it holds every
 * change that this client's server knows of.
 *
 * <p>Confined to a serial executor of its own, the lane; {@link #snapshot} and {@link #age} may be
 * called on any thread.
 */
final class ServiceView {
  /** An instance in one life of its znode. */
  record Known(Instance instance, long czxid) {}

  /**
   * The copy as of {@code zxid}.
   *
   * @param known in order of the ids
   */
  record Snapshot(List<Known> known, long zxid, boolean loaded, List<InstanceProblem> problems) {}

  /** Since when it is settled, or until when it was. */
  private record Freshness(boolean settled, long atNanos) {}

  /** What is known of one znode; the instance is the last one that could be understood. */
  private record Entry(@Nullable Known known, @Nullable InstanceProblem problem) {}

  /** Longer than any session lives without contact: each read ends by an answer, or with it. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private static final Duration RETRY_FIRST = Duration.ofMillis(100);
  private static final Duration RETRY_MAX = Duration.ofSeconds(10);
  private static final int READS_MAX = 32;

  private final QuorateClient client;
  private final QuorateClient patient;
  private final String folder;
  private final DiscoveryOptions options;
  private final Executor lane;
  private final Backoff backoff;

  /** Hears of each new snapshot, on the lane. */
  private final Consumer<Snapshot> onSnapshot;

  /** Hears of each new problem, on the lane. */
  private final Consumer<InstanceProblem> onProblem;

  private volatile Snapshot snapshot = new Snapshot(List.of(), 0, false, List.of());
  private volatile Freshness freshness;

  // ---- confined to the lane
  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private final TreeSet<String> dirty = new TreeSet<>();
  private final Set<String> reading = new HashSet<>();

  /** Of the listing before: ids that were not read since. */
  private final Set<String> unread = new HashSet<>();

  private @Nullable InstanceProblem folderProblem;
  private long zxid;
  private boolean listing;
  private boolean listAgain;
  private @Nullable Subscription plannedListing;
  private int failures;
  private boolean listed;
  private boolean contact;
  private boolean publishing;
  private boolean closed;
  private @Nullable Watch watch;
  private @Nullable Subscription states;

  ServiceView(
      QuorateClient client,
      String folder,
      DiscoveryOptions options,
      Consumer<Snapshot> onSnapshot,
      Consumer<InstanceProblem> onProblem) {
    this.client = client;
    this.patient = client.withRequestTimeout(PATIENCE);
    this.folder = folder;
    this.options = options;
    this.lane = client.scheduler().newSerialExecutor();
    this.backoff = new Backoff(RETRY_FIRST, RETRY_MAX, client.scheduler()::nextLong);
    this.onSnapshot = onSnapshot;
    this.onProblem = onProblem;
    this.freshness = new Freshness(false, client.scheduler().nanoTime());
  }

  void begin() {
    lane.execute(
        () -> {
          states = client.onStateChange(state -> lane.execute(() -> onState(state)));
          watch =
              client.watch(
                  folder, WatchScope.RECURSIVE, event -> lane.execute(() -> onEvent(event)));
          list();
        });
  }

  Executor lane() {
    return lane;
  }

  /** On the lane. */
  void close() {
    closed = true;
    if (watch != null) {
      watch.close();
    }
    if (states != null) {
      states.close();
    }
    if (plannedListing != null) {
      plannedListing.close();
    }
  }

  // ---- what is served ---------------------------------------------------------------------------

  Snapshot snapshot() {
    return snapshot;
  }

  /** How long ago the snapshot was known to be all. */
  Duration age() {
    Freshness now = freshness;
    if (now.settled() && client.state() == ConnectionState.CONNECTED) {
      return Duration.ZERO;
    }
    long known = now.settled() ? lastContact(now.atNanos()) : now.atNanos();
    return Duration.ofNanos(Math.max(0, client.scheduler().nanoTime() - known));
  }

  /**
   * When a server was last proven to serve the session: at least a session timeout before what is
   * safe. Not before {@code atLeast}.
   */
  private long lastContact(long atLeast) {
    long proven = client.safeUntil().nanoTime() - client.sessionTimeout().toNanos();
    return proven - atLeast > 0 ? proven : atLeast;
  }

  private void unsettle() {
    Freshness before = freshness;
    if (before.settled()) {
      long now = client.scheduler().nanoTime();
      freshness =
          new Freshness(
              false,
              contact && client.state() == ConnectionState.CONNECTED
                  ? now
                  : lastContact(before.atNanos()));
      if (options.emptyAfter() != null) {
        Subscription look =
            client
                .scheduler()
                .schedule(
                    options.emptyAfter().plusMillis(1), () -> lane.execute(this::publishIfOld));
        assert look != null;
      }
    }
  }

  /** What was shown until now is kept back from now on; that is a change. */
  private void publishIfOld() {
    Duration bound = options.emptyAfter();
    if (!closed && bound != null && age().compareTo(bound) > 0) {
      onSnapshot.accept(snapshot);
    }
  }

  private void settleIfDone() {
    boolean done =
        listed
            && contact
            && !listing
            && plannedListing == null
            && dirty.isEmpty()
            && reading.isEmpty();
    if (done && !freshness.settled()) {
      freshness = new Freshness(true, client.scheduler().nanoTime());
      publishSoon();
    }
  }

  private void publishSoon() {
    if (!publishing) {
      publishing = true;
      lane.execute(this::publish);
    }
  }

  private void publish() {
    publishing = false;
    if (closed || !listed || !unread.isEmpty()) {
      return;
    }
    List<Known> known = new ArrayList<>(entries.size());
    List<InstanceProblem> problems = new ArrayList<>();
    if (folderProblem != null) {
      problems.add(folderProblem);
    }
    for (Entry entry : entries.values()) {
      if (entry.known() != null) {
        known.add(entry.known());
      }
      if (entry.problem() != null) {
        problems.add(entry.problem());
      }
    }
    Snapshot next = new Snapshot(List.copyOf(known), zxid, true, List.copyOf(problems));
    snapshot = next;
    onSnapshot.accept(next);
  }

  // ---- what is heard ----------------------------------------------------------------------------

  private void onState(ConnectionState state) {
    if (closed) {
      return;
    }
    if (state != ConnectionState.CONNECTED) {
      unsettle();
      contact = false;
      return;
    }
    // An answer, because it comes behind the events that were missed meanwhile.
    Settled.then(
        patient.exists(folder),
        lane,
        stat -> onContact(),
        failure -> {
          // The next connection asks again.
        });
  }

  private void onContact() {
    if (client.state() == ConnectionState.CONNECTED) {
      contact = true;
    }
    settleIfDone();
  }

  private void onEvent(ZnodeEvent event) {
    if (closed) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.RESYNC) {
      planListing(spread());
    } else if (!event.path().equals(folder) && ZnodePath.parent(event.path()).equals(folder)) {
      zxid = Math.max(zxid, event.zxid());
      unsettle();
      dirty.add(ZnodePath.name(event.path()));
      read();
    }
  }

  private Duration spread() {
    long most = options.resyncSpread().toNanos();
    return Duration.ofNanos(Long.remainderUnsigned(client.scheduler().nextLong(), most + 1));
  }

  // ---- listing ----------------------------------------------------------------------------------

  private void planListing(Duration delay) {
    unsettle();
    if (listing) {
      listAgain = true;
    } else if (plannedListing == null) {
      plannedListing = client.scheduler().schedule(delay, () -> lane.execute(this::list));
    }
  }

  private void list() {
    plannedListing = null;
    if (closed) {
      return;
    }
    listing = true;
    listAgain = false;
    Settled.then(patient.children(folder), lane, this::onNames, this::onListingFailed);
  }

  private void onNames(Children children) {
    zxid = Math.max(zxid, children.stat().pzxid());
    onNames(children.names());
  }

  private void onNames(List<String> names) {
    listing = false;
    listed = true;
    failures = 0;
    folderProblem = null;
    unread.clear();
    unread.addAll(names);
    // Those that are not listed as well: a listing of several pages has no single instant.
    unread.addAll(entries.keySet());
    dirty.addAll(unread);
    if (listAgain) {
      planListing(spread());
    }
    onContact();
    publishSoon();
    read();
  }

  private void onListingFailed(Throwable failure) {
    if (failure instanceof NoNodeException) {
      // Nobody registered yet, or all are gone and the folder with them.
      onNames(List.of());
      return;
    }
    listing = false;
    if (closed || failure instanceof ClientClosedException) {
      return;
    }
    if (!isSessionEnd(failure)) {
      folderProblem = tell(folderProblem, new InstanceProblem(folder, failure));
    }
    planListing(backoff.after(++failures));
  }

  // ---- reading ----------------------------------------------------------------------------------

  private void read() {
    while (!closed && reading.size() < READS_MAX) {
      String id = nextToRead();
      if (id == null) {
        return;
      }
      dirty.remove(id);
      reading.add(id);
      Settled.then(
          patient.get(ZnodePath.child(folder, id)),
          lane,
          znode -> onRead(id, znode),
          failure -> onReadFailed(id, failure));
    }
  }

  private @Nullable String nextToRead() {
    for (String id : dirty) {
      if (!reading.contains(id)) {
        return id;
      }
    }
    return null;
  }

  private void onRead(String id, Znode znode) {
    ZnodeStat stat = znode.stat();
    Entry before = entries.get(id);
    zxid = Math.max(zxid, stat.mzxid());
    try {
      Known known = new Known(InstancePayload.decode(id, znode.data()), stat.czxid());
      entries.put(id, new Entry(known, null));
    } catch (CodecException | IllegalArgumentException e) {
      // What it said before is better than nothing: it is still there.
      keep(id, before, e);
    }
    onReadDone(id);
  }

  private void keep(String id, @Nullable Entry before, Throwable cause) {
    Known known = before == null ? null : before.known();
    InstanceProblem told = before == null ? null : before.problem();
    InstanceProblem problem = new InstanceProblem(ZnodePath.child(folder, id), cause);
    entries.put(id, new Entry(known, tell(told, problem)));
  }

  /** Tells a problem, unless it is the one told before. */
  private InstanceProblem tell(@Nullable InstanceProblem before, InstanceProblem problem) {
    if (before != null
        && String.valueOf(before.cause().getMessage())
            .equals(String.valueOf(problem.cause().getMessage()))) {
      return before;
    }
    onProblem.accept(problem);
    return problem;
  }

  private void onReadFailed(String id, Throwable failure) {
    if (closed || failure instanceof ClientClosedException) {
      return;
    }
    if (failure instanceof NoNodeException) {
      entries.remove(id);
    } else if (isSessionEnd(failure)) {
      // Not read: what is served stays, until the next listing was read.
      reading.remove(id);
      planListing(spread());
      return;
    } else {
      keep(id, entries.get(id), failure);
      planListing(backoff.after(++failures));
    }
    onReadDone(id);
  }

  private void onReadDone(String id) {
    reading.remove(id);
    unread.remove(id);
    read();
    onContact();
    if (unread.isEmpty()) {
      publishSoon();
    }
  }

  private static boolean isSessionEnd(Throwable failure) {
    return failure instanceof SessionLostException || failure instanceof OutcomeUnknownException;
  }
}
