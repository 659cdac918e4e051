package io.quorate.recipes.lock;

import io.quorate.client.GrantLostException;
import io.quorate.client.QuorateClient;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.QueueAttempt;
import io.quorate.recipes.base.QueueWish;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Standing;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A lock among processes: fair, owned by the {@link Grant} and not by a thread.
 *
 * <p>Each call of an acquire method asks anew, also from one process or one object: two of them
 * compete, unless {@link LockOptions#reentrant} says otherwise. Any thread; holds no resources of
 * its own, so there is nothing to close but the grants.
 */
public final class DistributedLock {
  private final QuorateClient client;
  static final String PREFIX = "lock-";

  private final String path;
  private final QueueWish wish;
  private final RecipeMeters meters;
  private final @Nullable ReentrantHolds holds;

  /** Made by {@code Recipes.lock}. */
  public DistributedLock(QuorateClient client, String path) {
    this(client, path, LockOptions.DEFAULT);
  }

  /** Made by {@code Recipes.lock}. */
  public DistributedLock(QuorateClient client, String path, LockOptions options) {
    Objects.requireNonNull(client, "client");
    this.path = LockPaths.valid(path, "a lock");
    this.client = client;
    HeldMarker marker = new HeldMarker(path, options.lockDelay());
    this.wish =
        QueueWish.exclusive("lock " + path, path, PREFIX)
            .withPolicy(Standing.prefixes(PREFIX), marker.policy())
            .withMaxHold(options.maxHold())
            .withRelease((own, result) -> marker.atRelease(result));
    this.holds = options.reentrancy() == 1 ? null : new ReentrantHolds(path, options.reentrancy());
    this.meters = new RecipeMeters(client.meters(), "lock");
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
    Objects.requireNonNull(timeout, "timeout");
    ReentrantHolds reentrant = holds;
    if (reentrant == null) {
      return Waits.forGrant(client, "lock " + path, () -> acquireAsync(timeout));
    }
    Grant nested = reentrant.reenter();
    return nested != null
        ? nested
        : reentrant.enter(Waits.forGrant(client, "lock " + path, () -> acquireAsync(timeout)));
  }

  /** The lock, if nobody holds it or waits for it; asks the ensemble, so it takes a round trip. */
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
    return Waits.map(new QueueAttempt(client, wish, timeout, meters).begin(), grant -> grant);
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

  /**
   * This lock for code that wants the JDK's interface. It is owned by the thread that locks: {@code
   * unlock} on another thread throws {@link IllegalMonitorStateException}, and one after a loss
   * {@link GrantLostException}. It re-enters if this lock does; it has no conditions. Each view has
   * owners of its own.
   */
  public Lock asLock() {
    return new LockView(client, this);
  }

  /** Who holds the lock now, as the server of this session sees it; empty if nobody does. */
  public CompletableFuture<Optional<LockHolder>> holder() {
    return LockHolder.of(client, path, Standing.prefixes(PREFIX));
  }

  @Override
  public String toString() {
    return "DistributedLock(" + path + ")";
  }
}
