package io.quorate.server.config;

import java.util.List;

/**
 * A setting that is legal by itself but not beside the others.
 *
 * @param key the one to look at first
 */
record Contradiction(ConfigKey<?> key, String expected, String found) {

  /** What the records do with them: refuse. The parser gives them a line and collects them. */
  static void refuse(List<Contradiction> contradictions) {
    if (!contradictions.isEmpty()) {
      throw new IllegalArgumentException(
          String.join("; ", contradictions.stream().map(Contradiction::toString).toList()));
    }
  }

  @Override
  public String toString() {
    return key + ": expected " + expected + ", found " + found;
  }
}
