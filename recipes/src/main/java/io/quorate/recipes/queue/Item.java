package io.quorate.recipes.queue;

import io.quorate.recipes.base.Grant;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * An item that was taken: it belongs to its taker until it is acknowledged, given back, or lost
 * because the session ended or the visibility passed.
 *
 * <p>The fencing token is new with each delivery. {@link #safeUntil} is the earlier of the
 * session's and the visibility's, with a tenth of margin. An item that is lost for this process may
 * not have gone to another yet; the ensemble decides, so an acknowledgement is tried nevertheless.
 * {@link #releaseAsync} and {@link #close} give an item back to the head of its priority, without
 * counting the attempt; after an acknowledgement they do nothing.
 */
public interface Item<T> extends Grant {

  T value();

  /** Of the item; the same in all deliveries. */
  String id();

  /** 1 at the first delivery. */
  int attempt();

  int priority();

  /**
   * The work is done: the item is gone from the queue. Fails with {@code GrantLostException} if it
   * went to somebody else, who does it again. Idempotent.
   */
  CompletableFuture<Void> ack();

  /**
   * The work failed: delivered again after a back-off, or put to the dead letters if this was the
   * last attempt. Fails with {@code GrantLostException} if it went to somebody else.
   *
   * @param reason for people
   */
  CompletableFuture<Void> retry(String reason);

  /** Belongs to this taker for so long from now on. Fails with {@code GrantLostException}. */
  CompletableFuture<Void> extend(Duration visibility);
}
