package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.ZnodePath;
import io.quorate.server.base.Generations;
import io.quorate.server.base.Invariant;
import io.quorate.server.base.InvariantViolation;
import io.quorate.server.base.OrderedPages.Page;
import org.jspecify.annotations.Nullable;

/**
 * The live tree: ordered pages of children per znode, no map of all paths. A change copies the
 * objects from the root down to it that an open pin can see, and changes the others in place.
 *
 * <p>Counting: {@code cversion} is creations plus deletions of direct children since the tree
 * began, so a fresh {@code /} shows 0 (ZooKeeper shows -1 there, because it subtracts built-in
 * children that it never added); sequence numbers are the creations so far, so the first sequential
 * child of {@code /} has 0, as in ZooKeeper. The built-in znodes are in neither counter.
 *
 * <p>Changes and {@link #view} are confined to the node thread.
 */
public final class ZnodeTree extends TreeReader {
  private final Generations generations;
  private Znode root;
  private long digest;
  private long bytes;

  /** The tree before the first entry: the root and the built-in znodes, all zxids and times 0. */
  public ZnodeTree(Generations generations) {
    this(new TreeBuilder(generations).addInitial());
  }

  ZnodeTree(TreeBuilder builder) {
    super(builder.pages());
    generations = builder.generations();
    root = builder.root();
    digest = builder.digest();
    bytes = builder.bytes();
  }

  /** About what the tree takes in memory. */
  public long bytes() {
    return bytes;
  }

  @Override
  Znode root() {
    return root;
  }

  @Override
  public long digest() {
    return digest;
  }

  /** The tree now, for as long as a pin that is open now stays open; O(1). */
  public TreeView view() {
    return new TreeView(pages, root, digest);
  }

  /** Marks the state to which {@link #rollBack} returns. Savepoints do not nest. */
  public Savepoint savepoint() {
    return new Savepoint(generations.pin(), root, digest, bytes);
  }

  /** Undoes every change since the savepoint, and releases it. */
  public void rollBack(Savepoint savepoint) {
    Invariant.check(!savepoint.pin.isClosed(), "the savepoint was released");
    root = savepoint.root;
    digest = savepoint.digest;
    bytes = savepoint.bytes;
    savepoint.release();
  }

  /** A state to return to. What it shares is copied on change until it is released. */
  public static final class Savepoint {
    private final Generations.Pin pin;
    private final Znode root;
    private final long digest;
    private final long bytes;

    private Savepoint(Generations.Pin pin, Znode root, long digest, long bytes) {
      this.pin = pin;
      this.root = root;
      this.digest = digest;
      this.bytes = bytes;
    }

    /** Keeps the changes. */
    public void release() {
      pin.close();
    }
  }

  /**
   * Adds a znode. The path is valid, its parent exists, is not ephemeral, and has no such child.
   *
   * @param owner session id of an ephemeral, else 0
   */
  public void create(String path, byte @Nullable [] data, long owner, long zxid, long timeMillis) {
    byte[] bytes = path.getBytes(UTF_8);
    int slash = lastSlash(bytes);
    Znode parent = ownedPath(bytes, slash, 1);
    byte[] record =
        ZnodeRecord.created(bytes, slash + 1, bytes.length, data, owner, zxid, timeMillis);
    int parentEnd = Math.max(1, slash);
    digest -= parent.digestPart(bytes, parentEnd);
    parent.children = pages.insert(parent.children, bytes, slash + 1, bytes.length, record);
    parent.created++;
    parent.childCount++;
    parent.pzxid = zxid;
    digest += parent.digestPart(bytes, parentEnd);
    digest += ZnodeRecord.digestPart(record, bytes, bytes.length);
    this.bytes += ZnodeRecord.heapBytes(record);
  }

  /** Removes a znode that exists, has no children and is not built in. */
  public void delete(String path, long zxid) {
    Invariant.check(!TreeLimits.isBuiltIn(path), "a built-in znode can't be deleted");
    byte[] bytes = path.getBytes(UTF_8);
    int slash = lastSlash(bytes);
    Znode parent = ownedPath(bytes, slash, -1);
    Page<Object> siblings = childrenOf(parent);
    Object slot = pages.find(siblings, bytes, slash + 1, bytes.length);
    if (slot == null) {
      throw new InvariantViolation("the znode to delete does not exist");
    }
    if (slot instanceof Znode znode) {
      Invariant.check(
          znode.childCount == 0, "the znode to delete has %d children", znode.childCount);
      digest -= znode.digestPart(bytes, bytes.length);
    }
    digest -= ZnodeRecord.digestPart(ZnodePages.record(slot), bytes, bytes.length);
    this.bytes -= ZnodeRecord.heapBytes(ZnodePages.record(slot));
    int parentEnd = Math.max(1, slash);
    digest -= parent.digestPart(bytes, parentEnd);
    parent.children = pages.remove(siblings, bytes, slash + 1, bytes.length);
    parent.deleted++;
    parent.childCount--;
    parent.pzxid = zxid;
    digest += parent.digestPart(bytes, parentEnd);
  }

  /** Replaces the data of a znode that exists. */
  public void setData(
      String path, byte @Nullable [] data, int version, long zxid, long timeMillis) {
    byte[] bytes = path.getBytes(UTF_8);
    if (path.equals(ZnodePath.ROOT)) {
      Znode znode = ownedPath(bytes, 1, 0);
      znode.record = changed(znode.record, bytes, data, version, zxid, timeMillis);
      return;
    }
    int slash = lastSlash(bytes);
    Znode parent = ownedPath(bytes, slash, 0);
    Page<Object> siblings = childrenOf(parent);
    Object slot = pages.find(siblings, bytes, slash + 1, bytes.length);
    if (slot == null) {
      throw new InvariantViolation("the znode to change does not exist");
    }
    byte[] record = changed(ZnodePages.record(slot), bytes, data, version, zxid, timeMillis);
    Object changed = record;
    if (slot instanceof Znode znode) {
      Znode mine = owned(znode);
      mine.record = record;
      changed = mine;
    }
    if (changed != slot) {
      parent.children = pages.replace(siblings, bytes, slash + 1, bytes.length, changed);
    }
  }

  private byte[] changed(
      byte[] record, byte[] path, byte @Nullable [] data, int version, long zxid, long timeMillis) {
    byte[] changed = ZnodeRecord.changed(record, data, version, zxid, timeMillis);
    digest += ZnodeRecord.digestPart(changed, path, path.length);
    digest -= ZnodeRecord.digestPart(record, path, path.length);
    bytes += ZnodeRecord.heapBytes(changed) - ZnodeRecord.heapBytes(record);
    return changed;
  }

  /**
   * The znode at the first {@code end} bytes of a path, as an object that may be changed;
   * everything from the root to it is made so, and {@code delta} is added to its number of
   * descendants.
   */
  private Znode ownedPath(byte[] path, int end, int delta) {
    root = owned(root);
    Znode at = root;
    at.descendants += delta;
    int from = 1;
    while (from < end) {
      int to = componentEnd(path, from, end);
      Page<Object> children = childrenOf(at);
      Object slot = pages.find(children, path, from, to);
      if (slot == null) {
        throw new InvariantViolation("the parent of a znode to change does not exist");
      }
      Znode next =
          slot instanceof Znode znode
              ? owned(znode)
              : new Znode(generations.current(), (byte[]) slot);
      if (next != slot) {
        at.children = pages.replace(children, path, from, to, next);
      }
      next.descendants += delta;
      at = next;
      from = to + 1;
    }
    return at;
  }

  private Znode owned(Znode znode) {
    return generations.isShared(znode.stamp) ? znode.copy(generations.current()) : znode;
  }

  private static Page<Object> childrenOf(Znode znode) {
    Page<Object> children = znode.children;
    if (children == null) {
      throw new InvariantViolation("a znode on the way to the one to change has no children");
    }
    return children;
  }

  private static int lastSlash(byte[] path) {
    int at = path.length - 1;
    while (path[at] != '/') {
      at--;
    }
    return at;
  }
}
