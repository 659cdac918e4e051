package io.quorate.server.config;

/**
 * A server of the ensemble as the configuration names it: {@code id@host:port}, or {@code
 * id@host:port:observer}.
 *
 * @param id 1..255
 * @param address where its peers reach it
 * @param observer follows and serves clients, but counts towards no quorum
 */
public record PeerAddress(int id, HostPort address, boolean observer) {
  private static final String OBSERVER = ":observer";

  public static final int ID_MIN = 1;
  public static final int ID_MAX = 255;

  public PeerAddress {
    if (id < ID_MIN || id > ID_MAX) {
      throw new IllegalArgumentException("expected a server id in [1, 255], found " + id);
    }
  }

  /** A server that votes. */
  public PeerAddress(int id, HostPort address) {
    this(id, address, false);
  }

  /**
   * Parses {@code id@host:port} with or without {@code :observer}; {@link IllegalArgumentException}
   * otherwise.
   */
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
    String place = text.substring(at + 1).strip();
    boolean observer = place.endsWith(OBSERVER);
    String address =
        observer ? place.substring(0, place.length() - OBSERVER.length()).strip() : place;
    return new PeerAddress(Integer.parseInt(id), HostPort.parse(address), observer);
  }

  @Override
  public String toString() {
    return id + "@" + address + (observer ? OBSERVER : "");
  }
}
