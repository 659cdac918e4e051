package io.quorate.recipes.config;

import io.quorate.client.Children;
import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Settled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Where replaced values of one config znode are kept: children of {@code <parent>/.history/<name>},
 * each named by the life of the znode and its version, so that their order is that of their names
 * and a re-created znode never meets its predecessor's.
 */
final class ConfigHistory {
  /** A key of this name is no configuration. */
  static final String FOLDER = ".history";

  private static final int LIFE_DIGITS = 16;

  private final QuorateClient client;
  private final String path;

  ConfigHistory(QuorateClient client, String path) {
    this.client = client;
    this.path = path;
  }

  String directory() {
    String folder = ZnodePath.child(ZnodePath.parent(path), FOLDER);
    return ZnodePath.child(folder, ZnodePath.name(path));
  }

  String entry(long czxid, long version) {
    return ZnodePath.child(directory(), name(czxid, version));
  }

  private static String name(long czxid, long version) {
    return "%016x-%010d".formatted(czxid, version);
  }

  /** What is there, oldest first; null if the folder is missing. */
  CompletableFuture<@Nullable List<String>> names(QuorateClient reader) {
    return reader
        .children(directory())
        .<@Nullable List<String>>thenApply(Children::names)
        .exceptionally(
            failure -> {
              if (Settled.unwrap(failure) instanceof NoNodeException) {
                return null;
              }
              throw new CompletionException(Settled.unwrap(failure));
            });
  }

  CompletableFuture<List<Long>> versions() {
    return client
        .get(path)
        .thenCompose(
            current ->
                names(client)
                    .thenApply(
                        names -> {
                          List<Long> found = new ArrayList<>();
                          String life = "%016x-".formatted(current.stat().czxid());
                          for (String name : names == null ? List.<String>of() : names) {
                            if (name.startsWith(life)) {
                              found.add(Long.parseLong(name.substring(LIFE_DIGITS + 1)));
                            }
                          }
                          return found;
                        }));
  }

  /** What that version of the present life was. */
  CompletableFuture<Znode> read(long version) {
    return client
        .get(path)
        .thenCompose(
            current -> {
              if (current.stat().version() == version) {
                return CompletableFuture.completedFuture(current);
              }
              return client
                  .get(entry(current.stat().czxid(), version))
                  .exceptionallyCompose(
                      failure -> unknown(version, current.stat().version(), failure));
            });
  }

  private CompletableFuture<Znode> unknown(long version, long present, Throwable failure) {
    if (!(Settled.unwrap(failure) instanceof NoNodeException)) {
      return CompletableFuture.failedFuture(Settled.unwrap(failure));
    }
    return versions()
        .thenCompose(
            kept ->
                CompletableFuture.failedFuture(
                    new UnknownVersionException(
                        "config %s has no version %d to go back to: it is at %d, its history has %s"
                            .formatted(path, version, present, kept))));
  }
}
