package io.quorate.recipes.base;

import io.quorate.client.QuorateClient;
import java.util.concurrent.CompletableFuture;
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
}
