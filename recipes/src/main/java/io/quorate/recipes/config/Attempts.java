package io.quorate.recipes.config;

import io.quorate.client.QuorateClient;
import io.quorate.client.UnavailableException;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Settled;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Times the writes of configuration, retries included. */
final class Attempts {
  private Attempts() {}

  /** From now until it is complete. */
  static void count(QuorateClient client, CompletableFuture<Long> write) {
    RecipeMeters meters = new RecipeMeters(client.meters(), "config");
    long begunNanos = client.scheduler().nanoTime();
    var unused =
        write.whenComplete(
            (done, failure) ->
                meters.attempted(outcome(failure), client.scheduler().nanoTime() - begunNanos));
  }

  private static RecipeMeters.Outcome outcome(@Nullable Throwable failure) {
    if (failure == null) {
      return RecipeMeters.Outcome.GRANTED;
    }
    return Settled.unwrap(failure) instanceof UnavailableException
        ? RecipeMeters.Outcome.TIMED_OUT
        : RecipeMeters.Outcome.FAILED;
  }
}
