package io.quorate.server.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.Identity;
import io.quorate.protocol.message.ClientMessage;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection may call itself: its address from the beginning, and what it authenticates for.
 * Anybody may be any digest identity whose password he knows; there is no list of users, the hash
 * in the access control lists is what counts. Credentials go no further than this class.
 */
final class Authenticator {
  /** Identities of one connection: they travel with each of its writes. */
  static final int IDENTITIES_MAX = 16;

  /** Bytes of one credential. */
  static final int CREDENTIAL_BYTES_MAX = 1024;

  private final @Nullable String superDigest;

  /**
   * @param superDigest the digest id ({@code user:hash}) of who may do everything; null for nobody
   */
  Authenticator(@Nullable String superDigest) {
    this.superDigest = superDigest;
  }

  /** Of a connection that has just opened. */
  static List<Identity> atFirst(ClientConnection connection) {
    String address = connection.hostAddress();
    return address.isEmpty() ? List.of() : List.of(new Identity(Identity.IP, address));
  }

  /** The identities after a message; the same list if it is not accepted. */
  List<Identity> after(ClientMessage.Auth auth, List<Identity> before) {
    Identity proven = proven(auth);
    if (proven == null || before.contains(proven)) {
      return before;
    }
    List<Identity> after = new ArrayList<>(before);
    after.add(proven);
    if (isSuper(proven)) {
      after.add(new Identity(Identity.SUPER, ""));
    }
    return after.size() > IDENTITIES_MAX ? before : List.copyOf(after);
  }

  /** Whether a connection that has these identities after a message was accepted by it. */
  boolean isAccepted(ClientMessage.Auth auth, List<Identity> after) {
    Identity proven = proven(auth);
    return proven != null && after.contains(proven);
  }

  /** Null if the scheme is not known, or the credential is none of the scheme. */
  private static @Nullable Identity proven(ClientMessage.Auth auth) {
    if (!auth.scheme().equals(Identity.DIGEST) || auth.credential().length > CREDENTIAL_BYTES_MAX) {
      return null;
    }
    try {
      return Identity.digest(auth.credential());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private boolean isSuper(Identity identity) {
    return superDigest != null
        && MessageDigest.isEqual(superDigest.getBytes(UTF_8), identity.id().getBytes(UTF_8));
  }
}
