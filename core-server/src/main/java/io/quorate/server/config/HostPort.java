package io.quorate.server.config;

/**
 * A host name or address, and a port.
 *
 * @param host without brackets; not resolved
 * @param port 0..65535; 0 stands for any free port where one is bound
 */
public record HostPort(String host, int port) {
  public static final int PORT_MAX = 65535;
  public static final int HOST_CHARS_MAX = 255;

  public HostPort {
    requireHost(host);
    if (port < 0 || port > PORT_MAX) {
      throw new IllegalArgumentException("expected a port in [0, 65535], found " + port);
    }
  }

  /** Parses {@code host:port} or {@code [v6]:port}; {@link IllegalArgumentException} otherwise. */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("expected host:port, found \"" + text + "\"");
    }
    String host = text.substring(0, colon).strip();
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (!bracketed && host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "an IPv6 address needs brackets, as in [::1]:2888; found \"" + text + "\"");
    }
    return new HostPort(
        bracketed ? host.substring(1, host.length() - 1) : host,
        parsePort(text.substring(colon + 1).strip()));
  }

  /** Parses a decimal port. */
  static int parsePort(String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > PORT_MAX) {
      throw new IllegalArgumentException("expected a port in [0, 65535], found \"" + text + "\"");
    }
    return Integer.parseInt(text);
  }

  /** Refuses what can't be a host name or an address. */
  static String requireHost(String host) {
    if (!host.matches("[A-Za-z0-9._:%-]+") || host.length() > HOST_CHARS_MAX) {
      throw new IllegalArgumentException(
          "expected a host name or an address, found \"" + host + "\"");
    }
    return host;
  }

  /**
   * Whether the text names this machine only: 127.0.0.0/8, ::1 or localhost. Decided without a
   * look-up, so any other name counts as beyond loopback.
   */
  public static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("::1")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  public boolean isLoopback() {
    return isLoopback(host);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
