package io.quorate.recipes.lock;

import io.quorate.client.Deadline;
import io.quorate.client.QuorateClient;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.Settled;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Several locks, acquired one after the other in the order of their paths, whatever order they are
 * named in: so two who want the same ones never wait for each other. Any thread.
 */
public final class MultiLock {
  private final QuorateClient client;
  private final List<DistributedLock> locks;

  /** Made by {@code Recipes.lockAll}. */
  public MultiLock(QuorateClient client, List<String> paths) {
    this.client = Objects.requireNonNull(client, "client");
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("at least one path is needed");
    }
    List<DistributedLock> all = new ArrayList<>();
    for (String path : new TreeSet<>(paths)) {
      all.add(new DistributedLock(client, path));
    }
    this.locks = List.copyOf(all);
  }

  /** In the order in which they are acquired. */
  public List<String> paths() {
    return locks.stream().map(DistributedLock::path).toList();
  }

  /**
   * Waits until all of them are granted; if that fails, none is held.
   *
   * @param timeout for all of them together; zero or less asks once for each and does not queue
   * @throws AcquireTimeoutException if one was not granted in time; says who holds it
   * @throws InterruptedException if interrupted; then none is held
   * @throws IllegalStateException on a callback thread of the client
   */
  public MultiGrant acquire(Duration timeout) throws InterruptedException {
    return Waits.forGrant(client, toString(), () -> acquireAsync(timeout));
  }

  /** As {@link #acquire}, without waiting. Cancelling the future gives everything back. */
  public CompletableFuture<MultiGrant> acquireAsync(Duration timeout) {
    Objects.requireNonNull(timeout, "timeout");
    return new Attempt(timeout).begin();
  }

  @Override
  public String toString() {
    return "MultiLock" + paths();
  }

  /** One wish for all of them; confined to a serial executor. */
  private final class Attempt {
    private final CompletableFuture<MultiGrant> result = new CompletableFuture<>();
    private final Executor lane = client.scheduler().newSerialExecutor();
    private final List<Grant> granted = new ArrayList<>();
    private final boolean waits;
    private final Deadline deadline;
    private @Nullable CompletableFuture<Grant> asked;

    Attempt(Duration timeout) {
      this.waits = !timeout.isZero() && !timeout.isNegative();
      this.deadline = Deadline.after(timeout, client.scheduler()::nanoTime);
    }

    CompletableFuture<MultiGrant> begin() {
      lane.execute(this::next);
      Settled.then(
          result,
          lane,
          all -> {},
          failure -> {
            CompletableFuture<Grant> underWay = asked;
            if (result.isCancelled() && underWay != null) {
              underWay.cancel(false);
            }
            granted.forEach(Grant::close);
          });
      return result;
    }

    private void next() {
      if (result.isDone()) {
        return;
      }
      if (granted.size() == locks.size()) {
        finish();
        return;
      }
      // A deadline that has passed asks once more for the next one, and says who holds it.
      Duration left = waits ? deadline.remaining() : Duration.ZERO;
      CompletableFuture<Grant> underWay = locks.get(granted.size()).acquireAsync(left);
      asked = underWay;
      Settled.then(
          underWay,
          lane,
          grant -> {
            if (result.isDone()) {
              grant.close();
            } else {
              granted.add(grant);
              next();
            }
          },
          result::completeExceptionally);
    }

    private void finish() {
      MultiGrant all = new MultiGrant(granted);
      if (all.isHeld()) {
        result.complete(all);
      } else {
        // One was lost while another was waited for: none is worth anything without it.
        result.completeExceptionally(
            new AcquireTimeoutException(
                "a lock of " + MultiLock.this + " was lost while the others were acquired", true));
      }
    }
  }
}
