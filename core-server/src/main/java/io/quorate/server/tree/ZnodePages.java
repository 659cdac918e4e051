package io.quorate.server.tree;

import io.quorate.server.base.Generations;
import io.quorate.server.base.OrderedPages;

/**
 * Children in name order. A slot is a packed {@link ZnodeRecord} ({@code byte[]}) or a {@link
 * Znode}.
 *
 * <p>The order is that of the UTF-8 bytes, which is that of the code points. For valid names it is
 * also that of {@code String.compareTo}: no valid name holds a surrogate.
 */
final class ZnodePages extends OrderedPages<Object> {
  ZnodePages(Generations generations) {
    super(generations);
  }

  /** The packed part of a slot. */
  static byte[] record(Object slot) {
    return slot instanceof Znode znode ? znode.record : (byte[]) slot;
  }

  @Override
  protected int compare(Object slot, byte[] key, int from, int to) {
    return ZnodeRecord.compareName(record(slot), key, from, to);
  }

  @Override
  protected byte[] keyOf(Object slot) {
    return ZnodeRecord.name(record(slot));
  }
}
