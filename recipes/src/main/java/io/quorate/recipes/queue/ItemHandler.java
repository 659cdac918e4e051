package io.quorate.recipes.queue;

/** What is done with an item. */
@FunctionalInterface
public interface ItemHandler<T> {

  /** Returning acknowledges the item; whatever is thrown counts as a failed attempt. */
  void handle(Item<T> item) throws Exception;
}
