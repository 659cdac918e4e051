package io.quorate.server.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Text that must not be seen: prints {@code ***}, compares in constant time. */
public final class Secret {
  private final byte[] utf8;

  private Secret(byte[] utf8) {
    this.utf8 = utf8;
  }

  public static Secret of(String text) {
    return new Secret(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy of the bytes (UTF-8). */
  public byte[] bytes() {
    return utf8.clone();
  }

  /** Length in bytes. */
  public int length() {
    return utf8.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(utf8, secret.utf8);
  }

  @Override
  public int hashCode() {
    return utf8.length;
  }

  @Override
  public String toString() {
    return "***";
  }
}
