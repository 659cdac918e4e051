package io.quorate.server.tree;

import io.quorate.data.DataLimits;
import io.quorate.data.ZnodePath;

/**
 * The limits of the tree. They decide outcomes at apply, so they are part of the state machine
 * version and not configurable.
 */
public final class TreeLimits {
  /** Data of one znode, bytes. */
  public static final int DATA_BYTES_MAX = DataLimits.DATA_BYTES_MAX;

  /** Length of a path in UTF-16 code units; bounds the depth, too, at half of it. */
  public static final int PATH_CHARS_MAX = 8192;

  /** Names in one answer to a children read, whatever limit was asked for. */
  public static final int CHILDREN_PAGE_MAX = 10_000;

  /** UTF-8 bytes of the names in one answer to a children read; one name is always given. */
  public static final int CHILDREN_PAGE_BYTES_MAX = 512 * 1024;

  /** Longest time to live, and longest time until an expiry: about 34 years (ZooKeeper's). */
  public static final long LIFETIME_MILLIS_MAX = (1L << 40) - 1;

  private TreeLimits() {}

  /** Znodes that are there from the start and can't be deleted. */
  public static boolean isBuiltIn(String path) {
    return path.equals(ZnodePath.ROOT)
        || path.equals("/zookeeper")
        || path.equals("/zookeeper/config")
        || path.equals("/zookeeper/quota");
  }
}
