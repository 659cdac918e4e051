package io.quorate.recipes.config;

import io.quorate.client.QuorateException;

/** Text of a key that is not what a component of a record wants. */
public final class ConfigBindException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final String key;
  private final String expected;
  private final String found;

  ConfigBindException(String key, String expected, String found) {
    super("config key '" + key + "': expected " + expected + ", found " + found);
    this.key = key;
    this.expected = expected;
    this.found = found;
  }

  public String key() {
    return key;
  }

  /** What it should be, for people. */
  public String expected() {
    return expected;
  }

  /** What is there, for people. */
  public String found() {
    return found;
  }
}
