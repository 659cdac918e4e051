package io.quorate.recipes.base;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What to do when a future settles, for callers with nobody to hand a resulting future to. */
public final class Settled {
  private static final Logger LOG = LoggerFactory.getLogger(Settled.class);

  private Settled() {}

  /**
   * Calls, on {@code executor}, one of both with the value or with the failure itself, without the
   * wrapping that composition adds. What they throw is a bug and logged.
   */
  public static <T> void then(
      CompletableFuture<T> future,
      Executor executor,
      Consumer<? super T> onValue,
      Consumer<? super Throwable> onFailure) {
    CompletableFuture<?> reported =
        future
            .handleAsync(
                (value, failure) -> {
                  if (failure == null) {
                    onValue.accept(value);
                  } else {
                    onFailure.accept(unwrap(failure));
                  }
                  return Boolean.TRUE;
                },
                executor)
            .exceptionally(
                bug -> {
                  LOG.error("A reaction to an answer failed; a recipe may not go on.", unwrap(bug));
                  return Boolean.FALSE;
                });
    assert reported != null;
  }

  /** Without the wrapping that composition adds. */
  public static Throwable unwrap(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
