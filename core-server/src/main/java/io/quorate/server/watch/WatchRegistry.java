package io.quorate.server.watch;

import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.data.ZnodePath;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.Comparator;
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

  private final int perConnectionMax;
  private final ReadFilter filter;
  private final Map<Long, Holder> holders = new LinkedHashMap<>();

  /** All but the recursive ones. */
  private final Map<String, LinkedHashSet<Watch>> byPath = new LinkedHashMap<>();

  private final Map<String, LinkedHashSet<Watch>> recursiveByPath = new LinkedHashMap<>();
  private int count;

  /** One watch; equal only to itself. */
  private static final class Watch {
    private final Holder holder;
    private final long id;
    private final String path;
    private final WatchKind kind;

    private Watch(Holder holder, long id, String path, WatchKind kind) {
      this.holder = holder;
      this.id = id;
      this.path = path;
      this.kind = kind;
    }
  }

  /** A connection that has watches. */
  private static final class Holder {
    private final long connectionId;
    private final LinkedHashMap<Long, Watch> watches = new LinkedHashMap<>();

    /** What it hears of the present call of {@link #fire}; null between calls. */
    private @Nullable List<ServerMessage.Fired> heard;

    private Holder(long connectionId) {
      this.connectionId = connectionId;
    }
  }

  /** What one connection hears of one call of {@link #fire}. */
  public record Firing(long connectionId, List<ServerMessage.Fired> fired) {
    public Firing {
      fired = List.copyOf(fired);
    }
  }

  public WatchRegistry(ReadFilter filter) {
    this(WATCHES_PER_CONNECTION_MAX, filter);
  }

  /** With a limit of its own. */
  WatchRegistry(int perConnectionMax, ReadFilter filter) {
    this.perConnectionMax = perConnectionMax;
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
    Watch watch = new Watch(holder, watchId, path, kind);
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
    Watch watch = holder == null ? null : holder.watches.get(watchId);
    if (watch == null) {
      return false;
    }
    removeFromHolder(watch);
    removeFromIndex(watch);
    return true;
  }

  /** Removes all watches of a connection. */
  public void dropConnection(long connectionId) {
    Holder holder = holders.remove(connectionId);
    if (holder != null) {
      count -= holder.watches.size();
      holder.watches.values().forEach(this::removeFromIndex);
    }
  }

  /**
   * What the changes of one entry mean to the watches. A change that a connection may not READ is
   * none for its watches: it is not told, and one-shot watches stay. So a connection holds exactly
   * the watches that its client believes in, which hears of no other change either.
   *
   * @return one element per connection that has something to hear, by connection id; inside, in the
   *     order of the changes, then those that watch the path, then the recursive ones from the path
   *     upwards, each by registration
   */
  public List<Firing> fire(List<ZnodeChange> changes) {
    List<Holder> told = new ArrayList<>();
    for (ZnodeChange change : changes) {
      fire(byPath, change.path(), change, told);
      if (!recursiveByPath.isEmpty() && change.type() != WatchEvent.Type.NODE_CHILDREN_CHANGED) {
        String path = change.path();
        fire(recursiveByPath, path, change, told);
        while (!path.equals(ZnodePath.ROOT)) {
          path = ZnodePath.parent(path);
          fire(recursiveByPath, path, change, told);
        }
      }
    }
    told.sort(Comparator.comparingLong(holder -> holder.connectionId));
    List<Firing> firings = new ArrayList<>(told.size());
    for (Holder holder : told) {
      List<ServerMessage.Fired> heard = holder.heard;
      holder.heard = null;
      if (heard != null) {
        firings.add(new Firing(holder.connectionId, heard));
      }
    }
    return firings;
  }

  private void fire(
      Map<String, LinkedHashSet<Watch>> index, String path, ZnodeChange change, List<Holder> told) {
    LinkedHashSet<Watch> watches = index.get(path);
    if (watches == null) {
      return;
    }
    for (Iterator<Watch> each = watches.iterator(); each.hasNext(); ) {
      Watch watch = each.next();
      if (!WatchTrigger.fires(watch.kind, change.type())) {
        continue;
      }
      Holder holder = watch.holder;
      if (!filter.mayRead(holder.connectionId, change.acl())) {
        continue;
      }
      if (holder.heard == null) {
        holder.heard = new ArrayList<>(1);
        told.add(holder);
      }
      holder.heard.add(new ServerMessage.Fired(watch.id, change.type(), change.path()));
      if (watch.kind.isOneShot()) {
        each.remove();
        removeFromHolder(watch);
      }
    }
    if (watches.isEmpty()) {
      index.remove(path);
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
      if (holder.watches.isEmpty()) {
        holders.remove(holder.connectionId);
      }
    }
  }

  private void removeFromIndex(Watch watch) {
    Map<String, LinkedHashSet<Watch>> index = index(watch.kind);
    LinkedHashSet<Watch> ofPath = index.get(watch.path);
    if (ofPath != null && ofPath.remove(watch) && ofPath.isEmpty()) {
      index.remove(watch.path);
    }
  }
}
