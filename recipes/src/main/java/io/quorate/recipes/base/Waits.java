package io.quorate.recipes.base;

import io.quorate.client.QuorateClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Waiting for what was asked for. */
public final class Waits {
  private Waits() {}

  /**
   * Asks, and waits for the answer; an interrupt takes the wish back.
   *
   * @param what is asked for, for a message
   * @param asking gives a future that does no harm when cancelled
   * @throws IllegalStateException on a callback thread, before anything is asked
   */
  public static <T> T forGrant(
      QuorateClient client, String what, Supplier<CompletableFuture<T>> asking)
      throws InterruptedException {
    if (client.scheduler().onCallbackThread()) {
      throw new IllegalStateException(
          "waiting for "
              + what
              + " on a callback thread would hold up the answer that is waited for: use"
              + " acquireAsync");
    }
    CompletableFuture<T> granted = asking.get();
    try {
      return client.blocking().await(granted);
    } catch (InterruptedException e) {
      granted.cancel(false);
      throw e;
    }
  }

  /**
   * Another view of what {@code granted} becomes. Cancelling it cancels {@code granted}; if that
   * was granted in the same instant, it is released.
   */
  public static <T extends Grant, G> CompletableFuture<G> map(
      CompletableFuture<T> granted, Function<? super T, ? extends G> view) {
    CompletableFuture<G> viewed = new CompletableFuture<>();
    CompletableFuture<?> forwarded =
        granted.handle(
            (grant, failure) -> {
              boolean taken =
                  failure == null
                      ? viewed.complete(view.apply(grant))
                      : viewed.completeExceptionally(Settled.unwrap(failure));
              if (!taken && grant != null) {
                grant.close();
              }
              return taken;
            });
    CompletableFuture<?> cancelled =
        viewed.whenComplete(
            (value, failure) -> {
              if (viewed.isCancelled()) {
                granted.cancel(false);
              }
            });
    assert forwarded != null && cancelled != null;
    return viewed;
  }

  /**
   * Waits for something of a handle; whether it completed in time. What it failed with is thrown if
   * it is unchecked.
   *
   * @param instead what to use on a callback thread, for the message there
   * @throws IllegalStateException on a callback thread, unless it is done already
   */
  public static boolean completes(
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

  /**
   * For {@code close}: waits for what was begun, which goes on if it takes longer; not on a
   * callback thread. Never throws; an interrupt ends the waiting and stays set.
   */
  public static void quietly(QuorateClient client, CompletableFuture<?> begun, Duration atMost) {
    if (client.scheduler().onCallbackThread()) {
      return;
    }
    try {
      begun.get(nanos(atMost), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      // What is left goes on in the background, until it succeeds or the session ends.
      return;
    }
  }

  /** At most as much as a clock can count; zero for less. */
  private static long nanos(Duration timeout) {
    if (timeout.isNegative()) {
      return 0;
    }
    Duration most = Duration.ofNanos(Long.MAX_VALUE / 2);
    return timeout.compareTo(most) > 0 ? most.toNanos() : timeout.toNanos();
  }
}
