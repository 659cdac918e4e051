package io.quorate.client.connection;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a server's client port is.
 *
 * @param host name or literal address, the latter without brackets
 * @param port 1 to 65535
 */
public record ServerAddress(String host, int port) {
  /** The port where none is given. */
  public static final int PORT_DEFAULT = 2181;

  private static final int PORT_MAX = 65_535;

  /** Reads {@code "host:port,[::1]:port,host"}; refuses an empty list. */
  public static List<ServerAddress> parseList(String text) {
    List<ServerAddress> addresses = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      ServerAddress address = parse(part.strip());
      if (!addresses.contains(address)) {
        addresses.add(address);
      }
    }
    return addresses;
  }

  /** Reads {@code "host:port"}, {@code "[v6]:port"} or either without port. */
  public static ServerAddress parse(String text) {
    int bracket = text.lastIndexOf(']');
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > bracket && (bracket > 0 || text.indexOf(':') == colon);
    String host = hasPort ? text.substring(0, colon) : text;
    if (bracket > 0 && host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = hasPort ? port(text.substring(colon + 1), text) : PORT_DEFAULT;
    if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '[')) {
      throw new IllegalArgumentException("a server is host:port, found '" + text + "'");
    }
    return new ServerAddress(host, port);
  }

  private static int port(String digits, String text) {
    boolean number = !digits.isEmpty() && digits.length() <= 5;
    int port =
        number && digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(digits) : 0;
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException("a port is 1 to 65535, found '" + text + "'");
    }
    return port;
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
