package io.quorate.recipes.base;

import io.quorate.client.NodeExistsException;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Creates a path of persistent znodes. */
public final class Parents {
  private Parents() {}

  /** Creates {@code path} and what is missing above it; others may do the same at the same time. */
  public static CompletableFuture<@Nullable Void> create(QuorateClient client, String path) {
    List<String> chain = new ArrayList<>();
    for (String at = path; !at.equals(ZnodePath.ROOT); at = ZnodePath.parent(at)) {
      chain.add(0, at);
    }
    CompletableFuture<@Nullable Void> all = CompletableFuture.completedFuture(null);
    for (String each : chain) {
      all = all.thenCompose(before -> createOne(client, each));
    }
    return all;
  }

  private static CompletableFuture<@Nullable Void> createOne(QuorateClient client, String path) {
    return client
        .create(path, new byte[0])
        .<@Nullable Void>handle(
            (created, failure) -> {
              if (failure != null && !(Settled.unwrap(failure) instanceof NodeExistsException)) {
                throw new CompletionException(Settled.unwrap(failure));
              }
              return null;
            });
  }
}
