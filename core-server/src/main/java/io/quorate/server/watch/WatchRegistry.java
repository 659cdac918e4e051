package io.quorate.server.watch;

import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.data.ZnodePath;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.base.Invariant;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The watches of the connections of this server, indexed by path and by connection; {@link
 * WatchTrigger} says what fires which. A change looks up its path, and for recursive watches each
 * ancestor: what it costs depends on the depth of the path and on the watches that fire, not on how
 * many there are. Confined to the node thread; not replicated.
 */
public final class WatchRegistry {
  /** A connection may hold so many watches. */
  public static final int WATCHES_PER_CONNECTION_MAX = 100_000;

  /**
   * Firings of one entry that are kept until they are told, about 60 MB: a large multi under a path
   * that ten thousand connections watch would make far more.
   */
  static final int FIRINGS_PER_ENTRY_MAX = 1_000_000;

  /** A connection with more watches than this is forgotten in slices. */
  private static final int DROPPED_AT_ONCE_MAX = 128;

  /** The watches of a path are copied once for an entry if they are at least so many. */
  private static final int COPIED_ONCE_MIN = 16;

  private final int perConnectionMax;
  private final int firingsMax;
  private final ReadFilter filter;
  private final Map<Long, Holder> holders = new LinkedHashMap<>();

  /** All but the recursive ones. */
  private final Map<String, LinkedHashSet<Watch>> byPath = new LinkedHashMap<>();

  private final Map<String, LinkedHashSet<Watch>> recursiveByPath = new LinkedHashMap<>();
  private int count;

  /** Counts registrations. */
  private long lastOrder;

  /** The entry that fires now; null if all watches were looked at. */
  private @Nullable Cursor firing;

  /** Who hears of it, by the first firing. */
  private final ArrayDeque<Holder> told = new ArrayDeque<>();

  /** How many firings of that entry are kept. */
  private int kept;

  /** Watches of connections that are gone, which are still in the indexes. */
  private final ArrayDeque<Iterator<Watch>> dropped = new ArrayDeque<>();

  private static final Watch[] NO_WATCHES = {};

  /** One watch; equal only to itself. */
  private static final class Watch {
    private final Holder holder;
    private final long id;
    private final String path;
    private final WatchKind kind;
    private final long order;
    private boolean gone;

    private Watch(Holder holder, long id, String path, WatchKind kind, long order) {
      this.holder = holder;
      this.id = id;
      this.path = path;
      this.kind = kind;
      this.order = order;
    }
  }

  /** A connection that has watches. */
  private static final class Holder {
    private final long connectionId;
    private final LinkedHashMap<Long, Watch> watches = new LinkedHashMap<>();

    /** What it hears of the entry that fires now; null if nothing. */
    private @Nullable List<ServerMessage.Fired> heard;

    /** It would have heard more of that entry than there is room for. */
    private boolean cut;

    private boolean gone;

    private Holder(long connectionId) {
      this.connectionId = connectionId;
    }
  }

  /**
   * What one connection hears of one entry.
   *
   * @param cut it would hear so much that nothing was kept: it is to be closed, and its client,
   *     coming back, resumes its watches from before this entry
   */
  public record Firing(long connectionId, List<ServerMessage.Fired> fired, boolean cut) {
    public Firing {
      fired = List.copyOf(fired);
    }

    /** All of what it hears. */
    public Firing(long connectionId, List<ServerMessage.Fired> fired) {
      this(connectionId, fired, false);
    }
  }

  public WatchRegistry(ReadFilter filter) {
    this(WATCHES_PER_CONNECTION_MAX, filter);
  }

  /** With a limit of its own. */
  WatchRegistry(int perConnectionMax, ReadFilter filter) {
    this(perConnectionMax, FIRINGS_PER_ENTRY_MAX, filter);
  }

  /** With limits of its own. */
  WatchRegistry(int perConnectionMax, int firingsMax, ReadFilter filter) {
    this.perConnectionMax = perConnectionMax;
    this.firingsMax = firingsMax;
    this.filter = filter;
  }

  /**
   * Leaves a watch; an earlier one of that connection and id is replaced.
   *
   * @return false if the connection already holds as many as it may
   */
  public boolean add(long connectionId, long watchId, String path, WatchKind kind) {
    remove(connectionId, watchId);
    if (!hasRoom(connectionId, 1)) {
      return false;
    }
    Holder holder = holders.computeIfAbsent(connectionId, Holder::new);
    Watch watch = new Watch(holder, watchId, path, kind, ++lastOrder);
    holder.watches.put(watchId, watch);
    index(kind).computeIfAbsent(path, key -> new LinkedHashSet<>()).add(watch);
    count++;
    return true;
  }

  /** Whether a connection may hold so many more. */
  public boolean hasRoom(long connectionId, int more) {
    return heldBy(connectionId) <= perConnectionMax - more;
  }

  /** How many a connection holds. */
  public int heldBy(long connectionId) {
    Holder holder = holders.get(connectionId);
    return holder == null ? 0 : holder.watches.size();
  }

  /** How many a connection may hold. */
  public int perConnectionMax() {
    return perConnectionMax;
  }

  /** Removes a watch; false if there was none. It never fires after that. */
  public boolean remove(long connectionId, long watchId) {
    Holder holder = holders.get(connectionId);
    if (holder == null) {
      return false;
    }
    if (holder.heard != null) {
      // Met already, not told yet.
      int before = holder.heard.size();
      holder.heard.removeIf(fired -> fired.watchId() == watchId);
      kept -= before - holder.heard.size();
    }
    Watch watch = holder.watches.get(watchId);
    if (watch == null) {
      return false;
    }
    removeFromHolder(watch);
    removeFromIndex(watch);
    return true;
  }

  /**
   * Removes all watches of a connection: none of them fires after that. Many of them leave the
   * indexes later, with {@link #dropSome}.
   */
  public void dropConnection(long connectionId) {
    Holder holder = holders.remove(connectionId);
    if (holder == null) {
      return;
    }
    count -= holder.watches.size();
    holder.gone = true;
    forgetHeard(holder);
    dropped.add(holder.watches.values().iterator());
    if (holder.watches.size() <= DROPPED_AT_ONCE_MAX && dropped.size() == 1) {
      dropSome(Integer.MAX_VALUE);
    }
  }

  /** Takes some watches of connections that are gone out of the indexes; whether there are more. */
  public boolean dropSome(int work) {
    int left = work;
    while (!dropped.isEmpty()) {
      Iterator<Watch> watches = dropped.element();
      while (watches.hasNext()) {
        if (left-- <= 0) {
          return true;
        }
        removeFromIndex(watches.next());
      }
      dropped.remove();
    }
    return false;
  }

  /**
   * Begins to work out what the changes of one entry mean to the watches that are held now: {@link
   * #fireSome} goes on, {@link #takeFiring} gives out. Watches that come meanwhile are not met by
   * these changes; what goes meanwhile never fires, be it met already.
   */
  public void begin(List<ZnodeChange> changes) {
    Invariant.check(firing == null && told.isEmpty(), "an earlier entry still fires");
    if (!changes.isEmpty()) {
      firing = new Cursor(changes, lastOrder);
    }
  }

  /**
   * Looks at some watches. A change that a connection may not READ is none for its watches: it is
   * not told, and one-shot watches stay. So a connection holds exactly the watches that its client
   * believes in, which hears of no other change either.
   *
   * @param work lookups and watches looked at, at most
   * @return whether there is more to look at
   */
  public boolean fireSome(int work) {
    Cursor cursor = firing;
    for (int left = work; cursor != null && left > 0; left--) {
      Watch watch = cursor.next();
      if (watch != null) {
        meet(watch, cursor.change());
      } else if (!cursor.nextPath()) {
        firing = null;
        return false;
      }
    }
    return cursor != null;
  }

  /** What the next connection hears; null if none is left. Once nothing is left to look at. */
  public @Nullable Firing takeFiring() {
    Invariant.check(firing == null, "not all watches are looked at yet");
    while (true) {
      Holder holder = told.poll();
      if (holder == null) {
        return null;
      }
      List<ServerMessage.Fired> heard = holder.heard;
      boolean cut = holder.cut;
      forgetHeard(holder);
      holder.cut = false;
      forgetIfIdle(holder);
      if (heard != null && (cut || !heard.isEmpty())) {
        return new Firing(holder.connectionId, heard, cut);
      }
    }
  }

  /** Whether {@link #fireSome} has more to look at. */
  boolean isFiring() {
    return firing != null;
  }

  /** Ends what was begun: nobody hears the rest. */
  public void abandon() {
    firing = null;
    while (takeFiring() != null) {
      // Nobody hears it.
    }
  }

  /**
   * All of it in one go.
   *
   * @return one element per connection that has something to hear, by connection id; inside, in the
   *     order of the changes, then those that watch the path, then the recursive ones from the path
   *     upwards, each by registration
   */
  List<Firing> fire(List<ZnodeChange> changes) {
    begin(changes);
    fireSome(Integer.MAX_VALUE);
    List<Firing> firings = new ArrayList<>();
    for (Firing next = takeFiring(); next != null; next = takeFiring()) {
      firings.add(next);
    }
    firings.sort(Comparator.comparingLong(Firing::connectionId));
    return firings;
  }

  private void meet(Watch watch, ZnodeChange change) {
    if (!WatchTrigger.fires(watch.kind, change.type())) {
      return;
    }
    Holder holder = watch.holder;
    if (!filter.mayRead(holder.connectionId, change.acl())) {
      return;
    }
    if (holder.heard == null) {
      holder.heard = new ArrayList<>(1);
      told.add(holder);
    }
    keep(holder, watch, change);
    if (watch.kind.isOneShot()) {
      removeFromHolder(watch);
      removeFromIndex(watch);
    }
  }

  /**
   * Whoever comes to the limit loses what was kept for it, which makes room for the others. It is
   * told from the history when it comes back, or told to read anew, one client at a time.
   */
  private void keep(Holder holder, Watch watch, ZnodeChange change) {
    if (holder.cut) {
      return;
    }
    if (kept >= firingsMax) {
      forgetHeard(holder);
      holder.heard = new ArrayList<>(0);
      holder.cut = true;
      return;
    }
    Invariant.present(holder.heard, "a connection that hears has no list")
        .add(new ServerMessage.Fired(watch.id, change.type(), change.path()));
    kept++;
  }

  private void forgetHeard(Holder holder) {
    if (holder.heard != null) {
      kept -= holder.heard.size();
      holder.heard = null;
    }
  }

  /** Where the firing of an entry is: a change, a path of it, a watch of that path. */
  private final class Cursor {
    private final List<ZnodeChange> changes;

    /** Later registrations are not looked at. */
    private final long lastOrder;

    private int change;

    /** Whose watches are looked at; below or at the path of the change. */
    private String path;

    private boolean recursive;

    /** Those of {@link #path} when it was come to; some may be gone since. */
    private Watch[] watches;

    private int next;

    /** Of paths that many watch, copied once: a large multi may come to them thousands of times. */
    private final IdentityHashMap<LinkedHashSet<Watch>, Watch[]> copies = new IdentityHashMap<>();

    Cursor(List<ZnodeChange> changes, long lastOrder) {
      this.changes = changes;
      this.lastOrder = lastOrder;
      path = changes.get(0).path();
      watches = of(byPath, path);
    }

    ZnodeChange change() {
      return changes.get(change);
    }

    /** The next watch of the path; null if there is none. */
    @Nullable Watch next() {
      while (next < watches.length) {
        Watch watch = watches[next++];
        if (!watch.gone && !watch.holder.gone && watch.order <= lastOrder) {
          return watch;
        }
      }
      return null;
    }

    /** Goes on to the next path, or the next change; false if that was all. */
    boolean nextPath() {
      boolean recurses =
          !recursiveByPath.isEmpty()
              && change().type() != WatchEvent.Type.NODE_CHILDREN_CHANGED
              && !(recursive && path.equals(ZnodePath.ROOT));
      if (recurses) {
        path = recursive ? ZnodePath.parent(path) : path;
      } else {
        change++;
        if (change == changes.size()) {
          return false;
        }
        path = change().path();
      }
      recursive = recurses;
      watches = of(recursive ? recursiveByPath : byPath, path);
      next = 0;
      return true;
    }

    private Watch[] of(Map<String, LinkedHashSet<Watch>> index, String key) {
      LinkedHashSet<Watch> ofPath = index.get(key);
      if (ofPath == null) {
        return NO_WATCHES;
      }
      if (ofPath.size() < COPIED_ONCE_MIN) {
        return ofPath.toArray(NO_WATCHES);
      }
      // What came since does not count for this entry, and what went is marked.
      Watch[] copy = copies.get(ofPath);
      if (copy == null) {
        copy = ofPath.toArray(NO_WATCHES);
        copies.put(ofPath, copy);
      }
      return copy;
    }
  }

  /** The watches of a connection in the order of their registration. */
  List<ClientMessage.Registration> watchesOf(long connectionId) {
    List<ClientMessage.Registration> watches = new ArrayList<>();
    Holder holder = holders.get(connectionId);
    if (holder != null) {
      for (Watch watch : holder.watches.values()) {
        watches.add(new ClientMessage.Registration(watch.id, watch.path, watch.kind));
      }
    }
    return watches;
  }

  /** Watches held for all connections. */
  public int count() {
    return count;
  }

  /** Paths and connections in the indexes, for tests that look for leaks. */
  int indexSize() {
    return byPath.size() + recursiveByPath.size() + holders.size();
  }

  private Map<String, LinkedHashSet<Watch>> index(WatchKind kind) {
    return kind == WatchKind.PERSISTENT_RECURSIVE ? recursiveByPath : byPath;
  }

  private void removeFromHolder(Watch watch) {
    Holder holder = watch.holder;
    if (holder.watches.remove(watch.id) != null) {
      count--;
      forgetIfIdle(holder);
    }
  }

  private void forgetIfIdle(Holder holder) {
    if (holder.watches.isEmpty() && holder.heard == null) {
      holders.remove(holder.connectionId, holder);
    }
  }

  private void removeFromIndex(Watch watch) {
    watch.gone = true;
    Map<String, LinkedHashSet<Watch>> index = index(watch.kind);
    LinkedHashSet<Watch> ofPath = index.get(watch.path);
    if (ofPath != null && ofPath.remove(watch) && ofPath.isEmpty()) {
      index.remove(watch.path);
    }
  }
}
