package io.quorate.recipes.discovery;

import io.quorate.client.QuorateClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for a future of a handle, for so long. */
final class Waiting {
  private Waiting() {}

  /**
   * Whether it completed in time; throws the unchecked exception that it failed with.
   *
   * @param instead for the message on a callback thread
   */
  static boolean await(
      QuorateClient client, CompletableFuture<?> future, Duration timeout, String instead)
      throws InterruptedException {
    if (!future.isDone() && client.scheduler().onCallbackThread()) {
      throw new IllegalStateException(
          "waiting on a callback thread of client '%s' would hold up what is waited for: %s"
              .formatted(client.clientName(), instead));
    }
    try {
      future.get(nanos(timeout), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        unchecked.fillInStackTrace();
        throw unchecked;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** At most as much as a clock can count. */
  private static long nanos(Duration timeout) {
    Duration most = Duration.ofNanos(Long.MAX_VALUE / 2);
    return timeout.compareTo(most) > 0 ? most.toNanos() : timeout.toNanos();
  }
}
