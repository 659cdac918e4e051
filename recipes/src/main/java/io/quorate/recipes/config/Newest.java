package io.quorate.recipes.config;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells one listener of the newest of a sequence, with what it was told before. While it is busy,
 * at most one telling waits, and that one takes the newest: a storm costs a slow listener nothing,
 * and the last is always told.
 */
final class Newest<S> {
  private final Executor lane;
  private final BiConsumer<@Nullable S, S> listener;
  private final BooleanSupplier over;
  private final AtomicReference<@Nullable S> waiting = new AtomicReference<>();

  /** Of the lane. */
  private @Nullable S told;

  /**
   * @param lane serial
   * @param first what the listener knows already
   * @param over whether nothing is to be told any more
   */
  Newest(
      Executor lane, @Nullable S first, BiConsumer<@Nullable S, S> listener, BooleanSupplier over) {
    this.lane = lane;
    this.told = first;
    this.listener = listener;
    this.over = over;
  }

  /** Any thread, in the order of the sequence. */
  void offer(S newest) {
    if (waiting.getAndSet(newest) == null) {
      lane.execute(this::tell);
    }
  }

  private void tell() {
    S now = waiting.getAndSet(null);
    if (now == null || over.getAsBoolean()) {
      return;
    }
    S was = told;
    told = now;
    listener.accept(was, now);
  }
}
