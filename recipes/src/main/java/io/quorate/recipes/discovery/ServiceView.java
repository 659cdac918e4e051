package io.quorate.recipes.discovery;

import io.quorate.client.Children;
import io.quorate.client.ClientClosedException;
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
import io.quorate.recipes.base.Freshness;
import io.quorate.recipes.base.Pause;
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
 * <p>It is <i>settled</i> while nothing is dirty: then it holds every change that the server had
 * applied at the last contact, and grows no older than that.
 *
 * <p>Confined to a serial executor of its own, the lane; {@link #snapshot} and {@link #age} may be
 * called on any thread.
 */
final class ServiceView {
  /** An instance in one life of its znode. */
  record Known(Instance instance, long czxid) {}

  /**
   * The copy; everything up to {@code zxid} is in it.
   *
   * @param known in order of the ids
   */
  record Snapshot(List<Known> known, long zxid, boolean loaded, List<InstanceProblem> problems) {}

  /** What is known of one znode; the instance is the last one that could be understood. */
  private record Entry(@Nullable Known known, @Nullable InstanceProblem problem) {}

  /** Longer than any session lives without contact: each read ends by an answer, or with it. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private static final Duration RETRY_FIRST = Duration.ofMillis(100);
  private static final Duration RETRY_MAX = Duration.ofSeconds(10);
  private static final int READS_MAX = 32;

  /** How often the age is looked at in the time that it may reach. */
  private static final int AGE_CHECKS = 8;

  private final QuorateClient client;
  private final QuorateClient patient;
  private final String folder;
  private final DiscoveryOptions options;
  private final Executor lane;
  private final Pause pause;
  private final Freshness freshness;

  /** Hears of each new snapshot, on the lane. */
  private final Consumer<Snapshot> onSnapshot;

  /** Hears of each new problem, on the lane. */
  private final Consumer<InstanceProblem> onProblem;

  private volatile Snapshot snapshot = new Snapshot(List.of(), 0, false, List.of());

  // ---- confined to the lane
  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private final TreeSet<String> dirty = new TreeSet<>();
  private final Set<String> reading = new HashSet<>();

  /** Of the listing before: ids that were not read since. */
  private final Set<String> unread = new HashSet<>();

  /** Ids whose last read was refused. No event tells when that ends: they are read again. */
  private final TreeSet<String> unreadable = new TreeSet<>();

  private final Pause rereadPause;
  private @Nullable Subscription plannedReread;
  private @Nullable InstanceProblem folderProblem;

  /** The newest that was heard of; once all is read, everything up to there is in the entries. */
  private long heardZxid;

  /** Everything up to there is in the entries. */
  private long settledZxid;

  private boolean listing;
  private boolean listAgain;
  private @Nullable Subscription plannedListing;
  private boolean listed;
  private boolean settled;
  private boolean toldAsOld;
  private boolean publishing;
  private boolean closed;
  private @Nullable Watch watch;
  private @Nullable Subscription losses;
  private @Nullable Subscription ageCheck;

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
    this.pause = new Pause(client.scheduler(), RETRY_FIRST, RETRY_MAX);
    this.rereadPause = new Pause(client.scheduler(), RETRY_FIRST, RETRY_MAX);
    this.freshness = new Freshness(client);
    this.onSnapshot = onSnapshot;
    this.onProblem = onProblem;
  }

  void begin() {
    lane.execute(
        () -> {
          losses = client.onSessionLost(loss -> lane.execute(this::unsettle));
          watch =
              client.watch(
                  folder, WatchScope.RECURSIVE, event -> lane.execute(() -> onEvent(event)));
          list();
          checkAgeLater();
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
    if (losses != null) {
      losses.close();
    }
    if (ageCheck != null) {
      ageCheck.close();
    }
    if (plannedListing != null) {
      plannedListing.close();
    }
    if (plannedReread != null) {
      plannedReread.close();
    }
  }

  // ---- what is served ---------------------------------------------------------------------------

  Snapshot snapshot() {
    return snapshot;
  }

  /** How long ago the snapshot was known to be all. */
  Duration age() {
    return freshness.age();
  }

  private void unsettle() {
    settled = false;
    if (freshness.isCurrent()) {
      freshness.doubtful();
    }
  }

  /**
   * An answer has been dealt with.
   *
   * @param sentNanos when its request was sent: what is settled now was so then
   */
  private void settleIfDone(long sentNanos) {
    boolean done =
        listed && !listing && plannedListing == null && dirty.isEmpty() && reading.isEmpty();
    if (done && !settled) {
      settled = true;
      settledZxid = Math.max(settledZxid, heardZxid);
      freshness.confirmed(sentNanos);
      publishSoon();
    }
  }

  /** If views beyond an age are kept back: that they are from now on, or no more, is a change. */
  private void checkAgeLater() {
    Duration bound = options.emptyAfter();
    if (bound != null && !closed) {
      ageCheck =
          client
              .scheduler()
              .schedule(bound.dividedBy(AGE_CHECKS), () -> lane.execute(() -> checkAge(bound)));
    }
  }

  private void checkAge(Duration bound) {
    if (closed) {
      return;
    }
    boolean old = age().compareTo(bound) > 0;
    if (old != toldAsOld && snapshot.loaded()) {
      toldAsOld = old;
      onSnapshot.accept(snapshot);
    }
    checkAgeLater();
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
    for (Entry entry : entries.values()) {
      if (entry.known() != null) {
        known.add(entry.known());
      }
    }
    Snapshot next = new Snapshot(List.copyOf(known), settledZxid, true, problems());
    snapshot = next;
    onSnapshot.accept(next);
  }

  private List<InstanceProblem> problems() {
    List<InstanceProblem> problems = new ArrayList<>();
    if (folderProblem != null) {
      problems.add(folderProblem);
    }
    for (Entry entry : entries.values()) {
      if (entry.problem() != null) {
        problems.add(entry.problem());
      }
    }
    return List.copyOf(problems);
  }

  // ---- what is heard ----------------------------------------------------------------------------

  private void onEvent(ZnodeEvent event) {
    if (closed) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.RESYNC) {
      planListing(spread());
    } else if (!event.path().equals(folder) && ZnodePath.parent(event.path()).equals(folder)) {
      unsettle();
      heardZxid = Math.max(heardZxid, event.zxid());
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
    long sentNanos = client.scheduler().nanoTime();
    Settled.then(
        patient.children(folder),
        lane,
        children -> onChildren(children, sentNanos),
        failure -> onListingFailed(failure, sentNanos));
  }

  private void onChildren(Children children, long sentNanos) {
    heardZxid = Math.max(heardZxid, children.stat().pzxid());
    onNames(children.names(), sentNanos);
  }

  private void onNames(List<String> names, long sentNanos) {
    listing = false;
    listed = true;
    pause.reset();
    folderProblem = null;
    unread.clear();
    unread.addAll(names);
    // Those that are not listed as well: a listing of several pages has no single instant.
    unread.addAll(entries.keySet());
    dirty.addAll(unread);
    if (listAgain) {
      planListing(spread());
    }
    settleIfDone(sentNanos);
    publishSoon();
    read();
  }

  private void onListingFailed(Throwable failure, long sentNanos) {
    if (failure instanceof NoNodeException) {
      // Nobody registered yet, or all are gone and the folder with them.
      onNames(List.of(), sentNanos);
      return;
    }
    listing = false;
    if (closed || failure instanceof ClientClosedException) {
      return;
    }
    if (!isSessionEnd(failure)) {
      folderProblem = tell(folderProblem, new InstanceProblem(folder, failure));
      Snapshot now = snapshot;
      snapshot = new Snapshot(now.known(), now.zxid(), now.loaded(), problems());
    }
    planListing(pause.next());
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
      long sentNanos = client.scheduler().nanoTime();
      Settled.then(
          patient.get(ZnodePath.child(folder, id)),
          lane,
          znode -> {
            onRead(id, znode);
            onReadDone(id, sentNanos);
          },
          failure -> onReadFailed(id, failure, sentNanos));
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
    heardZxid = Math.max(heardZxid, znode.zxid());
    if (unreadable.remove(id)) {
      rereadPause.reset();
    }
    try {
      Known known = new Known(InstancePayload.decode(id, znode.data()), stat.czxid());
      entries.put(id, new Entry(known, null));
    } catch (CodecException | IllegalArgumentException e) {
      // What it said before is better than nothing: it is still there.
      keep(id, before, e);
    }
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

  private void onReadFailed(String id, Throwable failure, long sentNanos) {
    if (closed || failure instanceof ClientClosedException) {
      return;
    }
    if (failure instanceof NoNodeException) {
      entries.remove(id);
      unreadable.remove(id);
    } else if (isSessionEnd(failure)) {
      // Not read: what is served stays, until the next listing was read.
      reading.remove(id);
      planListing(spread());
      return;
    } else {
      keep(id, entries.get(id), failure);
      unreadable.add(id);
      planReread();
    }
    onReadDone(id, sentNanos);
  }

  private void planReread() {
    if (plannedReread == null) {
      plannedReread =
          client.scheduler().schedule(rereadPause.next(), () -> lane.execute(this::reread));
    }
  }

  private void reread() {
    plannedReread = null;
    dirty.addAll(unreadable);
    read();
  }

  private void onReadDone(String id, long sentNanos) {
    reading.remove(id);
    unread.remove(id);
    read();
    settleIfDone(sentNanos);
    if (unread.isEmpty()) {
      publishSoon();
    }
  }

  private static boolean isSessionEnd(Throwable failure) {
    return failure instanceof SessionLostException || failure instanceof OutcomeUnknownException;
  }
}
