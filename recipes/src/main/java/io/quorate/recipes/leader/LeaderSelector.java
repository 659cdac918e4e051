package io.quorate.recipes.leader;

import io.quorate.client.QuorateClient;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task while leading, from {@link #start} to {@link #close}; each return of the task gives
 * the title up, and the participant queues again.
 *
 * <p>The task runs on an executor of the caller's, one run at a time. When the title is lost or
 * asked back, its thread is interrupted. A task that ignores that keeps nothing: the title goes on
 * at the end of the hand-over time, and this participant does not stand again before the task has
 * returned. A task that throws is logged and counts as returned; after failures in a row the next
 * candidacy waits, up to half a minute. Any thread.
 */
public final class LeaderSelector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderSelector.class);

  private final LeaderLatch latch;
  private final LeaderTask task;
  private final Executor executor;

  /** Made by {@code Recipes.whileLeading}. */
  public LeaderSelector(
      QuorateClient client, String path, String id, LeaderTask task, Executor executor) {
    this.latch = new LeaderLatch(client, path, id);
    this.task = Objects.requireNonNull(task, "task");
    this.executor = Objects.requireNonNull(executor, "executor");
  }

  /** How long the title waits for the task to return when it is given back. Before the start. */
  public LeaderSelector handOver(Duration atMost) {
    latch.handOver(atMost);
    return this;
  }

  /** What to do when contact is lost. Before the start. */
  public LeaderSelector policy(LeaderPolicy inForce) {
    latch.policy(inForce);
    return this;
  }

  /** Joins the election. */
  public LeaderSelector start() {
    latch.start(new Runs());
    return this;
  }

  public LeaderState state() {
    return latch.state();
  }

  /** Whether it leads, as far as it can know. */
  public boolean isLeader() {
    return latch.isLeader();
  }

  public CompletableFuture<Optional<Participant>> leader() {
    return latch.leader();
  }

  public CompletableFuture<List<Participant>> participants() {
    return latch.participants();
  }

  /** Asks whoever leads to step down; its task is interrupted. */
  public CompletableFuture<Optional<Participant>> depose() {
    return latch.depose();
  }

  /** Interrupts the task if it runs, and leaves; waits like {@link LeaderLatch#close}. */
  @Override
  public void close() {
    latch.close();
  }

  @Override
  public String toString() {
    return "LeaderSelector(" + latch.path() + ", " + latch.id() + ", " + latch.state() + ")";
  }

  /** The run of one term. Guarded by its monitor, so that an interrupt never hits a later task. */
  private static final class Run {
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private @Nullable Thread thread;
    private boolean cancelled;

    synchronized boolean begin() {
      if (cancelled) {
        return false;
      }
      thread = Thread.currentThread();
      return true;
    }

    synchronized void end() {
      thread = null;
    }

    synchronized boolean isCancelled() {
      return cancelled;
    }

    synchronized void cancel() {
      cancelled = true;
      Thread runs = thread;
      if (runs != null) {
        runs.interrupt();
      }
    }
  }

  /** Called in turn, never twice at once. */
  private final class Runs implements Candidacy.Hooks {
    private volatile @Nullable Run run;
    private volatile boolean wentBadly;

    @Override
    public CompletableFuture<?> elected(Term term) {
      Run mine = new Run();
      run = mine;
      try {
        executor.execute(() -> runTask(mine, term));
      } catch (RejectedExecutionException e) {
        LOG.error("{} can't run its task: the executor refuses it.", LeaderSelector.this, e);
        ended(mine, term, false);
      }
      return CompletableFuture.completedFuture(Boolean.TRUE);
    }

    private void runTask(Run mine, Term term) {
      boolean well = false;
      try {
        if (mine.begin()) {
          task.run(term);
        }
        well = true;
      } catch (InterruptedException e) {
        well = mine.isCancelled() || !term.isHeld();
      } catch (Throwable e) { // thread top: the task is the user's
        LOG.error("The task of {} failed; it queues again.", LeaderSelector.this, e);
      } finally {
        mine.end();
        boolean cleared = Thread.interrupted(); // meant for the task
        LOG.trace("Task ended, interrupted: {}", cleared);
        ended(mine, term, well);
      }
    }

    private void ended(Run mine, Term term, boolean well) {
      mine.ended.complete(well);
      CompletableFuture<Void> given = term.releaseAsync();
      LOG.trace("Title given back: {}", given);
    }

    @Override
    public CompletableFuture<?> deposed(Term term) {
      Run mine = run;
      if (mine == null) {
        return CompletableFuture.completedFuture(Boolean.TRUE);
      }
      mine.cancel();
      return mine.ended.thenAccept(well -> wentBadly = !well);
    }

    @Override
    public boolean isToPause() {
      return wentBadly;
    }
  }
}
