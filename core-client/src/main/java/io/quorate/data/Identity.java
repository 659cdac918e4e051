package io.quorate.data;

/**
 * Who somebody is, as one scheme of authentication says: {@code ip:10.0.0.7}, {@code
 * digest:ann:<base64 of a hash>}, {@code world:anyone}.
 *
 * <p>A connection has the identity of its address, and those that it authenticates for. The server
 * that holds the connection stamps them on every command, so that each replica decides alike.
 *
 * @param scheme {@code world}, {@code ip}, {@code digest}, {@code auth} or {@code super}
 * @param id what the scheme says of its form
 */
public record Identity(String scheme, String id) {
  /** Everybody. */
  public static final Identity ANYONE = new Identity("world", "anyone");

  /** {@code scheme:id}. May hold what should not be in a log: see {@link #masked}. */
  @Override
  public String toString() {
    return scheme + ":" + id;
  }

  /** For people and logs: without the hash of a digest identity. */
  public String masked() {
    int colon = id.indexOf(':');
    return scheme.equals("digest") && colon >= 0
        ? scheme + ":" + id.substring(0, colon) + ":x"
        : toString();
  }
}
