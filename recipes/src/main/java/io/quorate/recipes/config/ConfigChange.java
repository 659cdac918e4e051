package io.quorate.recipes.config;

import org.jspecify.annotations.Nullable;

/** Hears of new values. Called on the client's callback executor, one at a time. */
@FunctionalInterface
public interface ConfigChange<T> {
  /**
   * There is a newer good value. Of several in quick succession only the last may be told.
   *
   * @param was what this listener was told before; at first the initial value, or null without one
   */
  void onChange(@Nullable T was, T now);
}
