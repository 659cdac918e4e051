package io.quorate.server.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Where health, metrics and status are served by HTTP.
 *
 * @param bind host name or address of this machine
 * @param port 0 for any free one, {@link #OFF} for none
 */
public record AdminConfig(String bind, int port) {
  /** No admin port at all. */
  public static final int OFF = -1;

  public AdminConfig {
    HostPort.requireHost(bind);
    Ranges.require(ConfigKeys.ADMIN_PORT, port);
  }

  /** What holds when the file says nothing. */
  public static AdminConfig defaults() {
    return new AdminConfig(
        ConfigKeys.ADMIN_BIND.orDefault(null), ConfigKeys.ADMIN_PORT.orDefault(null));
  }

  /** As in servers that are embedded in tests. */
  public static AdminConfig off() {
    return new AdminConfig(ConfigKeys.ADMIN_BIND.orDefault(null), OFF);
  }

  public boolean isOn() {
    return port != OFF;
  }

  static List<Contradiction> contradictions(int adminPort, int clientPort, int peerPort) {
    List<Contradiction> found = new ArrayList<>();
    if (adminPort > 0 && (adminPort == clientPort || adminPort == peerPort)) {
      found.add(
          new Contradiction(
              ConfigKeys.ADMIN_PORT,
              "another port than client.port and peer.port, which are "
                  + clientPort
                  + " and "
                  + peerPort,
              String.valueOf(adminPort)));
    }
    return found;
  }
}
