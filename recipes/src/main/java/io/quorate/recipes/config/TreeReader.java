package io.quorate.recipes.config;

import io.quorate.client.Children;
import io.quorate.client.ClientClosedException;
import io.quorate.client.ConnectionState;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.OperationException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.client.UnavailableException;
import io.quorate.client.Watch;
import io.quorate.client.WatchScope;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Freshness;
import io.quorate.recipes.base.Pause;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Follows a subtree and says what it was, all of it at one zxid.
 *
 * <p>One recursive watch tells which znodes changed and when; values come from plain reads, whose
 * answers say what zxid they are of. An event precedes every answer that shows its change. So a
 * znode that was read at r, and of which no event up to z was heard, was at z as it was at r: once
 * every read of a round is answered, z being the latest of their zxids, the values together are
 * those at z unless a znode is known to have changed at or before z. Then the round is repeated
 * with all that changed meanwhile; if changes come faster than plain reads, the repetition is a
 * multi, whose reads are all of one zxid.
 *
 * <p>A bounded number of reads is under way. Confined to the lane.
 */
final class TreeReader {
  /** Reads under way at once. */
  static final int READS_MAX = 64;

  /** Plain rounds that may fail one after the other before a multi is tried. */
  private static final int PLAIN_ROUNDS_MAX = 3;

  private static final int MULTI_READS_MAX = 512;
  private static final int MULTI_BYTES_MAX = 512 << 10;
  private static final Duration PAUSE_FIRST = Duration.ofMillis(50);
  private static final Duration PAUSE_LONGEST = Duration.ofSeconds(5);

  /** For each znode that is there, at most so long is waited in all before everything is reread. */
  private static final Duration SPREAD_PER_ZNODE = Duration.ofNanos(100_000);

  /** Over which the readers of many clients spread that lost the same server. */
  private static final Duration SPREAD_PER_CLIENT = Duration.ofMillis(100);

  private static final Duration SPREAD_MAX = Duration.ofSeconds(2);

  /** What the owner is told, on the lane. */
  interface Sink {
    /**
     * This is the subtree at that zxid, by path; not kept by the reader's later work.
     *
     * @param changed whether anything is different from what was told before
     * @param whole whether nothing of it was refused when it was read last
     */
    void picture(long zxid, SortedMap<String, Znode> znodes, boolean changed, boolean whole);

    /** The ensemble refuses to show this znode; what was known of it stays. */
    void refused(String path, OperationException refusal);

    /** The last picture is complete, after the start or after an interruption. */
    void synced();
  }

  private final QuorateClient client;
  private final String root;
  private final Executor lane;
  private final Duration recheck;
  private final Sink sink;
  private final Freshness freshness;
  private final Pause pause;

  private boolean over;
  private @Nullable Watch watch;
  private @Nullable Subscription states;
  private @Nullable Subscription timer;

  private final TreeMap<String, Znode> known = new TreeMap<>();

  /** What the ensemble refused to show when it was last asked. */
  private final TreeSet<String> refused = new TreeSet<>();

  private boolean changed = true;
  private boolean syncDue = true;

  /** Known to have changed since it was last read, with the zxid of the first such change. */
  private final TreeMap<String, Long> dirty = new TreeMap<>();

  /** What the present run of rounds rereads each time, because it changed during the run. */
  private final TreeSet<String> hot = new TreeSet<>();

  private int failedRounds;

  /** The newest zxid that an event or an answer told. */
  private long heardZxid;

  // ---- the present round
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private int underWay;
  private boolean roundRuns;
  private boolean roundFailed;
  private long roundZxid;
  private long roundSentNanos;

  /** Changes when everything is begun anew: answers to earlier reads are ignored. */
  private int epoch;

  /** Paths found by a round that reads everything; null in other rounds. */
  private @Nullable TreeSet<String> found;

  private boolean reloadDue = true;

  TreeReader(QuorateClient client, String root, Executor lane, Duration recheck, Sink sink) {
    this.client = client;
    this.root = root;
    this.lane = lane;
    this.recheck = recheck;
    this.sink = sink;
    this.freshness = new Freshness(client);
    this.pause = new Pause(client.scheduler(), PAUSE_FIRST, PAUSE_LONGEST);
  }

  /** Any thread. */
  Freshness freshness() {
    return freshness;
  }

  void begin() {
    if (!over) {
      leaveWatch();
      states = client.onStateChange(state -> lane.execute(() -> onState(state)));
      nextRound();
    }
  }

  /** Connected again: the watch goes on without a gap, and one read proves it. */
  private void onState(ConnectionState state) {
    if (!over && state == ConnectionState.CONNECTED && !syncDue) {
      syncDue = true;
      dirty.putIfAbsent(root, 0L);
      if (!roundRuns) {
        roundIn(Pause.jittered(client.scheduler(), SPREAD_PER_CLIENT));
      }
    }
  }

  private void leaveWatch() {
    Watch left =
        client.watch(root, WatchScope.RECURSIVE, event -> lane.execute(() -> onEvent(event)));
    watch = left;
    Settled.then(
        left.registered(),
        lane,
        done -> {},
        failure -> {
          // Unavailable: it is registered as soon as a server answers. Otherwise there is none.
          if (!(failure instanceof UnavailableException) && watch == left) {
            left.close();
            watch = null;
          }
        });
  }

  private void onEvent(ZnodeEvent event) {
    if (over) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.RESYNC) {
      syncDue = true;
      reloadDue = true;
      epoch++;
      queue.clear();
      underWay = 0;
      roundRuns = false;
      freshness.doubtful();
      // Many clients lose the same server at the same time.
      long nanos = Math.min(SPREAD_MAX.toNanos(), SPREAD_PER_ZNODE.toNanos() * known.size() + 1);
      roundIn(Pause.jittered(client.scheduler(), Duration.ofNanos(nanos)));
      return;
    }
    heardZxid = Math.max(heardZxid, event.zxid());
    if (isHidden(event.path())) {
      return;
    }
    Znode before = known.get(event.path());
    if (before != null && event.zxid() <= before.zxid()) {
      return;
    }
    dirty.putIfAbsent(event.path(), event.zxid());
    if (!roundRuns && !reloadDue) {
      nextRound();
    }
  }

  /** Whether it is no configuration, but kept beside it: a name on the way begins with a dot. */
  private boolean isHidden(String path) {
    return path.indexOf("/.", root.length()) >= 0;
  }

  // ---- rounds
  // ------------------------------------------------------------------------------------

  private void nextRound() {
    if (over || roundRuns) {
      return;
    }
    if (timer != null) {
      timer.close();
      timer = null;
    }
    if (watch == null) {
      reloadDue = true;
      leaveWatch();
    }
    roundRuns = true;
    roundFailed = false;
    roundZxid = 0;
    roundSentNanos = client.scheduler().nanoTime();
    if (reloadDue) {
      reloadDue = false;
      found = new TreeSet<>();
      hot.clear();
      failedRounds = 0;
      visit(root);
    } else {
      found = null;
      hot.addAll(dirty.keySet());
      if (failedRounds >= PLAIN_ROUNDS_MAX && fitsIntoAMulti(hot)) {
        // One that may not be read would make all of them fail.
        readTogether(hot.stream().filter(path -> !refused.contains(path)).toList());
        hot.stream().filter(refused::contains).forEach(path -> queue.add(() -> get(path)));
      } else {
        for (String path : hot) {
          queue.add(() -> get(path));
        }
      }
    }
    pump();
  }

  private void pump() {
    while (underWay < READS_MAX && !queue.isEmpty()) {
      queue.remove().run();
    }
    if (underWay == 0 && queue.isEmpty() && roundRuns) {
      roundEnded();
    }
  }

  private void visit(String path) {
    TreeSet<String> listed = found;
    if (listed == null || !listed.add(path)) {
      return;
    }
    queue.add(() -> get(path));
    queue.add(() -> list(path));
  }

  private void get(String path) {
    int mine = epoch;
    underWay++;
    Settled.then(
        client.get(path),
        lane,
        znode -> answered(mine, () -> put(path, znode)),
        failure -> answered(mine, () -> getFailed(path, failure)));
  }

  private void list(String path) {
    int mine = epoch;
    underWay++;
    Settled.then(
        client.children(path),
        lane,
        children -> answered(mine, () -> listed(path, children)),
        failure -> answered(mine, () -> listFailed(path, failure)));
  }

  private void listed(String path, Children children) {
    for (String name : children.names()) {
      if (!name.startsWith(".")) {
        visit(ZnodePath.child(path, name));
      }
    }
  }

  private void listFailed(String path, Throwable failure) {
    if (failure instanceof NoNodeException) {
      return;
    }
    if (failure instanceof OperationException refusal) {
      refused.add(path);
      sink.refused(path, refusal);
      keepBelow(path);
    } else {
      reloadDue = true;
      failed(failure);
    }
  }

  /** What is below can't be listed, which is no sign that it is gone. */
  private void keepBelow(String path) {
    TreeSet<String> listed = found;
    if (listed != null) {
      for (String below : known.tailMap(path + "/").keySet()) {
        if (!below.startsWith(path + "/")) {
          break;
        }
        listed.add(below);
      }
    }
  }

  private void put(String path, Znode znode) {
    heardZxid = Math.max(heardZxid, znode.zxid());
    roundZxid = Math.max(roundZxid, znode.zxid());
    refused.remove(path);
    Long event = dirty.get(path);
    if (event != null && event <= znode.zxid()) {
      dirty.remove(path);
    }
    Znode before = known.put(path, znode);
    if (before == null
        || before.stat().mzxid() != znode.stat().mzxid()
        || before.stat().czxid() != znode.stat().czxid()) {
      changed = true;
    }
  }

  private void getFailed(String path, Throwable failure) {
    if (failure instanceof NoNodeException) {
      // Of a zxid that the answer does not tell, but its deletion was heard of if it was ever
      // there.
      absent(path, heardZxid);
    } else if (failure instanceof OperationException refusal) {
      dirty.remove(path);
      refused.add(path);
      sink.refused(path, refusal);
    } else {
      dirty.putIfAbsent(path, 0L);
      failed(failure);
    }
  }

  private void absent(String path, long zxid) {
    roundZxid = Math.max(roundZxid, zxid);
    dirty.remove(path);
    refused.remove(path);
    if (known.remove(path) != null) {
      changed = true;
    }
  }

  private void failed(Throwable failure) {
    roundFailed = true;
    if (failure instanceof ClientClosedException) {
      over = true;
    }
  }

  private void answered(int mine, Runnable reaction) {
    if (over || mine != epoch) {
      return;
    }
    underWay--;
    reaction.run();
    pump();
  }

  private void roundEnded() {
    roundRuns = false;
    if (over) {
      return;
    }
    if (roundFailed) {
      found = null;
      roundIn(pause.next());
      return;
    }
    pause.reset();
    TreeSet<String> present = found;
    if (present != null && known.keySet().retainAll(present)) {
      changed = true;
    }
    found = null;
    if (roundZxid == 0) {
      // Nothing was shown; what is known and not known to have changed is as of what was heard.
      roundZxid = heardZxid;
    }
    if (dirty.values().stream().allMatch(event -> event > roundZxid)) {
      tell();
    } else {
      failedRounds++;
    }
    if (!dirty.isEmpty()) {
      nextRound();
    } else {
      hot.clear();
      timer =
          client
              .scheduler()
              .schedule(
                  Pause.jittered(client.scheduler(), recheck), () -> lane.execute(this::reload));
    }
  }

  private void reload() {
    reloadDue = true;
    nextRound();
  }

  private void tell() {
    failedRounds = 0;
    hot.clear();
    boolean different = changed;
    changed = false;
    sink.picture(roundZxid, new TreeMap<>(known), different, refused.isEmpty());
    if (dirty.isEmpty()) {
      freshness.confirmed(roundSentNanos);
    } else {
      freshness.wasCurrentAt(roundSentNanos);
    }
    if (syncDue) {
      syncDue = false;
      sink.synced();
    }
  }

  private void roundIn(Duration delay) {
    if (timer != null) {
      timer.close();
    }
    timer = client.scheduler().schedule(delay, () -> lane.execute(this::nextRound));
  }

  // ---- all at one zxid
  // ---------------------------------------------------------------------------

  private boolean fitsIntoAMulti(Collection<String> paths) {
    long bytes = 0;
    for (String path : paths) {
      Znode znode = known.get(path);
      bytes += path.length() + (znode == null ? 0 : znode.stat().dataLength());
    }
    return paths.size() <= MULTI_READS_MAX && bytes <= MULTI_BYTES_MAX;
  }

  private void readTogether(List<String> paths) {
    if (paths.isEmpty()) {
      return;
    }
    List<Op> reads = new ArrayList<>();
    for (String path : paths) {
      reads.add(known.containsKey(path) ? Op.get(path) : Op.exists(path));
    }
    int mine = epoch;
    underWay++;
    Settled.then(
        client.multi(reads),
        lane,
        result ->
            answered(
                mine,
                () -> {
                  for (int i = 0; i < paths.size(); i++) {
                    String path = paths.get(i);
                    if (known.containsKey(path)) {
                      put(path, result.znode(i));
                    } else if (result.existence(i).isEmpty()) {
                      absent(path, result.zxid());
                    } else {
                      // New to us: it is read by the next round.
                      queue.add(() -> get(path));
                    }
                  }
                }),
        failure ->
            answered(
                mine,
                () -> {
                  if (failure instanceof NoNodeException gone) {
                    // Its deletion was heard of; without it the next round reads again.
                    queue.add(() -> get(gone.path()));
                    dirty.putIfAbsent(gone.path(), 0L);
                  } else if (failure instanceof OperationException) {
                    // Plain reads tell which one it is.
                    failedRounds = 0;
                  } else {
                    failed(failure);
                  }
                }));
  }

  void end() {
    over = true;
    if (watch != null) {
      watch.close();
    }
    if (timer != null) {
      timer.close();
    }
    if (states != null) {
      states.close();
    }
  }
}
