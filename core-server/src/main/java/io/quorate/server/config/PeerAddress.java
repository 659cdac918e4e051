package io.quorate.server.config;

/**
 * A server of the ensemble as the configuration names it: {@code id@host:port}.
 *
 * @param id 1..255
 * @param address where its peers reach it
 */
public record PeerAddress(int id, HostPort address) {
  public static final int ID_MIN = 1;
  public static final int ID_MAX = 255;

  public PeerAddress {
    if (id < ID_MIN || id > ID_MAX) {
      throw new IllegalArgumentException("expected a server id in [1, 255], found " + id);
    }
  }

  /** Parses {@code id@host:port}; {@link IllegalArgumentException} otherwise. */
  public static PeerAddress parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException("expected id@host:port, found \"" + text + "\"");
    }
    String id = text.substring(0, at).strip();
    if (!id.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException(
          "expected a server id in [1, 255] before the @, found \"" + text + "\"");
    }
    return new PeerAddress(Integer.parseInt(id), HostPort.parse(text.substring(at + 1).strip()));
  }

  @Override
  public String toString() {
    return id + "@" + address;
  }
}
