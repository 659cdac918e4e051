package io.quorate.server.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Finds ports that a server can have now and again after a restart.
 *
 * <p>They lie below the range that operating systems take ports of outgoing connections from:
 * nobody gets one by chance while the server that it belongs to is down.
 */
final class FreePorts {
  private static final int PORT_MIN = 15_000;
  private static final int PORT_MAX_EXCLUSIVE = 32_000;
  private static final int ATTEMPTS_MAX = 10_000;

  private FreePorts() {}

  /** So many different ports, free on loopback at this moment. */
  static List<Integer> find(int count) {
    SplittableRandom random = new SplittableRandom();
    List<Integer> found = new ArrayList<>();
    for (int attempt = 0; attempt < ATTEMPTS_MAX && found.size() < count; attempt++) {
      int port = random.nextInt(PORT_MIN, PORT_MAX_EXCLUSIVE);
      if (!found.contains(port) && isFree(port)) {
        found.add(port);
      }
    }
    if (found.size() < count) {
      throw new UncheckedIOException(
          new IOException(
              "no %d free ports between %d and %d".formatted(count, PORT_MIN, PORT_MAX_EXCLUSIVE)));
    }
    return found;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
