package io.quorate.recipes.lock;

import io.quorate.client.GrantLostException;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.Grant;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A lock among processes: fair, not reentrant, owned by the {@link Grant} and not by a thread.
 *
 * <p>Each call of an acquire method asks anew, also from one process or one object: two of them
 * compete. Any thread; holds no resources of its own, so there is nothing to close but the grants.
 */
public final class DistributedLock {
  private final QuorateClient client;
  private final String path;

  /** Made by {@code Recipes.lock}. */
  public DistributedLock(QuorateClient client, String path) {
    Objects.requireNonNull(client, "client");
    String problem =
        path.equals(ZnodePath.ROOT) ? "the root can't be a lock" : ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("path of a lock: " + problem + ": '" + path + "'");
    }
    this.client = client;
    this.path = path;
  }

  public String path() {
    return path;
  }

  /**
   * Waits until the lock is granted.
   *
   * @param timeout for all of it; zero or less asks once and does not queue
   * @throws AcquireTimeoutException if it was not granted in time; says who holds it
   * @throws InterruptedException if interrupted; then it is not held and not asked for any more
   * @throws IllegalStateException on a callback thread of the client
   */
  public Grant acquire(Duration timeout) throws InterruptedException {
    if (client.scheduler().onCallbackThread()) {
      throw new IllegalStateException(
          "waiting for lock "
              + path
              + " on a callback thread would hold up the answer that is waited for: use"
              + " acquireAsync");
    }
    CompletableFuture<Grant> granted = acquireAsync(timeout);
    try {
      return client.blocking().await(granted);
    } catch (InterruptedException e) {
      granted.cancel(false);
      throw e;
    }
  }

  /**
   * The lock, if nobody holds it or waits for it; asks the ensemble, so it takes some round trips.
   */
  public Optional<Grant> tryAcquire() throws InterruptedException {
    try {
      return Optional.of(acquire(Duration.ZERO));
    } catch (AcquireTimeoutException e) {
      if (!e.isHeldByAnother()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /**
   * As {@link #acquire}, without waiting. Cancelling the future gives the place in the queue up; if
   * it was granted in the same instant, it is released.
   */
  public CompletableFuture<Grant> acquireAsync(Duration timeout) {
    Objects.requireNonNull(timeout, "timeout");
    LockAttempt attempt = new LockAttempt(client, path, timeout);
    return attempt.begin();
  }

  /**
   * Runs {@code work} while holding the lock and returns what it returned.
   *
   * @throws GrantLostException if the grant was lost before {@code work} returned: what it did may
   *     not have been alone
   */
  public <T> T call(Duration timeout, Function<? super Grant, ? extends T> work)
      throws InterruptedException {
    try (Grant grant = acquire(timeout)) {
      T result = work.apply(grant);
      if (!grant.isHeld()) {
        throw new GrantLostException(
            "lock "
                + path
                + " with token "
                + Zxid.format(grant.fencingToken())
                + " was lost while the work ran",
            path,
            0,
            grant.fencingToken(),
            0);
      }
      return result;
    }
  }

  /** As {@link #call}, for work without a result. */
  public void run(Duration timeout, Consumer<? super Grant> work) throws InterruptedException {
    call(
        timeout,
        grant -> {
          work.accept(grant);
          return Boolean.TRUE;
        });
  }

  /** Who holds the lock now, as the server of this session sees it; empty if nobody does. */
  public CompletableFuture<Optional<LockHolder>> holder() {
    return LockQueue.holder(client, path);
  }

  @Override
  public String toString() {
    return "DistributedLock(" + path + ")";
  }
}
