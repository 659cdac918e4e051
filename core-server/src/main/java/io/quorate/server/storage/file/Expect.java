package io.quorate.server.storage.file;

import java.util.Locale;

/** Checks of what was decoded; what fails them is damaged, and they say how. */
final class Expect {
  private Expect() {}

  static void that(boolean condition, String format, Object... args) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, args));
    }
  }

  static void crc(int found, int expected) {
    that(found == expected, "checksum 0x%x expected, found 0x%x", expected, found);
  }
}
