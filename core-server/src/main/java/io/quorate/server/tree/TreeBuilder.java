package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.Acl;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.access.AclRules;
import io.quorate.server.base.Generations;
import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a tree from its znodes in the order of {@link ZnodeCursor}. Refuses with {@link
 * IllegalArgumentException} whatever no tree can hold, because its input comes from a file.
 */
public final class TreeBuilder {
  /** Children that are there from the start and in no counter. */
  private static final int BUILT_IN_OF_ROOT = 1;

  private static final int BUILT_IN_OF_ZOOKEEPER = 2;

  private final Generations generations;
  private final ZnodePages pages;

  /**
   * The znodes from the root to the newest one; each is added to its parent when it is complete.
   */
  private final ArrayList<Open> open = new ArrayList<>();

  private final List<Ephemeral> ephemerals = new ArrayList<>();
  private final List<Mortal> mortals = new ArrayList<>();
  private byte[] path = new byte[64];
  private long digest;
  private long recordBytes;
  private long objects;
  private int builtInFound;
  private @Nullable Znode root;

  /** An ephemeral znode that was added. */
  public record Ephemeral(long owner, String path) {}

  /**
   * A znode that the ensemble may delete by itself, as it has no children.
   *
   * @param dueMillis log time of it; 0 for none
   */
  public record Mortal(String path, long dueMillis, boolean container) {}

  /** A znode whose children may still come. */
  private static final class Open {
    private final Znode znode;

    /** Where its path ends in {@link #path}; 0 for the root. */
    private final int pathEnd;

    /** The newest child that is complete. */
    private byte @Nullable [] lastChild;

    private Open(Znode znode, int pathEnd) {
      this.znode = znode;
      this.pathEnd = pathEnd;
    }
  }

  public TreeBuilder(Generations generations) {
    this.generations = generations;
    this.pages = new ZnodePages(generations);
  }

  /** Adds what every tree begins with. */
  TreeBuilder addInitial() {
    byte[] none = new byte[0];
    ZnodeStat stat = new ZnodeStat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    add(0, "", stat, ZnodeTerms.USUAL, 0, 0, none);
    add(1, "zookeeper", stat, ZnodeTerms.USUAL, 0, 0, none);
    add(2, "config", stat, new ZnodeTerms(Acl.READ_ONLY, 0, 0, 0, false), 0, 0, none);
    add(2, "quota", stat, ZnodeTerms.USUAL, 0, 0, none);
    close();
    return this;
  }

  /**
   * Adds the next znode. Of the stat, the fields that follow from the rest (cversion, aversion,
   * dataLength, numChildren, expiresAtMillis) are not looked at.
   *
   * @param depth components of its path: at most one more than that of the znode before
   * @param name last component; empty for the root
   * @param creations of direct children, as a signed int
   * @param deletions of direct children, as a signed int
   */
  public void add(
      int depth,
      String name,
      ZnodeStat stat,
      ZnodeTerms terms,
      int creations,
      int deletions,
      byte @Nullable [] data) {
    check(root == null, "a znode after the end of the tree");
    check(
        open.isEmpty() ? depth == 0 : depth > 0 && depth <= open.size(),
        "a znode of depth %d after one of depth %d",
        depth,
        open.size() - 1);
    check(
        depth == 0
            ? name.isEmpty()
            : name.indexOf('/') < 0 && ZnodePath.isValid(ZnodePath.ROOT + name),
        "a name that is not valid at depth %d",
        depth);
    check(data == null || data.length <= TreeLimits.DATA_BYTES_MAX, "data beyond the limit");
    checkTerms(terms, stat.ephemeralOwner());
    closeDownTo(depth);
    byte[] nameBytes = name.getBytes(UTF_8);
    int pathEnd = extendPath(depth, nameBytes);
    byte[] record = ZnodeRecord.pack(nameBytes, stat, terms, data);
    Znode znode = new Znode(generations.current(), record);
    znode.pzxid = stat.pzxid();
    znode.created = creations;
    znode.deleted = deletions;
    open.add(new Open(znode, pathEnd));
    if (depth == 0) {
      path[0] = '/';
    }
    digest += ZnodeRecord.digestPart(record, path, Math.max(1, pathEnd));
    recordBytes += ZnodeRecord.heapBytes(record);
    if (stat.ephemeralOwner() != 0) {
      ephemerals.add(new Ephemeral(stat.ephemeralOwner(), new String(path, 0, pathEnd, UTF_8)));
    }
  }

  /** All ephemerals added so far. */
  public List<Ephemeral> ephemerals() {
    return List.copyOf(ephemerals);
  }

  /** All znodes that the ensemble may delete by itself, once the tree is finished. */
  public List<Mortal> mortals() {
    return List.copyOf(mortals);
  }

  /** The tree, after its last znode. */
  public ZnodeTree finish() {
    close();
    return new ZnodeTree(this);
  }

  private void close() {
    check(!open.isEmpty(), "a tree without a root");
    closeDownTo(1);
    Open last = open.remove(0);
    check(builtInFound == BUILT_IN_OF_ROOT + BUILT_IN_OF_ZOOKEEPER, "a built-in znode is missing");
    complete(last);
    root = last.znode;
  }

  private void closeDownTo(int size) {
    while (open.size() > size) {
      Open last = open.remove(open.size() - 1);
      Open parent = open.get(open.size() - 1);
      complete(last);
      byte[] record = last.znode.record;
      int from = ZnodeRecord.nameFrom(record);
      int to = from + ZnodeRecord.nameLength(record);
      check(ZnodeRecord.owner(parent.znode.record) == 0, "an ephemeral znode with a child");
      check(
          parent.lastChild == null
              || ZnodeRecord.compareName(parent.lastChild, record, from, to) < 0,
          "children out of order");
      parent.lastChild = record;
      parent.znode.children =
          pages.insert(
              parent.znode.children,
              record,
              from,
              to,
              last.znode.isPristine() ? record : last.znode);
      objects += last.znode.isPristine() ? 0 : 1;
      parent.znode.childCount++;
      parent.znode.descendants += last.znode.descendants + 1;
      parent.znode.descendantBytes += last.znode.descendantBytes + ZnodeRecord.dataLength(record);
    }
  }

  /** All children of a znode are there. */
  private void complete(Open done) {
    int builtInChildren = 0;
    if (done.pathEnd == 0) {
      builtInChildren = BUILT_IN_OF_ROOT;
    } else if (open.size() <= 2) {
      String donePath = new String(path, 0, done.pathEnd, UTF_8);
      if (TreeLimits.isBuiltIn(donePath)) {
        builtInFound++;
        builtInChildren = donePath.equals("/zookeeper") ? BUILT_IN_OF_ZOOKEEPER : 0;
      }
    }
    Znode znode = done.znode;
    check(
        znode.created - znode.deleted + builtInChildren == znode.childCount,
        "%d children where %d creations and %d deletions are counted",
        znode.childCount,
        znode.created,
        znode.deleted);
    digest += znode.digestPart(path, Math.max(1, done.pathEnd));
    if (ZnodeRecord.hasLifetime(znode.record)) {
      String donePath =
          done.pathEnd == 0 ? ZnodePath.ROOT : new String(path, 0, done.pathEnd, UTF_8);
      check(!TreeLimits.isBuiltIn(donePath), "a built-in znode with an end");
      if (znode.childCount == 0) {
        mortals.add(
            new Mortal(
                donePath, znode.stat().expiresAtMillis(), ZnodeRecord.isContainer(znode.record)));
      }
    }
  }

  private static void checkTerms(ZnodeTerms terms, long owner) {
    check(AclRules.isStored(terms.acl()), "an access control list that is not valid");
    check(terms.expiresAtMillis() >= 0, "an expiry at %d", terms.expiresAtMillis());
    check(
        terms.ttlMillis() >= 0 && terms.ttlMillis() <= TreeLimits.LIFETIME_MILLIS_MAX,
        "a time to live of %d ms",
        terms.ttlMillis());
    int kinds =
        (owner != 0 ? 1 : 0) + (terms.container() ? 1 : 0) + (terms.ttlMillis() != 0 ? 1 : 0);
    check(kinds <= 1, "a znode of more than one kind");
  }

  private int extendPath(int depth, byte[] name) {
    if (depth == 0) {
      return 0;
    }
    int from = open.get(depth - 1).pathEnd;
    int end = from + 1 + name.length;
    check(end <= TreeLimits.PATH_CHARS_MAX * 3, "a path beyond the limit");
    if (end > path.length) {
      path = Arrays.copyOf(path, Math.max(end, path.length * 2));
    }
    path[from] = '/';
    System.arraycopy(name, 0, path, from + 1, name.length);
    return end;
  }

  ZnodePages pages() {
    return pages;
  }

  Generations generations() {
    return generations;
  }

  long digest() {
    return digest;
  }

  long recordBytes() {
    return recordBytes;
  }

  long objects() {
    return objects;
  }

  Znode root() {
    Invariant.check(root != null, "the tree is not finished");
    return Objects.requireNonNull(root);
  }

  private static void check(boolean condition, String format, Object... args) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, args));
    }
  }
}
