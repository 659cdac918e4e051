package io.quorate.client;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What a client is called when nobody says. */
final class ClientName {
  /** Longest name, UTF-16 code units. */
  static final int CHARS_MAX = 256;

  private static final int HOST_CHARS_MAX = 200;

  private ClientName() {}

  /** Host and process id. */
  static String ofThisProcess() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown host";
    }
    return host.substring(0, Math.min(host.length(), HOST_CHARS_MAX))
        + " pid "
        + ProcessHandle.current().pid();
  }
}
