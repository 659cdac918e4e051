package io.quorate.server.transport.client;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts connections, in all and per address. Thread-safe: connections come and go on several
 * loops.
 */
final class ConnectionLimits {
  /** Most connections that are being told at once that there are too many. */
  static final int SHEDDING_MAX = 256;

  private final int max;
  private final int perAddressMax;
  private final Map<InetAddress, Integer> perAddress = new HashMap<>();
  private int admitted;
  private int shedding;

  ConnectionLimits(int max, int perAddressMax) {
    this.max = max;
    this.perAddressMax = perAddressMax;
  }

  /** Counts a new connection; {@link #leave} with the same answer must follow at its end. */
  synchronized Admission enter(InetAddress address) {
    int fromThere = perAddress.getOrDefault(address, 0);
    if (admitted < max && fromThere < perAddressMax) {
      admitted++;
      perAddress.put(address, fromThere + 1);
      return Admission.ADMITTED;
    }
    if (shedding < SHEDDING_MAX) {
      shedding++;
      return Admission.SHED;
    }
    return Admission.DROPPED;
  }

  synchronized void leave(InetAddress address, Admission admission) {
    switch (admission) {
      case ADMITTED -> {
        admitted--;
        perAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
      }
      case SHED -> shedding--;
      case DROPPED -> {}
    }
  }

  synchronized int admitted() {
    return admitted;
  }
}
