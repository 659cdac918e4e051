package io.quorate.recipes.lock;

import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.Place;
import io.quorate.recipes.base.Settled;
import io.quorate.recipes.base.Standing;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who stands first in the queue of a lock.
 *
 * @param clientName as its client calls itself
 * @param sessionId session that holds the lock and whose end frees it
 * @param fencingToken of its grant
 * @param queuedAtMillis when it asked for the lock, by the leader's wall clock
 */
public record LockHolder(
    String clientName, long sessionId, long fencingToken, long queuedAtMillis) {

  /** Who is first; empty if nobody is, or if it left in between. */
  static CompletableFuture<Optional<LockHolder>> of(
      QuorateClient client, String path, Function<String, @Nullable String> prefixOf) {
    return client
        .children(path)
        .thenCompose(
            children -> {
              Place first = Standing.of(children.names(), "", prefixOf).first();
              return first == null
                  ? CompletableFuture.completedFuture(Optional.<LockHolder>empty())
                  : client
                      .get(ZnodePath.child(path, first.name()))
                      .thenApply(znode -> Optional.of(of(znode)));
            })
        .exceptionally(
            failure -> {
              Throwable cause = Settled.unwrap(failure);
              if (cause instanceof NoNodeException) {
                return Optional.empty();
              }
              throw new CompletionException(cause);
            });
  }

  private static LockHolder of(Znode znode) {
    byte[] data = znode.data();
    String clientName = data == null ? "?" : new String(data, StandardCharsets.UTF_8);
    return new LockHolder(
        clientName,
        znode.stat().ephemeralOwner(),
        znode.stat().czxid(),
        znode.stat().ctimeMillis());
  }

  @Override
  public String toString() {
    return "client '"
        + clientName
        + "', session "
        + Zxid.format(sessionId)
        + ", token "
        + Zxid.format(fencingToken);
  }
}
