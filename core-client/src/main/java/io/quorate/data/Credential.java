package io.quorate.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What proves an identity to a server. Equal by content; the bytes are its own and never shown. */
public final class Credential {
  /** Longest name of a scheme, characters. */
  public static final int SCHEME_CHARS_MAX = 32;

  /** Longest secret, bytes. */
  public static final int BYTES_MAX = 1024;

  private final String scheme;
  private final byte[] bytes;

  /**
   * @param scheme such as {@code digest}
   * @param bytes what the scheme wants, {@code user:password} in UTF-8 for {@code digest}; copied
   */
  public Credential(String scheme, byte[] bytes) {
    if (scheme.isEmpty() || scheme.length() > SCHEME_CHARS_MAX) {
      throw new IllegalArgumentException(
          "a scheme has 1 to %d characters, found %d".formatted(SCHEME_CHARS_MAX, scheme.length()));
    }
    if (bytes.length == 0 || bytes.length > BYTES_MAX) {
      throw new IllegalArgumentException(
          "a credential has 1 to %d bytes, found %d".formatted(BYTES_MAX, bytes.length));
    }
    this.scheme = scheme;
    this.bytes = bytes.clone();
  }

  public String scheme() {
    return scheme;
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Credential that
        && scheme.equals(that.scheme)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * scheme.hashCode() + Arrays.hashCode(bytes);
  }

  /** The scheme only. */
  @Override
  public String toString() {
    return "credential of scheme " + scheme;
  }
}
