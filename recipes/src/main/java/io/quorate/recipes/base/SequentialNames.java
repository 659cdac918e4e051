package io.quorate.recipes.base;

import org.jspecify.annotations.Nullable;

/**
 * Order among sequential znodes of one parent: by the ten digits that the server appended.
 *
 * <p>The digits are those of a signed 32-bit counter, which wraps. So two numbers are compared by
 * their difference, which is right as long as fewer than 2^31 creations lie between two znodes that
 * exist at the same time.
 */
public final class SequentialNames {
  private static final int DIGITS = 10;

  private SequentialNames() {}

  /**
   * The number at the end of {@code name}, if it is {@code prefix} and a number as servers write
   * them; else null.
   */
  public static @Nullable Integer number(String prefix, String name) {
    if (!name.startsWith(prefix)) {
      return null;
    }
    String digits = name.substring(prefix.length());
    boolean negative = digits.startsWith("-");
    int length = digits.length() - (negative ? 1 : 0);
    // Ten digits, or for a negative number ten characters with the sign, as "%010d" has it;
    // -2147483648 is the only longer one.
    if (digits.length() < DIGITS || length > DIGITS) {
      return null;
    }
    for (int i = negative ? 1 : 0; i < digits.length(); i++) {
      if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
        return null;
      }
    }
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Whether {@code number} was given out before {@code other}. */
  public static boolean isBefore(int number, int other) {
    return number - other < 0;
  }
}
