package io.quorate.server.session;

import io.quorate.server.base.Invariant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which ephemeral znodes each session owns, in path order ({@code String.compareTo}). Follows from
 * the tree, so it is in no snapshot and no digest. Confined to the node thread.
 */
public final class EphemeralIndex {
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

  public int count(long owner) {
    TreeSet<String> paths = pathsByOwner.get(owner);
    return paths == null ? 0 : paths.size();
  }
}
