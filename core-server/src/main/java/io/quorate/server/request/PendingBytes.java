package io.quorate.server.request;

import io.quorate.server.base.Invariant;

/**
 * Bytes of requests that wait, over all connections of a server: proposed writes until they are
 * applied, others until they are answered.
 */
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
