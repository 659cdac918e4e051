package io.quorate.recipes.base;

import org.jspecify.annotations.Nullable;

/**
 * One znode of a queue, as its name tells it.
 *
 * @param name of the znode, without the directory
 * @param prefix what its name begins with: what is asked for
 * @param number given out by the ensemble, in the order of the queue; wraps around
 */
public record Place(String name, String prefix, int number) {
  public boolean isBefore(Place other) {
    return SequentialNames.isBefore(number, other.number);
  }

  /** The place that {@code name} stands for, or null if it does not belong to the queue. */
  static @Nullable Place of(String prefix, String name) {
    Integer number = SequentialNames.number(prefix, name);
    return number == null ? null : new Place(name, prefix, number);
  }
}
