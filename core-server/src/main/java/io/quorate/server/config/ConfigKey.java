package io.quorate.server.config;

import org.jspecify.annotations.Nullable;

/**
 * One setting.
 *
 * @param name as written in the file
 * @param group heading under which the documentation shows it
 * @param type how its text is read
 * @param defaultValue what holds when the file does not say, or null
 * @param required whether the file must say
 * @param doc one line: what it does, and what depends on it
 */
public record ConfigKey<T>(
    String name,
    String group,
    ConfigType<T> type,
    @Nullable T defaultValue,
    boolean required,
    String doc) {

  /** The default of a setting that has one. */
  public T orDefault(@Nullable T value) {
    if (value != null) {
      return value;
    }
    if (defaultValue == null) {
      throw new IllegalArgumentException(name + " has no default and needs a value");
    }
    return defaultValue;
  }

  @Override
  public String toString() {
    return name;
  }
}
