package io.quorate.data;

/**
 * How large what a znode holds may be: the same number for the client, the protocol and the tree.
 */
public final class DataLimits {
  /** Data of one znode, bytes. */
  public static final int DATA_BYTES_MAX = 1 << 20;

  private DataLimits() {}
}
