package io.quorate.recipes.config;

import io.quorate.client.QuorateClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Waits of handles, for no longer than they were told. */
final class Waiting {
  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE / 2);

  private Waiting() {}

  /**
   * @param what is waited for, for the message on a callback thread
   * @param tooLate makes what is thrown when the time is over
   */
  static void await(
      QuorateClient client,
      CompletableFuture<Boolean> future,
      Duration timeout,
      String what,
      Supplier<? extends RuntimeException> tooLate)
      throws InterruptedException {
    if (!future.isDone() && client.scheduler().onCallbackThread()) {
      throw new IllegalStateException(
          "waiting for "
              + what
              + " on a callback thread would hold up the answer that is waited for: use onChange");
    }
    Duration bounded = timeout.compareTo(FOREVER) > 0 ? FOREVER : timeout;
    long nanos = bounded.isNegative() ? 0 : bounded.toNanos();
    CompletableFuture<Boolean> inTime = future.copy().orTimeout(nanos, TimeUnit.NANOSECONDS);
    try {
      client.blocking().await(inTime);
    } catch (IllegalStateException e) {
      throw e.getCause() instanceof TimeoutException ? tooLate.get() : e;
    }
  }
}
