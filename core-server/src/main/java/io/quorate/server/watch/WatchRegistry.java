package io.quorate.server.watch;

import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The watches of the connections of this server, indexed by path and by connection. Confined to the
 * node thread; not replicated.
 *
 * <table>
 * <caption>Which change fires which watch of its path</caption>
 * <tr><th></th><th>DATA</th><th>EXIST</th><th>CHILDREN</th><th>PERSISTENT</th></tr>
 * <tr><td>NODE_CREATED</td><td></td><td>yes</td><td></td><td>yes</td></tr>
 * <tr><td>NODE_DELETED</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td></tr>
 * <tr><td>NODE_DATA_CHANGED</td><td>yes</td><td>yes</td><td></td><td>yes</td></tr>
 * <tr><td>NODE_CHILDREN_CHANGED</td><td></td><td></td><td>yes</td><td>yes</td></tr>
 * </table>
 */
public final class WatchRegistry {
  /** A connection may hold so many watches. */
  public static final int WATCHES_PER_CONNECTION_MAX = 100_000;

  private final int perConnectionMax;
  private final Map<String, LinkedHashSet<Watch>> byPath = new LinkedHashMap<>();
  private final Map<Long, LinkedHashMap<Long, Watch>> byConnection = new LinkedHashMap<>();
  private int count;

  /** One watch; equal only to itself. */
  private static final class Watch {
    private final long connectionId;
    private final long watchId;
    private final String path;
    private final WatchKind kind;

    private Watch(long connectionId, long watchId, String path, WatchKind kind) {
      this.connectionId = connectionId;
      this.watchId = watchId;
      this.path = path;
      this.kind = kind;
    }
  }

  /** What one connection hears of one call of {@link #fire}. */
  public record Firing(long connectionId, List<ServerMessage.Fired> fired) {
    public Firing {
      fired = List.copyOf(fired);
    }
  }

  public WatchRegistry() {
    this(WATCHES_PER_CONNECTION_MAX);
  }

  /** With a limit of its own, for tests. */
  WatchRegistry(int perConnectionMax) {
    this.perConnectionMax = perConnectionMax;
  }

  /**
   * Leaves a watch; an earlier one of that connection and id is replaced.
   *
   * @return false if the connection already holds {@link #WATCHES_PER_CONNECTION_MAX}
   */
  public boolean add(long connectionId, long watchId, String path, WatchKind kind) {
    remove(connectionId, watchId);
    LinkedHashMap<Long, Watch> ofConnection =
        byConnection.computeIfAbsent(connectionId, id -> new LinkedHashMap<>());
    if (ofConnection.size() >= perConnectionMax) {
      return false;
    }
    Watch watch = new Watch(connectionId, watchId, path, kind);
    ofConnection.put(watchId, watch);
    byPath.computeIfAbsent(path, key -> new LinkedHashSet<>()).add(watch);
    count++;
    return true;
  }

  /** Removes a watch; false if there was none. */
  public boolean remove(long connectionId, long watchId) {
    LinkedHashMap<Long, Watch> ofConnection = byConnection.get(connectionId);
    Watch watch = ofConnection == null ? null : ofConnection.get(watchId);
    if (watch == null) {
      return false;
    }
    removeFromConnection(watch);
    removeFromPath(watch);
    return true;
  }

  /** Removes all watches of a connection. */
  public void dropConnection(long connectionId) {
    LinkedHashMap<Long, Watch> ofConnection = byConnection.remove(connectionId);
    if (ofConnection != null) {
      count -= ofConnection.size();
      ofConnection.values().forEach(this::removeFromPath);
    }
  }

  /**
   * What the changes of one entry mean to the watches; one-shot watches are gone once they fired.
   *
   * @return one element per connection that has something to hear, by connection id; inside, in the
   *     order of the changes, then of registration
   */
  public List<Firing> fire(List<ZnodeChange> changes) {
    TreeMap<Long, List<ServerMessage.Fired>> heard = new TreeMap<>();
    for (ZnodeChange change : changes) {
      LinkedHashSet<Watch> ofPath = byPath.get(change.path());
      if (ofPath == null) {
        continue;
      }
      List<Watch> spent = new ArrayList<>();
      for (Watch watch : ofPath) {
        if (fires(watch.kind, change.type())) {
          heard
              .computeIfAbsent(watch.connectionId, id -> new ArrayList<>())
              .add(new ServerMessage.Fired(watch.watchId, change.type(), change.path()));
          if (watch.kind.isOneShot()) {
            spent.add(watch);
          }
        }
      }
      for (Watch watch : spent) {
        removeFromConnection(watch);
        removeFromPath(watch);
      }
    }
    List<Firing> firings = new ArrayList<>(heard.size());
    heard.forEach((connectionId, fired) -> firings.add(new Firing(connectionId, fired)));
    return firings;
  }

  /** Watches held for all connections. */
  public int count() {
    return count;
  }

  /** Paths and connections in the indexes, for tests that look for leaks. */
  int indexSize() {
    return byPath.size() + byConnection.size();
  }

  private static boolean fires(WatchKind kind, WatchEvent.Type type) {
    return switch (kind) {
      case DATA ->
          type == WatchEvent.Type.NODE_DATA_CHANGED || type == WatchEvent.Type.NODE_DELETED;
      case EXIST -> type != WatchEvent.Type.NODE_CHILDREN_CHANGED;
      case CHILDREN ->
          type == WatchEvent.Type.NODE_CHILDREN_CHANGED || type == WatchEvent.Type.NODE_DELETED;
      case PERSISTENT, PERSISTENT_RECURSIVE -> true;
    };
  }

  private void removeFromConnection(Watch watch) {
    LinkedHashMap<Long, Watch> ofConnection = byConnection.get(watch.connectionId);
    if (ofConnection != null && ofConnection.remove(watch.watchId) != null) {
      count--;
      if (ofConnection.isEmpty()) {
        byConnection.remove(watch.connectionId);
      }
    }
  }

  private void removeFromPath(Watch watch) {
    LinkedHashSet<Watch> ofPath = byPath.get(watch.path);
    if (ofPath != null && ofPath.remove(watch) && ofPath.isEmpty()) {
      byPath.remove(watch.path);
    }
  }
}
