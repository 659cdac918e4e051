package io.quorate.server.tree;

import io.quorate.data.ZnodeStat;
import io.quorate.server.base.OrderedPages.Page;
import io.quorate.server.base.XxHash64;
import org.jspecify.annotations.Nullable;

/**
 * A znode that has or had children; any other is a {@link ZnodeRecord} alone. Changed in place only
 * by the tree that owns it in the present generation.
 */
final class Znode {
  private static final long CHILD_PART_SEED = 0x4C1F_E09B_73D5_A682L;

  /** Generation in which this object was made. */
  final long stamp;

  byte[] record;

  /** Zxid of the creation, or of the last creation or deletion of a direct child. */
  long pzxid;

  /** Creations of direct children, modulo 2^32: the next sequence number. */
  int created;

  /** Deletions of direct children, modulo 2^32. */
  int deleted;

  /** Direct children now; with the built-in ones, which are in neither counter. */
  int childCount;

  /** All znodes below this one. */
  long descendants;

  /** Bytes of the data of all of them. */
  long descendantBytes;

  @Nullable Page<Object> children;

  Znode(long stamp, byte[] record) {
    this.stamp = stamp;
    this.record = record;
    this.pzxid = ZnodeRecord.czxid(record);
  }

  /** A copy for a new generation; shares the pages of children. */
  Znode copy(long newStamp) {
    Znode copy = new Znode(newStamp, record);
    copy.pzxid = pzxid;
    copy.created = created;
    copy.deleted = deleted;
    copy.childCount = childCount;
    copy.descendants = descendants;
    copy.descendantBytes = descendantBytes;
    copy.children = children;
    return copy;
  }

  /** Whether nothing ever happened below: the record says it all. */
  boolean isPristine() {
    return created == 0 && deleted == 0 && childCount == 0 && pzxid == ZnodeRecord.czxid(record);
  }

  ZnodeStat stat() {
    return ZnodeRecord.stat(record, pzxid, created + deleted, childCount);
  }

  /** What this znode adds to the digest for its children; 0 if it never had any. */
  long digestPart(byte[] path, int pathTo) {
    if (isPristine()) {
      return 0;
    }
    long hash = XxHash64.hash(path, 0, pathTo, CHILD_PART_SEED);
    hash = XxHash64.mix(pzxid, hash);
    hash = XxHash64.mix((long) created << 32 | (deleted & 0xFFFF_FFFFL), hash);
    return XxHash64.mix(childCount, hash);
  }
}
