package io.quorate.server.session;

import io.quorate.server.base.Generations;
import io.quorate.server.base.OrderedPages;
import java.util.Arrays;

/** Sessions in id order. */
final class SessionPages extends OrderedPages<Session> {
  SessionPages(Generations generations) {
    super(generations);
  }

  /** An id as eight bytes, highest first: ids are zxids, so never negative. */
  static byte[] key(long id) {
    byte[] key = new byte[Long.BYTES];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (id >>> (8 * (key.length - 1 - i)));
    }
    return key;
  }

  @Override
  protected int compare(Session slot, byte[] key, int from, int to) {
    return Arrays.compareUnsigned(slot.key, 0, slot.key.length, key, from, to);
  }

  @Override
  protected byte[] keyOf(Session slot) {
    return slot.key;
  }
}
