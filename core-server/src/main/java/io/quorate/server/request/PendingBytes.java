package io.quorate.server.request;

import io.quorate.server.base.Invariant;

/** Bytes of proposed writes that wait for their answer, over all connections of a server. */
final class PendingBytes {
  private long bytes;

  void add(long difference) {
    bytes += difference;
    Invariant.check(bytes >= 0, "pending bytes are negative: %d", bytes);
  }

  long bytes() {
    return bytes;
  }
}
