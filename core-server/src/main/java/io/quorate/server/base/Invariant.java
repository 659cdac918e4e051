package io.quorate.server.base;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Checks that stay on in production: a node that has proof of its own error stops rather than goes
 * on.
 */
public final class Invariant {
  private Invariant() {}

  /** Throws {@link InvariantViolation} unless {@code condition} holds. */
  public static void check(boolean condition, String message) {
    if (!condition) {
      throw new InvariantViolation(message);
    }
  }

  /** As above, with numbers: {@code format} is a {@link String#format} pattern. */
  public static void check(boolean condition, String format, Object... args) {
    if (!condition) {
      throw new InvariantViolation(String.format(Locale.ROOT, format, args));
    }
  }

  /** The value, which must be there; throws {@link InvariantViolation} if it is null. */
  public static <T> T present(@Nullable T value, String message) {
    if (value == null) {
      throw new InvariantViolation(message);
    }
    return value;
  }
}
