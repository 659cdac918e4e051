package io.quorate.recipes.lock;

import io.quorate.client.BadVersionException;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Parents;
import io.quorate.recipes.base.QueueAttempt;
import io.quorate.recipes.base.QueueWish;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Settled;
import io.quorate.recipes.base.Standing;
import io.quorate.recipes.base.Waits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A number of permits that processes share. Several are granted together or not at all. First come,
 * first served: who asks for many is not overtaken by those behind who ask for few, so that it is
 * served after as many releases as it takes, and those behind wait so long.
 *
 * <p>The limit is stored in the znode. A handle that says another number is refused at its first
 * use; afterwards it follows {@link #setLimit}, whoever calls that. Any thread.
 */
public final class DistributedSemaphore {
  /** Most permits that a semaphore can have. */
  public static final int LIMIT_MAX = 1_000_000;

  private final QuorateClient client;
  private final String path;
  private final SemaphoreOptions options;
  private final RecipeMeters meters;
  private final byte[] clientName;
  private final int limit;

  /** What the znode is expected to store; 0 once it was found to do so. */
  private volatile int expected;

  /** Made by {@code Recipes.semaphore}. */
  public DistributedSemaphore(
      QuorateClient client, String path, int limit, SemaphoreOptions options) {
    this.client = Objects.requireNonNull(client, "client");
    this.path = LockPaths.valid(path, "a semaphore");
    this.limit = requireLimit(limit);
    this.expected = limit;
    this.options = Objects.requireNonNull(options, "options");
    this.meters = new RecipeMeters(client.meters(), "semaphore");
    this.clientName = client.clientName().getBytes(StandardCharsets.UTF_8);
  }

  private static int requireLimit(int limit) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new IllegalArgumentException(
          "the limit of a semaphore must be in [1, " + LIMIT_MAX + "], found " + limit);
    }
    return limit;
  }

  public String path() {
    return path;
  }

  /** As {@link #acquire(int, Duration)}, one permit. */
  public Permits acquire(Duration timeout) throws InterruptedException {
    return acquire(1, timeout);
  }

  /**
   * Waits until all of them are granted.
   *
   * @param permits from 1 to the limit
   * @param timeout for all of it; zero or less asks once and does not queue
   * @throws LimitMismatchException if the semaphore has another limit, or fewer permits than these
   * @throws AcquireTimeoutException if they were not granted in time
   * @throws InterruptedException if interrupted; then nothing is held and not asked for any more
   * @throws IllegalStateException on a callback thread of the client
   */
  public Permits acquire(int permits, Duration timeout) throws InterruptedException {
    return Waits.forGrant(client, "semaphore " + path, () -> acquireAsync(permits, timeout));
  }

  /** So many permits, if they are free and nobody waits before. */
  public Optional<Permits> tryAcquire(int permits) throws InterruptedException {
    try {
      return Optional.of(acquire(permits, Duration.ZERO));
    } catch (AcquireTimeoutException e) {
      if (!e.isHeldByAnother()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** As {@link #acquire}, without waiting. Cancelling the future gives the place up. */
  public CompletableFuture<Permits> acquireAsync(int permits, Duration timeout) {
    Objects.requireNonNull(timeout, "timeout");
    if (permits < 1 || permits > LIMIT_MAX) {
      throw new IllegalArgumentException(
          "permits must be in [1, " + LIMIT_MAX + "], found " + permits);
    }
    QueueWish wish =
        QueueWish.exclusive(
                "%d of semaphore %s".formatted(permits, path), path, PermitQueue.prefix(permits))
            .withPolicy(PermitQueue::prefixOf, new PermitQueue(path, permits, expected, clientName))
            .withAlsoRead(path, this::make)
            .withMaxHold(options.maxHold());
    return Waits.map(
        new QueueAttempt(client, wish, timeout, meters).begin(),
        grant -> {
          expected = 0;
          return new Permits(grant, permits);
        });
  }

  private CompletableFuture<@Nullable Void> make(QuorateClient patient) {
    return Parents.create(patient, ZnodePath.parent(path))
        .thenCompose(done -> patient.create(path, StoredLimit.of(limit).bytes()))
        .<@Nullable Void>handle(
            (created, failure) -> {
              if (failure != null && !(Settled.unwrap(failure) instanceof NodeExistsException)) {
                throw new CompletionException(Settled.unwrap(failure));
              }
              return null;
            });
  }

  /**
   * Changes the limit for everybody. A larger one lets in who waits; with a smaller one those who
   * hold permits keep them, and nobody gets any until they fit. Who waits for more than there are
   * now is refused.
   */
  public CompletableFuture<Void> setLimit(int another) {
    int wanted = requireLimit(another);
    return setLimitOnce(wanted)
        .exceptionallyCompose(
            failure -> {
              Throwable cause = Settled.unwrap(failure);
              if (cause instanceof BadVersionException) {
                return setLimit(wanted);
              }
              if (cause instanceof NoNodeException) {
                return make(client).thenCompose(made -> setLimit(wanted));
              }
              return CompletableFuture.failedFuture(cause);
            });
  }

  private CompletableFuture<Void> setLimitOnce(int wanted) {
    return client
        .get(path)
        .thenCompose(
            znode -> {
              StoredLimit stored = stored(znode);
              return client.set(path, stored.changedTo(wanted).bytes(), znode.stat().version());
            })
        .thenAccept(stat -> expected = 0);
  }

  private StoredLimit stored(Znode znode) {
    StoredLimit stored = StoredLimit.parse(znode.data());
    if (stored == null) {
      throw new LimitMismatchException(
          "semaphore " + path + " stores no limit in its znode", expected, 0);
    }
    return stored;
  }

  /** The limit that is stored. */
  public CompletableFuture<Integer> limit() {
    return client.get(path).thenApply(znode -> stored(znode).limit());
  }

  /** How many permits are neither out nor asked for by somebody who waits; for people. */
  public CompletableFuture<Integer> available() {
    return client
        .children(path)
        .thenCombine(
            client.get(path),
            (children, znode) -> {
              Standing all = Standing.of(children.names(), "", PermitQueue::prefixOf);
              long asked = PermitQueue.sumTo(all, all.places().size() - 1);
              return (int) Math.max(0, stored(znode).limit() - asked);
            });
  }

  @Override
  public String toString() {
    return "DistributedSemaphore(" + path + ")";
  }
}
