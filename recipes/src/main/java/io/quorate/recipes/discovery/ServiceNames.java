package io.quorate.recipes.discovery;

import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.base.Settled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Which services there are: the folders that have a child, a bounded number asked at a time. */
final class ServiceNames {
  private static final int ASKED_MAX = 64;

  private final QuorateClient client;
  private final String root;
  private final List<String> folders;
  private final List<String> used = new ArrayList<>();

  private ServiceNames(QuorateClient client, String root, List<String> folders) {
    this.client = client;
    this.root = root;
    this.folders = folders;
  }

  static CompletableFuture<List<String>> read(QuorateClient client, String root) {
    return client
        .children(root)
        .handle(
            (children, failure) -> {
              if (failure == null) {
                return children.names();
              }
              Throwable cause = Settled.unwrap(failure);
              if (cause instanceof NoNodeException) {
                return List.<String>of();
              }
              throw new CompletionException(cause);
            })
        .thenCompose(names -> new ServiceNames(client, root, names).from(0));
  }

  private CompletableFuture<List<String>> from(int index) {
    if (index >= folders.size()) {
      return CompletableFuture.completedFuture(List.copyOf(used));
    }
    List<String> asked = folders.subList(index, Math.min(folders.size(), index + ASKED_MAX));
    List<CompletableFuture<Boolean>> answers =
        asked.stream()
            .map(
                name ->
                    client
                        .exists(ZnodePath.child(root, name))
                        .thenApply(stat -> stat.map(ZnodeStat::numChildren).orElse(0) > 0))
            .toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenCompose(
            all -> {
              for (int i = 0; i < asked.size(); i++) {
                if (answers.get(i).join()) {
                  used.add(asked.get(i));
                }
              }
              return from(index + asked.size());
            });
  }
}
