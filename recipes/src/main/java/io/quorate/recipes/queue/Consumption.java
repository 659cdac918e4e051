package io.quorate.recipes.queue;

import java.util.concurrent.CompletableFuture;

/** A number of workers that take items of one queue until this is closed. Any thread. */
public interface Consumption extends AutoCloseable {

  /** Items that a handler works on now. */
  int running();

  /**
   * Takes no more items. Completes when no handler is running and what they did is acknowledged;
   * items that no handler has begun are given back.
   */
  CompletableFuture<Void> closeAsync();

  /**
   * As {@link #closeAsync}, and waits, but no longer than the client's request timeout: handlers
   * that take longer go on and are acknowledged when they are done. Doesn't wait on a callback
   * thread. Never throws.
   */
  @Override
  void close();
}
