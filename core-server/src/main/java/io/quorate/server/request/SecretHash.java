package io.quorate.server.request;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The log and the session table know only the hash of a session's secret. */
final class SecretHash {
  private final MessageDigest sha256;

  SecretHash() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** SHA-256, 32 bytes. */
  byte[] of(byte[] secret) {
    return sha256.digest(secret);
  }
}
