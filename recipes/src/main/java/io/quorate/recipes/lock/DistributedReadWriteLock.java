package io.quorate.recipes.lock;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.ForwardingGrant;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.Place;
import io.quorate.recipes.base.QueueAttempt;
import io.quorate.recipes.base.QueuePolicy;
import io.quorate.recipes.base.QueueWish;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Standing;
import io.quorate.recipes.base.Verdict;
import io.quorate.recipes.base.Waits;
import io.quorate.recipes.base.ZnodeGrant;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A lock that many readers hold at a time, or one writer. Fair: readers and writers stand in one
 * queue, and nobody overtakes, so a stream of readers keeps no writer waiting for ever. Not
 * reentrant.
 *
 * <p>The token of a reader is for comparing, never for recording: writes that are fenced carry the
 * token of a writer. Any thread.
 */
public final class DistributedReadWriteLock {
  static final String READ = "read-";
  static final String WRITE = "write-";

  private static final Function<String, @Nullable String> NAMES = Standing.prefixes(READ, WRITE);

  private final QuorateClient client;
  private final String path;
  private final RecipeMeters meters;

  /** How many read grants each thread acquired here and did not release. */
  private final Map<Thread, Integer> readers = new ConcurrentHashMap<>();

  /** Made by {@code Recipes.readWriteLock}. */
  public DistributedReadWriteLock(QuorateClient client, String path) {
    this.client = Objects.requireNonNull(client, "client");
    this.path = LockPaths.valid(path, "a read-write lock");
    this.meters = new RecipeMeters(client.meters(), "lock");
  }

  public String path() {
    return path;
  }

  /** The side that many hold at a time. */
  public Side<Grant> read() {
    return new Side<>(this, READ);
  }

  /**
   * The side that one holds. To wait for it while the same thread holds the read lock throws {@link
   * UpgradeRefusedException}.
   */
  public Side<WriteGrant> write() {
    return new Side<>(this, WRITE);
  }

  private CompletableFuture<ZnodeGrant> ask(String prefix, Duration timeout) {
    QueueWish wish =
        QueueWish.exclusive(
                (prefix.equals(READ) ? "read lock " : "write lock ") + path, path, prefix)
            .withPolicy(NAMES, prefix.equals(READ) ? reading(path) : writing(path));
    return new QueueAttempt(client, wish, timeout, meters).begin();
  }

  /** A reader waits for the nearest writer before it, and for nobody else. */
  static QueuePolicy reading(String path) {
    return (standing, own, extra) -> {
      Place writer = standing.nearestBefore(WRITE);
      if (writer == null) {
        return Verdict.GRANTED;
      }
      boolean onlyOne =
          standing.places().stream()
              .limit(standing.index())
              .noneMatch(place -> place.prefix().equals(WRITE) && !place.equals(writer));
      return Verdict.waitForEnd(path, writer, onlyOne);
    };
  }

  /**
   * A writer waits for whoever is before it. When that was a writer, it may have become a reader in
   * its place.
   */
  static QueuePolicy writing(String path) {
    return (standing, own, extra) -> {
      Place before = standing.predecessor();
      return before == null
          ? Verdict.GRANTED
          : Verdict.waitForEnd(path, before, standing.index() == 1 && before.prefix().equals(READ));
    };
  }

  private void countReader(Thread thread, int change) {
    readers.compute(
        thread,
        (key, count) -> {
          int now = (count == null ? 0 : count) + change;
          return now == 0 ? null : now;
        });
  }

  @Override
  public String toString() {
    return "DistributedReadWriteLock(" + path + ")";
  }

  /**
   * One side of the lock. Any thread.
   *
   * @param <G> what it grants
   */
  public static final class Side<G extends Grant> {
    private final DistributedReadWriteLock lock;
    private final String prefix;

    private Side(DistributedReadWriteLock lock, String prefix) {
      this.lock = lock;
      this.prefix = prefix;
    }

    /**
     * Waits until it is granted.
     *
     * @param timeout for all of it; zero or less asks once and does not queue
     * @throws AcquireTimeoutException if it was not granted in time
     * @throws UpgradeRefusedException if this thread holds the read lock and asks for the write
     *     lock
     * @throws InterruptedException if interrupted; then it is not held and not asked for any more
     * @throws IllegalStateException on a callback thread of the client
     */
    public G acquire(Duration timeout) throws InterruptedException {
      Thread thread = Thread.currentThread();
      boolean reads = prefix.equals(READ);
      if (!reads && lock.readers.containsKey(thread)) {
        throw new UpgradeRefusedException(lock.path);
      }
      ZnodeGrant grant =
          Waits.forGrant(lock.client, lock.toString(), () -> lock.ask(prefix, timeout));
      if (reads) {
        lock.countReader(thread, 1);
        return typed(new Counted(lock, thread, grant));
      }
      return view(grant);
    }

    /** It, if nobody is in the way. */
    public Optional<G> tryAcquire() throws InterruptedException {
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
     * As {@link #acquire}, without waiting; belongs to no thread, so that an upgrade is not noticed
     * and waits until its timeout. Cancelling the future gives the place in the queue up.
     */
    public CompletableFuture<G> acquireAsync(Duration timeout) {
      Objects.requireNonNull(timeout, "timeout");
      return Waits.map(lock.ask(prefix, timeout), this::view);
    }

    private G view(ZnodeGrant grant) {
      return typed(prefix.equals(READ) ? grant : new WriteGrant(lock.client, grant));
    }

    @SuppressWarnings("unchecked") // A side is made with the prefix that its type stands for.
    private G typed(Grant grant) {
      return (G) grant;
    }
  }

  /** A read grant that its thread is known to hold. */
  private static final class Counted extends ForwardingGrant {
    private final DistributedReadWriteLock lock;
    private final Thread thread;
    private boolean left;

    Counted(DistributedReadWriteLock lock, Thread thread, Grant grant) {
      super(grant);
      this.lock = lock;
      this.thread = thread;
    }

    @Override
    public CompletableFuture<Void> releaseAsync() {
      leave();
      return super.releaseAsync();
    }

    @Override
    public void close() {
      leave();
      super.close();
    }

    private synchronized void leave() {
      if (!left) {
        left = true;
        lock.countReader(thread, -1);
      }
    }
  }
}
