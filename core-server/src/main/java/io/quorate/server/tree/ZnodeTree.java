package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.ZnodeStat;
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
  /** A znode with children: the object, and its first page. */
  private static final long OBJECT_BYTES = 176;

  private final Generations generations;
  private Znode root;
  private long digest;
  private long recordBytes;

  /** Znodes that are objects, because they have or had children. */
  private long objects;

  /** The tree before the first entry: the root and the built-in znodes, all zxids and times 0. */
  public ZnodeTree(Generations generations) {
    this(new TreeBuilder(generations).addInitial());
  }

  ZnodeTree(TreeBuilder builder) {
    super(builder.pages());
    generations = builder.generations();
    root = builder.root();
    digest = builder.digest();
    recordBytes = builder.recordBytes();
    objects = builder.objects();
  }

  @Override
  Znode root() {
    return root;
  }

  @Override
  public long digest() {
    return digest;
  }

  /** About what the tree takes in memory; not the same on every replica. */
  public long bytes() {
    return recordBytes + objects * OBJECT_BYTES;
  }

  /** The tree now, for as long as a pin that is open now stays open; O(1). */
  public TreeView view() {
    return new TreeView(pages, root, digest);
  }

  /** Marks the state to which {@link #rollBack} returns. Savepoints do not nest. */
  public Savepoint savepoint() {
    return new Savepoint(generations.pin(), root, digest, recordBytes, objects);
  }

  /** Undoes every change since the savepoint, and releases it. */
  public void rollBack(Savepoint savepoint) {
    Invariant.check(!savepoint.pin.isClosed(), "the savepoint was released");
    root = savepoint.root;
    digest = savepoint.digest;
    recordBytes = savepoint.recordBytes;
    objects = savepoint.objects;
    savepoint.release();
  }

  /** A state to return to. What it shares is copied on change until it is released. */
  public static final class Savepoint {
    private final Generations.Pin pin;
    private final Znode root;
    private final long digest;
    private final long recordBytes;
    private final long objects;

    private Savepoint(
        Generations.Pin pin, Znode root, long digest, long recordBytes, long objects) {
      this.pin = pin;
      this.root = root;
      this.digest = digest;
      this.recordBytes = recordBytes;
      this.objects = objects;
    }

    /** Keeps the changes. */
    public void release() {
      pin.close();
    }
  }

  /**
   * Adds a znode and returns its stat. The path is valid, its parent exists, is not ephemeral, and
   * has no such child.
   *
   * @param owner session id of an ephemeral, else 0
   */
  public ZnodeStat create(
      String path,
      byte @Nullable [] data,
      long owner,
      ZnodeTerms terms,
      long zxid,
      long timeMillis) {
    byte[] bytes = path.getBytes(UTF_8);
    int slash = lastSlash(bytes);
    Znode parent = ownedPath(bytes, slash, 1, data == null ? 0 : data.length);
    byte[] record =
        ZnodeRecord.created(bytes, slash + 1, bytes.length, data, owner, terms, zxid, timeMillis);
    int parentEnd = Math.max(1, slash);
    digest -= parent.digestPart(bytes, parentEnd);
    parent.children = pages.insert(parent.children, bytes, slash + 1, bytes.length, record);
    parent.created++;
    parent.childCount++;
    parent.pzxid = zxid;
    digest += parent.digestPart(bytes, parentEnd);
    digest += ZnodeRecord.digestPart(record, bytes, bytes.length);
    recordBytes += ZnodeRecord.heapBytes(record);
    return ZnodeRecord.stat(record);
  }

  /** Removes a znode that exists, has no children and is not built in. */
  public void delete(String path, long zxid) {
    Invariant.check(!TreeLimits.isBuiltIn(path), "a built-in znode can't be deleted");
    byte[] bytes = path.getBytes(UTF_8);
    int slash = lastSlash(bytes);
    byte[] record = existing(bytes);
    Znode parent = ownedPath(bytes, slash, -1, -ZnodeRecord.dataLength(record));
    Page<Object> siblings = childrenOf(parent);
    Object slot = pages.find(siblings, bytes, slash + 1, bytes.length);
    if (slot instanceof Znode znode) {
      Invariant.check(
          znode.childCount == 0, "the znode to delete has %d children", znode.childCount);
      digest -= znode.digestPart(bytes, bytes.length);
      objects--;
    }
    digest -= ZnodeRecord.digestPart(record, bytes, bytes.length);
    recordBytes -= ZnodeRecord.heapBytes(record);
    int parentEnd = Math.max(1, slash);
    digest -= parent.digestPart(bytes, parentEnd);
    parent.children = pages.remove(siblings, bytes, slash + 1, bytes.length);
    parent.deleted++;
    parent.childCount--;
    parent.pzxid = zxid;
    digest += parent.digestPart(bytes, parentEnd);
  }

  /** Replaces the data of a znode that exists; returns the stat after it. */
  public ZnodeStat setData(
      String path, byte @Nullable [] data, int version, long zxid, long timeMillis) {
    byte[] bytes = path.getBytes(UTF_8);
    byte[] record = existing(bytes);
    return replace(bytes, record, ZnodeRecord.changed(record, data, version, zxid, timeMillis));
  }

  /** Replaces access and lifetime of a znode that exists; returns the stat after it. */
  public ZnodeStat setTerms(String path, ZnodeTerms terms) {
    byte[] bytes = path.getBytes(UTF_8);
    byte[] record = existing(bytes);
    return replace(bytes, record, ZnodeRecord.withTerms(record, terms));
  }

  private byte[] existing(byte[] path) {
    return ZnodePages.record(
        Invariant.present(find(path, path.length), "the znode to change does not exist"));
  }

  private ZnodeStat replace(byte[] path, byte[] record, byte[] changed) {
    digest += ZnodeRecord.digestPart(changed, path, path.length);
    digest -= ZnodeRecord.digestPart(record, path, path.length);
    recordBytes += ZnodeRecord.heapBytes(changed) - ZnodeRecord.heapBytes(record);
    if (path.length == 1) {
      Znode znode = ownedPath(path, 1, 0, 0);
      znode.record = changed;
      return znode.stat();
    }
    int slash = lastSlash(path);
    int moreData = ZnodeRecord.dataLength(changed) - ZnodeRecord.dataLength(record);
    Znode parent = ownedPath(path, slash, 0, moreData);
    Page<Object> siblings = childrenOf(parent);
    Object slot = pages.find(siblings, path, slash + 1, path.length);
    if (slot instanceof Znode znode) {
      Znode mine = owned(znode);
      mine.record = changed;
      if (mine != slot) {
        parent.children = pages.replace(siblings, path, slash + 1, path.length, mine);
      }
      return mine.stat();
    }
    parent.children = pages.replace(siblings, path, slash + 1, path.length, changed);
    return ZnodeRecord.stat(changed);
  }

  /**
   * The znode at the first {@code end} bytes of a path, as an object that may be changed;
   * everything from the root to it is made so, and {@code more} znodes with {@code moreData} bytes
   * of data are added to what is below each.
   */
  private Znode ownedPath(byte[] path, int end, int more, int moreData) {
    root = owned(root);
    Znode at = root;
    at.descendants += more;
    at.descendantBytes += moreData;
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
        objects += slot instanceof Znode ? 0 : 1;
      }
      next.descendants += more;
      next.descendantBytes += moreData;
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
