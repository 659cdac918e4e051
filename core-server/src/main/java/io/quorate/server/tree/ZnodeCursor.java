package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.InvariantViolation;
import io.quorate.server.base.OrderedPages;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks a tree depth-first: a znode before its children, children in name order. Iterative, because
 * paths can be thousands of components deep.
 */
public final class ZnodeCursor {
  private final ZnodePages pages;
  private final Object root;
  private final ArrayList<OrderedPages.Cursor<Object>> open = new ArrayList<>();

  /** The path of the present znode is {@code path[0, pathEnds[depth()])}; empty for the root. */
  private byte[] path = new byte[64];

  private int[] pathEnds = new int[16];
  private @Nullable Object slot;

  ZnodeCursor(ZnodePages pages, Object root) {
    this(pages, root, ZnodePath.ROOT);
  }

  /** Begins below the root of the tree. */
  ZnodeCursor(ZnodePages pages, Object first, String firstPath) {
    this.pages = pages;
    this.root = first;
    if (!firstPath.equals(ZnodePath.ROOT)) {
      byte[] bytes = firstPath.getBytes(UTF_8);
      path = Arrays.copyOf(bytes, Math.max(64, bytes.length));
      pathEnds[0] = bytes.length;
    }
  }

  /** Goes to the next znode; false after the last. */
  public boolean next() {
    if (slot == null) {
      slot = root;
      return true;
    }
    if (slot instanceof Znode znode && znode.children != null) {
      open.add(pages.all(znode.children));
    }
    while (!open.isEmpty()) {
      OrderedPages.Cursor<Object> siblings = open.get(open.size() - 1);
      if (siblings.hasNext()) {
        slot = siblings.next();
        extendPath();
        return true;
      }
      open.remove(open.size() - 1);
    }
    return false;
  }

  /** Components of the path below the first znode; 0 there. */
  public int depth() {
    return open.size();
  }

  /** Last component of the path; empty at the root of the tree. */
  public String name() {
    byte[] record = record();
    return new String(record, ZnodeRecord.nameFrom(record), ZnodeRecord.nameLength(record), UTF_8);
  }

  public String path() {
    int end = pathEnds[depth()];
    return end == 0 ? ZnodePath.ROOT : new String(path, 0, end, UTF_8);
  }

  public ZnodeStat stat() {
    return slot instanceof Znode znode ? znode.stat() : ZnodeRecord.stat(record());
  }

  /** Access and lifetime. */
  public ZnodeTerms terms() {
    return ZnodeRecord.terms(record());
  }

  public byte @Nullable [] data() {
    return ZnodeRecord.data(record());
  }

  /** Creations of direct children, as the signed int that sequence numbers are made of. */
  public int creations() {
    return slot instanceof Znode znode ? znode.created : 0;
  }

  /** Deletions of direct children, as a signed int. */
  public int deletions() {
    return slot instanceof Znode znode ? znode.deleted : 0;
  }

  /** What this znode adds to {@link TreeReader#digest}. */
  public long digestParts() {
    boolean atRoot = pathEnds[depth()] == 0;
    byte[] bytes = atRoot ? ZnodePath.ROOT.getBytes(UTF_8) : path;
    int end = atRoot ? 1 : pathEnds[depth()];
    long ofChildren = slot instanceof Znode znode ? znode.digestPart(bytes, end) : 0;
    return ZnodeRecord.digestPart(record(), bytes, end) + ofChildren;
  }

  private byte[] record() {
    if (slot == null) {
      throw new InvariantViolation("the cursor is before the first znode");
    }
    return ZnodePages.record(slot);
  }

  private void extendPath() {
    byte[] record = record();
    int length = ZnodeRecord.nameLength(record);
    int depth = depth();
    if (depth == pathEnds.length) {
      pathEnds = Arrays.copyOf(pathEnds, depth * 2);
    }
    int from = pathEnds[depth - 1];
    int end = from + 1 + length;
    if (end > path.length) {
      path = Arrays.copyOf(path, Math.max(end, path.length * 2));
    }
    path[from] = '/';
    System.arraycopy(record, ZnodeRecord.nameFrom(record), path, from + 1, length);
    pathEnds[depth] = end;
  }
}
