package io.quorate.recipes.leader;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A participant in an election, from {@link #start} to {@link #close}: it queues, is elected,
 * deposed, and queues again, as often as it takes.
 *
 * <p>Being told comes late by nature: a process can be paused between any two instructions. Writes
 * of a leader are protected by the {@link Term}'s fencing token or guard, not by {@link #isLeader}.
 *
 * <p>Any thread. Listeners run on the client's callback executor, one at a time, elections and
 * depositions strictly in turn; they must not wait for this client.
 */
public final class LeaderLatch implements AutoCloseable {
  /** How long the title waits for {@code onDeposed}, unless told otherwise. */
  public static final Duration HAND_OVER = Duration.ofSeconds(10);

  private final QuorateClient client;
  private final Election election;
  private final String id;

  // Set before the start, under this object's monitor.
  private Duration handOver = HAND_OVER;
  private LeaderPolicy policy = LeaderPolicy.KEEP_UNTIL_UNSAFE;
  private Consumer<? super Term> onElected = term -> {};
  private Consumer<? super Term> onDeposed = term -> {};
  private @Nullable Candidacy candidacy;
  private boolean closed;

  /** Made by {@code Recipes.leader}. */
  public LeaderLatch(QuorateClient client, String path, String id) {
    this.client = Objects.requireNonNull(client, "client");
    this.election = new Election(client, path);
    Election.requireId(id);
    this.id = id;
  }

  /** What to do when elected. Before the start. */
  public synchronized LeaderLatch onElected(Consumer<? super Term> listener) {
    requireLatent();
    onElected = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * What to do when deposed: because the title was lost (then somebody else may be elected soon),
   * or before it is given back (then nobody is while this runs, up to {@link #handOver}). Before
   * the start.
   */
  public synchronized LeaderLatch onDeposed(Consumer<? super Term> listener) {
    requireLatent();
    onDeposed = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /** How long the title waits for {@code onDeposed} when it is given back. Before the start. */
  public synchronized LeaderLatch handOver(Duration atMost) {
    requireLatent();
    if (atMost.isNegative()) {
      throw new IllegalArgumentException("hand-over time: expected zero or more, found " + atMost);
    }
    handOver = atMost;
    return this;
  }

  /** What to do when contact is lost. Before the start. */
  public synchronized LeaderLatch policy(LeaderPolicy inForce) {
    requireLatent();
    policy = Objects.requireNonNull(inForce, "policy");
    return this;
  }

  private void requireLatent() {
    if (candidacy != null || closed) {
      throw new IllegalStateException("participant '" + id + "' has been started");
    }
  }

  /** Joins the election. Does not wait, also if no server is there yet. */
  public LeaderLatch start() {
    Executor listeners = client.scheduler().newSerialExecutor();
    return start(
        new Candidacy.Hooks() {
          @Override
          public CompletableFuture<?> elected(Term term) {
            return CompletableFuture.runAsync(() -> onElected.accept(term), listeners);
          }

          @Override
          public CompletableFuture<?> deposed(Term term) {
            return CompletableFuture.runAsync(() -> onDeposed.accept(term), listeners);
          }
        });
  }

  synchronized LeaderLatch start(Candidacy.Hooks hooks) {
    requireLatent();
    Candidacy started = new Candidacy(client, election, id, handOver, policy, hooks);
    candidacy = started;
    started.start();
    return this;
  }

  private synchronized @Nullable Candidacy candidacy() {
    return candidacy;
  }

  private Candidacy started() {
    Candidacy present = candidacy();
    if (present == null) {
      throw new IllegalStateException("participant '" + id + "' has not been started");
    }
    return present;
  }

  public String path() {
    return election.path();
  }

  public String id() {
    return id;
  }

  public LeaderState state() {
    Candidacy present = candidacy();
    if (present != null) {
      return present.state();
    }
    synchronized (this) {
      return closed ? LeaderState.CLOSED : LeaderState.LATENT;
    }
  }

  /** Why it is {@link LeaderState#FAILED}; empty once it is not. */
  public Optional<Throwable> failure() {
    Candidacy present = candidacy();
    return present == null ? Optional.empty() : Optional.ofNullable(present.failure());
  }

  /** Whether it has been elected and nobody else can have been since, as far as it can know. */
  public boolean isLeader() {
    return term().isPresent();
  }

  /** The present term; empty if it does not lead. */
  public Optional<Term> term() {
    Candidacy present = candidacy();
    return present == null ? Optional.empty() : Optional.ofNullable(present.term());
  }

  /** The present term or the next one. Cancelling it changes nothing else. */
  public CompletableFuture<Term> elected() {
    return started().elected();
  }

  /**
   * Waits until it is elected.
   *
   * @throws AcquireTimeoutException if it was not in time; says who leads
   * @throws IllegalStateException on a callback thread, or if closed
   */
  public Term awaitElected(Duration timeout) throws InterruptedException {
    if (client.scheduler().onCallbackThread()) {
      throw new IllegalStateException(
          "waiting for the leadership of "
              + path()
              + " on a callback thread would hold up the answer that is waited for: use elected()");
    }
    CompletableFuture<Term> next = elected();
    try {
      if (Waits.completes(client, next, timeout, "use elected()")) {
        return next.join();
      }
    } finally {
      next.cancel(false); // no harm to one that is done
    }
    throw timedOut(timeout);
  }

  private AcquireTimeoutException timedOut(Duration timeout) throws InterruptedException {
    String who = "who leads could not be read";
    boolean led = false;
    try {
      Optional<Participant> leader =
          election.leader().get(client.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
      led = leader.isPresent();
      who = leader.map(found -> "led by " + found).orElse("nobody leads");
    } catch (TimeoutException | ExecutionException e) {
      who += ": " + e.getMessage();
    }
    return new AcquireTimeoutException(
        "participant '%s' of %s was not elected within %d ms; it is %s; %s"
            .formatted(id, path(), timeout.toMillis(), state(), who),
        led);
  }

  /** Who leads, as the server of this session sees it; empty if nobody does. */
  public CompletableFuture<Optional<Participant>> leader() {
    return election.leader();
  }

  /** All participants in the order in which they will lead, the leader first. */
  public CompletableFuture<List<Participant>> participants() {
    return election.participants();
  }

  /**
   * Asks whoever leads, in whatever process, to step down and queue again. Needs no start.
   *
   * @return who was asked; it leads until it has done as told, or the hand-over time has passed
   */
  public CompletableFuture<Optional<Participant>> depose() {
    return election.depose();
  }

  /** Leaves; if it leads, {@code onDeposed} runs first. Completes when the ensemble knows. */
  public CompletableFuture<Void> closeAsync() {
    Candidacy present;
    synchronized (this) {
      closed = true;
      present = candidacy;
    }
    return present == null ? CompletableFuture.completedFuture(null) : present.close();
  }

  /**
   * As {@link #closeAsync}, waiting for it, but no longer than the hand-over and the request
   * timeout together; on a callback thread not at all. Never throws.
   */
  @Override
  public void close() {
    Waits.quietly(client, closeAsync(), handOver.plus(client.requestTimeout()));
  }

  @Override
  public String toString() {
    return "LeaderLatch(" + path() + ", " + id + ", " + state() + ")";
  }
}
