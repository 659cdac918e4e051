package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.OpResult;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.OrderedPages;
import java.util.ArrayList;
import java.util.List;
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

  public final @Nullable ZnodeStat stat(String path) {
    Object slot = find(path);
    if (slot == null) {
      return null;
    }
    return slot instanceof Znode znode ? znode.stat() : ZnodeRecord.stat((byte[]) slot);
  }

  public final boolean exists(String path) {
    return find(path) != null;
  }

  /** Creations of direct children so far, as a signed int: the next sequence number. */
  public final int creations(String path) {
    return find(path) instanceof Znode znode ? znode.created : 0;
  }

  /** How many znodes are below this one; 0 if it does not exist. */
  public final long descendants(String path) {
    return find(path) instanceof Znode znode ? znode.descendants : 0;
  }

  public final OpResult.@Nullable Data data(String path) {
    Object slot = find(path);
    if (slot == null) {
      return null;
    }
    byte[] record = ZnodePages.record(slot);
    ZnodeStat stat = slot instanceof Znode znode ? znode.stat() : ZnodeRecord.stat(record);
    return new OpResult.Data(ZnodeRecord.data(record), stat);
  }

  /**
   * A page of children in name order (by UTF-8 bytes). Fewer names than {@code limit} come with
   * {@code more} set where {@link TreeLimits} ends the page.
   *
   * @param afterName only names greater than this; empty for all. An unpaired surrogate in it
   *     counts as a question mark
   */
  public final OpResult.@Nullable ChildNames children(String path, String afterName, int limit) {
    Object slot = find(path);
    if (slot == null) {
      return null;
    }
    if (!(slot instanceof Znode znode)) {
      return new OpResult.ChildNames(List.of(), false, ZnodeRecord.stat((byte[]) slot));
    }
    byte[] after = afterName.getBytes(UTF_8);
    OrderedPages.Cursor<Object> cursor = pages.after(znode.children, after, 0, after.length);
    List<String> names = new ArrayList<>(Math.min(Math.min(limit, znode.childCount), 64));
    int namesMax = Math.min(limit, TreeLimits.CHILDREN_PAGE_MAX);
    long bytes = 0;
    while (names.size() < namesMax
        && bytes < TreeLimits.CHILDREN_PAGE_BYTES_MAX
        && cursor.hasNext()) {
      byte[] record = ZnodePages.record(cursor.next());
      int length = ZnodeRecord.nameLength(record);
      names.add(new String(record, ZnodeRecord.nameFrom(record), length, UTF_8));
      bytes += length;
    }
    return new OpResult.ChildNames(names, cursor.hasNext(), znode.stat());
  }

  /** A cursor before the root; over a live tree only until its next change. */
  public final ZnodeCursor cursor() {
    return new ZnodeCursor(pages, root());
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
