package io.quorate.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

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
  /** In an access control list: everybody, with the id {@code anyone}. */
  public static final String WORLD = "world";

  /** In a list that is given: the authenticated identities of who gives it. Never stored. */
  public static final String AUTH = "auth";

  /** {@code user:base64(SHA1(user:password))}, ZooKeeper's. */
  public static final String DIGEST = "digest";

  /** A numeric address; in a list also a prefix, as {@code 10.0.0.0/8} or {@code fd00::/8}. */
  public static final String IP = "ip";

  /** Of a connection: may do everything. In no list. */
  public static final String SUPER = "super";

  /** Everybody. */
  public static final Identity ANYONE = new Identity(WORLD, "anyone");

  private static final String HIDDEN = "x";

  /** The digest identity of a user with that password. */
  public static Identity digest(String user, String password) {
    return digest((user + ":" + password).getBytes(UTF_8));
  }

  /**
   * As above.
   *
   * @param credential {@code user:password}; only the user may not hold a colon
   * @throws IllegalArgumentException if there is no colon behind a user's name
   */
  public static Identity digest(byte[] credential) {
    int colon = 0;
    while (colon < credential.length && credential[colon] != ':') {
      colon++;
    }
    if (colon == 0 || colon == credential.length) {
      throw new IllegalArgumentException("a digest credential is user:password");
    }
    String user = new String(credential, 0, colon, UTF_8);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(credential);
      return new Identity(DIGEST, user + ":" + Base64.getEncoder().encodeToString(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** The identity without its secret part: the hash of a digest identity is an {@code x}. */
  public Identity masked() {
    int colon = id.indexOf(':');
    return scheme.equals(DIGEST) && colon >= 0
        ? new Identity(scheme, id.substring(0, colon + 1) + HIDDEN)
        : this;
  }

  /** {@code scheme:id}, complete. May hold what should not be in a log. */
  public String text() {
    return scheme + ":" + id;
  }

  /** For people and logs: {@link #text} of the {@link #masked} identity. */
  @Override
  public String toString() {
    return masked().text();
  }
}
