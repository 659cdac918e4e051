package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.Acl;
import io.quorate.data.OpResult;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.OrderedPages;
import java.util.ArrayList;
import java.util.List;

/** A znode that a lookup found. Over a live tree good only until its next change. */
public final class FoundZnode {
  private final ZnodePages pages;

  /** A {@link Znode} or a packed {@link ZnodeRecord}. */
  private final Object slot;

  FoundZnode(ZnodePages pages, Object slot) {
    this.pages = pages;
    this.slot = slot;
  }

  public ZnodeStat stat() {
    return slot instanceof Znode znode ? znode.stat() : ZnodeRecord.stat((byte[]) slot);
  }

  public List<Acl> acl() {
    return ZnodeRecord.acl(record());
  }

  public ZnodeTerms terms() {
    return ZnodeRecord.terms(record());
  }

  /** Session id of an ephemeral, else 0. */
  public long owner() {
    return ZnodeRecord.owner(record());
  }

  public OpResult.Data data() {
    return new OpResult.Data(ZnodeRecord.data(record()), stat());
  }

  /** Creations of direct children so far, as a signed int: the next sequence number. */
  public int creations() {
    return slot instanceof Znode znode ? znode.created : 0;
  }

  public int childCount() {
    return slot instanceof Znode znode ? znode.childCount : 0;
  }

  /** How many znodes are below. */
  public long descendants() {
    return slot instanceof Znode znode ? znode.descendants : 0;
  }

  /** Bytes of the data of this znode and of all below. */
  public long subtreeBytes() {
    long below = slot instanceof Znode znode ? znode.descendantBytes : 0;
    return below + ZnodeRecord.dataLength(record());
  }

  /** Whether it has a time to live or an expiry, or is a container. */
  public boolean hasLifetime() {
    return ZnodeRecord.hasLifetime(record());
  }

  public boolean isContainer() {
    return ZnodeRecord.isContainer(record());
  }

  /** Log time from which on it is deleted once it has no children; 0 for never. */
  public long dueMillis() {
    return hasLifetime() ? stat().expiresAtMillis() : 0;
  }

  /**
   * A page of children in name order (by UTF-8 bytes). Fewer names than {@code limit} come with
   * {@code more} set where {@link TreeLimits} ends the page.
   *
   * @param afterName only names greater than this; empty for all. An unpaired surrogate in it
   *     counts as a question mark
   */
  public OpResult.ChildNames children(String afterName, int limit) {
    if (!(slot instanceof Znode znode)) {
      return new OpResult.ChildNames(List.of(), false, stat());
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

  private byte[] record() {
    return ZnodePages.record(slot);
  }
}
