package io.quorate.recipes.lock;

import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.SequentialNames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The queue below a lock's znode, as a list of names. Names that are not those of waiters are
 * ignored: people may leave notes there.
 *
 * @param first who holds the lock; null if nobody
 * @param predecessor who is directly before this waiter; null if nobody
 * @param ahead how many are before this waiter
 * @param present whether this waiter is in the queue
 */
record LockQueue(@Nullable String first, @Nullable String predecessor, int ahead, boolean present) {
  static final String PREFIX = "lock-";

  /** Looks at the queue from the place of {@code ownName}. */
  static LockQueue of(List<String> names, String ownName) {
    Integer own = SequentialNames.number(PREFIX, ownName);
    if (own == null) {
      throw new IllegalArgumentException(
          "expected a name like lock-0000000042, found '" + ownName + "'");
    }
    String first = null;
    int firstNumber = 0;
    String predecessor = null;
    int predecessorNumber = 0;
    int ahead = 0;
    boolean present = false;
    for (String name : names) {
      Integer number = SequentialNames.number(PREFIX, name);
      if (number == null) {
        continue;
      }
      if (first == null || SequentialNames.isBefore(number, firstNumber)) {
        first = name;
        firstNumber = number;
      }
      if (number.equals(own)) {
        present = true;
      } else if (SequentialNames.isBefore(number, own)) {
        ahead++;
        if (predecessor == null || SequentialNames.isBefore(predecessorNumber, number)) {
          predecessor = name;
          predecessorNumber = number;
        }
      }
    }
    return new LockQueue(first, predecessor, ahead, present);
  }

  /** Who is first; empty if nobody is, or if it left in between. */
  static CompletableFuture<Optional<LockHolder>> holder(QuorateClient client, String path) {
    return client
        .children(path)
        .thenCompose(
            children -> {
              String first = firstOf(children.names());
              return first == null
                  ? CompletableFuture.completedFuture(Optional.<LockHolder>empty())
                  : client
                      .get(ZnodePath.child(path, first))
                      .thenApply(znode -> Optional.of(holder(znode)));
            })
        .exceptionally(
            failure -> {
              Throwable cause =
                  failure instanceof CompletionException ? failure.getCause() : failure;
              if (cause instanceof NoNodeException) {
                return Optional.empty();
              }
              throw failure instanceof CompletionException wrapped
                  ? wrapped
                  : new CompletionException(failure);
            });
  }

  static LockHolder holder(Znode znode) {
    byte[] data = znode.data();
    String clientName = data == null ? "?" : new String(data, StandardCharsets.UTF_8);
    return new LockHolder(
        clientName,
        znode.stat().ephemeralOwner(),
        znode.stat().czxid(),
        znode.stat().ctimeMillis());
  }

  private static @Nullable String firstOf(List<String> names) {
    String first = null;
    int firstNumber = 0;
    for (String name : names) {
      Integer number = SequentialNames.number(PREFIX, name);
      if (number != null && (first == null || SequentialNames.isBefore(number, firstNumber))) {
        first = name;
        firstNumber = number;
      }
    }
    return first;
  }
}
