package io.quorate.server.config;

/** Lets the records check a value by the same rule as the text of the setting. */
final class Ranges {
  private Ranges() {}

  /** Refuses a value whose own text would not be accepted. */
  static <T> void require(ConfigKey<T> key, T value) {
    String text = key.type().print(value);
    boolean legal;
    try {
      legal = key.type().parse(text).equals(value);
    } catch (IllegalArgumentException e) {
      legal = false;
    }
    if (!legal) {
      throw new IllegalArgumentException(
          key + ": expected " + key.type().expected() + ", found " + text);
    }
  }
}
