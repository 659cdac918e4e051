package io.quorate.server.session;

import io.quorate.data.OpResult;
import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which ephemeral znodes each session owns, in path order ({@code String.compareTo}). Follows from
 * the tree, so it is in no snapshot and no digest. Confined to the node thread.
 */
public final class EphemeralIndex {
  /** Paths in one page. */
  public static final int PAGE_MAX = 10_000;

  /** UTF-8 bytes of the paths in one page, about; one path is always given. */
  public static final int PAGE_BYTES_MAX = 512 * 1024;

  private static final int CHAR_BYTES_MAX = 3;

  private final Map<Long, TreeSet<String>> pathsByOwner = new LinkedHashMap<>();

  public void add(long owner, String path) {
    boolean added = pathsByOwner.computeIfAbsent(owner, id -> new TreeSet<>()).add(path);
    Invariant.check(added, "an ephemeral znode was added twice");
  }

  public void remove(long owner, String path) {
    TreeSet<String> paths = pathsByOwner.get(owner);
    Invariant.check(
        paths != null && paths.remove(path), "an ephemeral znode to remove is not in the index");
    if (paths != null && paths.isEmpty()) {
      pathsByOwner.remove(owner);
    }
  }

  /** A copy, in path order. */
  public List<String> paths(long owner) {
    TreeSet<String> paths = pathsByOwner.get(owner);
    return paths == null ? List.of() : List.copyOf(paths);
  }

  /**
   * A page of the paths that begin with a text, in order.
   *
   * @param prefix empty or {@code /} for all
   * @param after only paths greater than this; empty for all
   * @param limit at most so many; fewer, with {@code more} set, where {@link #PAGE_MAX} or {@link
   *     #PAGE_BYTES_MAX} ends the page
   */
  public OpResult.Paths page(long owner, String prefix, String after, int limit) {
    TreeSet<String> owned = pathsByOwner.get(owner);
    if (owned == null) {
      return new OpResult.Paths(List.of(), false);
    }
    boolean afterIsFirst = after.compareTo(prefix) >= 0;
    Iterator<String> next =
        (afterIsFirst ? owned.tailSet(after, false) : owned.tailSet(prefix, true)).iterator();
    List<String> paths = new ArrayList<>();
    int max = Math.min(limit, PAGE_MAX);
    long bytes = 0;
    while (next.hasNext()) {
      String path = next.next();
      if (!path.startsWith(prefix)) {
        break;
      }
      if (paths.size() == max || bytes >= PAGE_BYTES_MAX) {
        return new OpResult.Paths(paths, true);
      }
      paths.add(path);
      bytes += (long) path.length() * CHAR_BYTES_MAX;
    }
    return new OpResult.Paths(paths, false);
  }

  public int count(long owner) {
    TreeSet<String> paths = pathsByOwner.get(owner);
    return paths == null ? 0 : paths.size();
  }
}
