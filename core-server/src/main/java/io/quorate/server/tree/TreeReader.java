package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.Invariant;
import org.jspecify.annotations.Nullable;

/** Lookups in the tree, live or as a view. A path that is not valid names no znode. */
public abstract sealed class TreeReader permits ZnodeTree, TreeView {
  final ZnodePages pages;

  TreeReader(ZnodePages pages) {
    this.pages = pages;
  }

  abstract Znode root();

  /** Sum over all znodes of what each says of itself and of its children. */
  public abstract long digest();

  /** All znodes, with the root and the built-in ones. */
  public final long znodeCount() {
    return root().descendants + 1;
  }

  /** The znode with that path; null if there is none. */
  public final @Nullable FoundZnode at(String path) {
    Object slot = find(path);
    return slot == null ? null : new FoundZnode(pages, slot);
  }

  public final @Nullable ZnodeStat stat(String path) {
    FoundZnode found = at(path);
    return found == null ? null : found.stat();
  }

  public final boolean exists(String path) {
    return find(path) != null;
  }

  /** How many znodes are below this one; 0 if it does not exist. */
  public final long descendants(String path) {
    return find(path) instanceof Znode znode ? znode.descendants : 0;
  }

  /** A cursor before the root; over a live tree only until its next change. */
  public final ZnodeCursor cursor() {
    return new ZnodeCursor(pages, root());
  }

  /**
   * A cursor before the znode at a path, which exists, over it and all below; its paths are whole.
   */
  public final ZnodeCursor cursorBelow(String path) {
    Object from = Invariant.present(find(path), "the znode to begin with does not exist");
    return new ZnodeCursor(pages, from, path);
  }

  /** The slot of a path: a record, a {@link Znode}, or null. */
  final @Nullable Object find(String path) {
    if (!ZnodePath.isValid(path)) {
      return null;
    }
    byte[] bytes = path.getBytes(UTF_8);
    return find(bytes, bytes.length);
  }

  /** As above for the first {@code end} bytes of a valid path; 1 or less names the root. */
  final @Nullable Object find(byte[] path, int end) {
    Object slot = root();
    int from = 1;
    while (from < end) {
      if (!(slot instanceof Znode znode)) {
        return null;
      }
      int to = componentEnd(path, from, end);
      Object next = pages.find(znode.children, path, from, to);
      if (next == null) {
        return null;
      }
      slot = next;
      from = to + 1;
    }
    return slot;
  }

  /** Index of the next {@code /}, or {@code end}. */
  static int componentEnd(byte[] path, int from, int end) {
    int to = from;
    while (to < end && path[to] != '/') {
      to++;
    }
    return to;
  }
}
