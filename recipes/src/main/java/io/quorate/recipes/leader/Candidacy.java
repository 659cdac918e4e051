package io.quorate.recipes.leader;

import io.quorate.client.ConnectionState;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.ZnodeEvent;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Pause;
import io.quorate.recipes.base.QueueAttempt;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Settled;
import io.quorate.recipes.base.Waits;
import io.quorate.recipes.base.ZnodeGrant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A participant's way through elections: queue, lead, step down, queue again.
 *
 * <p>Two rules hold throughout. What is told of terms is told in turn: a deposition after its
 * election has been dealt with, the next election after that. And whoever has not dealt with its
 * deposition is not a candidate: it could be elected without being able to lead.
 *
 * <p>Confined to a serial executor; the fields that others read are volatile.
 */
final class Candidacy {
  private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);
  private static final Duration PAUSE_FIRST = Duration.ofMillis(100);
  private static final Duration PAUSE_LONGEST = Duration.ofSeconds(30);

  /** What is to be done about terms; each future completes when that is done. */
  interface Hooks {
    CompletableFuture<?> elected(Term term);

    CompletableFuture<?> deposed(Term term);

    /** Whether the last term went so badly that the next candidacy had better wait. */
    default boolean isToPause() {
      return false;
    }
  }

  private final QuorateClient client;
  private final Election election;
  private final String id;
  private final Duration handOver;
  private final LeaderPolicy policy;
  private final Hooks hooks;
  private final RecipeMeters meters;
  private final Executor lane;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final List<CompletableFuture<Term>> awaiting = new ArrayList<>();

  /** Those who asked the present term to end, until it is released. */
  private final List<CompletableFuture<Void>> leavers = new ArrayList<>();

  private volatile LeaderState state = LeaderState.WAITING;
  private volatile @Nullable Term term;
  private volatile @Nullable Throwable failure;

  /** After refusals in a row, and after terms in a row that went badly. */
  private final Pause refusals;

  private final Pause badTerms;

  private boolean closing;
  private @Nullable CompletableFuture<ZnodeGrant> attempt;
  private @Nullable Subscription pause;
  private @Nullable Subscription handOverEnd;
  private @Nullable Subscription stateChanges;
  private @Nullable Watch requests;

  /** Completes when all that was told of terms so far is dealt with. */
  private CompletableFuture<?> told = CompletableFuture.completedFuture(null);

  Candidacy(
      QuorateClient client,
      Election election,
      String id,
      Duration handOver,
      LeaderPolicy policy,
      Hooks hooks) {
    this.client = client;
    this.election = election;
    this.id = id;
    this.handOver = handOver;
    this.policy = policy;
    this.hooks = hooks;
    this.meters = new RecipeMeters(client.meters(), "leader");
    this.lane = client.scheduler().newSerialExecutor();
    this.refusals = new Pause(client.scheduler(), PAUSE_FIRST, PAUSE_LONGEST);
    this.badTerms = new Pause(client.scheduler(), PAUSE_FIRST, PAUSE_LONGEST);
  }

  void start() {
    lane.execute(
        () -> {
          if (policy == LeaderPolicy.STEP_DOWN_WHEN_SUSPENDED) {
            stateChanges = client.onStateChange(this::onStateChange);
          }
          queue();
        });
  }

  // ---- what others see; any thread -------------------------------------------------------------

  LeaderState state() {
    return state;
  }

  /** The present term, while it is led and the ensemble can't have given it away. */
  @Nullable Term term() {
    Term present = term;
    return present != null && present.isHeld() ? present : null;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** Waits for the end of a term, as far as a close may. */
  void awaitQuietly(CompletableFuture<?> end) {
    Waits.quietly(client, end, handOver.plus(client.requestTimeout()));
  }

  /** The next term, or the present one; cancelling it is no step down. */
  CompletableFuture<Term> elected() {
    CompletableFuture<Term> result = new CompletableFuture<>();
    lane.execute(
        () -> {
          Term present = term();
          if (present != null && state == LeaderState.LEADING) {
            result.complete(present);
          } else if (closing) {
            result.completeExceptionally(closedAlready());
          } else {
            awaiting.removeIf(CompletableFuture::isDone);
            awaiting.add(result);
          }
        });
    return result;
  }

  private IllegalStateException closedAlready() {
    return new IllegalStateException(
        "participant '" + id + "' of " + election.path() + " is closed: it will not be elected");
  }

  // ---- the way
  // -----------------------------------------------------------------------------------

  private void queue() {
    pause = null;
    if (closing) {
      end();
      return;
    }
    state = LeaderState.WAITING;
    CompletableFuture<ZnodeGrant> granted =
        new QueueAttempt(client, election.wish(id), QueueAttempt.ENDLESS, meters).begin();
    attempt = granted;
    Settled.then(granted, lane, this::onGranted, this::onRefused);
  }

  private void onGranted(ZnodeGrant grant) {
    attempt = null;
    refusals.reset();
    failure = null;
    if (closing) {
      Settled.then(grant.releaseAsync(), lane, done -> end(), gone -> end());
      return;
    }
    Term mine = new Term(this, grant, id);
    term = mine;
    state = LeaderState.LEADING;
    tell(() -> hooks.elected(mine));
    grant.onLost(loss -> lane.execute(() -> onLost(mine)));
    requests =
        client.watch(grant.node().path(), event -> lane.execute(() -> onOwnChange(mine, event)));
    // Somebody who saw it first before it knew may have asked already.
    lookForRequest(mine);
    awaiting.forEach(waiter -> waiter.complete(mine));
    awaiting.clear();
    if (policy == LeaderPolicy.STEP_DOWN_WHEN_SUSPENDED
        && client.state() != ConnectionState.CONNECTED) {
      beginStepDown(mine);
    }
  }

  private void onRefused(Throwable refusal) {
    attempt = null;
    if (closing) {
      end();
      return;
    }
    if (refusal instanceof AcquireTimeoutException) {
      queue(); // taken back by nobody but this
      return;
    }
    failure = refusal;
    state = LeaderState.FAILED;
    Duration away = refusals.next();
    LOG.warn(
        "Participant '{}' of {} is refused, asks again in {} ms: {}",
        id,
        election.path(),
        away.toMillis(),
        refusal.toString());
    queueAfter(away);
  }

  private void queueAfter(Duration away) {
    pause = client.scheduler().schedule(away, () -> lane.execute(this::afterPause));
  }

  private void afterPause() {
    if (!closing) {
      queue();
    }
  }

  /** The title is gone already; what is left is to deal with it. */
  private void onLost(Term lost) {
    if (term != lost) {
      return;
    }
    if (state == LeaderState.LEADING) {
      state = LeaderState.STEPPING_DOWN;
      tell(() -> hooks.deposed(lost));
      leave(lost, told);
    }
    // Else it steps down already; its release completes now.
  }

  /** Deals with the deposition, gives the title back, and queues again. Any thread. */
  CompletableFuture<Void> stepDown(Term leaving) {
    CompletableFuture<Void> released = new CompletableFuture<>();
    lane.execute(
        () -> {
          beginStepDown(leaving);
          if (term == leaving) {
            leavers.add(released);
          } else {
            released.complete(null);
          }
        });
    return released;
  }

  private void beginStepDown(Term leaving) {
    if (term != leaving || state != LeaderState.LEADING) {
      return;
    }
    state = LeaderState.STEPPING_DOWN;
    tell(() -> hooks.deposed(leaving));
    CompletableFuture<?> dealtWith = told;
    handOverEnd =
        client
            .scheduler()
            .schedule(
                handOver,
                () ->
                    lane.execute(
                        () -> {
                          if (term == leaving && !dealtWith.isDone()) {
                            LOG.warn(
                                "Participant '{}' of {} has not dealt with its deposition after {}"
                                    + " ms; the title goes on.",
                                id,
                                election.path(),
                                handOver.toMillis());
                            release(leaving);
                          }
                        }));
    leave(leaving, dealtWith);
  }

  private void leave(Term leaving, CompletableFuture<?> dealtWith) {
    Settled.then(dealtWith, lane, done -> dealtWith(leaving), bug -> dealtWith(leaving));
  }

  private void dealtWith(Term leaving) {
    if (handOverEnd != null) {
      handOverEnd.close();
      handOverEnd = null;
    }
    release(leaving);
    Settled.then(leaving.grant().releaseAsync(), lane, done -> left(leaving), bug -> left(leaving));
  }

  /** Gives the title back; completes at once what waits for that if it is lost. */
  private void release(Term leaving) {
    Watch watch = requests;
    requests = null;
    if (watch != null) {
      watch.close();
    }
    Settled.then(
        leaving.grant().releaseAsync(),
        lane,
        done -> {
          List<CompletableFuture<Void>> waiters = List.copyOf(leavers);
          leavers.clear();
          waiters.forEach(waiter -> waiter.complete(null));
          if (closing) {
            closed.complete(null);
          }
        },
        bug -> {});
  }

  private void left(Term gone) {
    if (term == gone) {
      term = null;
      if (!closing && hooks.isToPause()) {
        state = LeaderState.WAITING;
        queueAfter(badTerms.next());
      } else {
        badTerms.reset();
        queue();
      }
    }
  }

  private void onOwnChange(Term mine, ZnodeEvent event) {
    boolean maybeAsked =
        event.type() == ZnodeEvent.Type.DATA_CHANGED || event.type() == ZnodeEvent.Type.RESYNC;
    if (term == mine && maybeAsked) {
      lookForRequest(mine);
    }
  }

  private void lookForRequest(Term mine) {
    Settled.then(
        client.get(mine.grant().node().path()),
        lane,
        znode -> {
          if (Election.isAskedToLeave(znode)) {
            beginStepDown(mine);
          }
        },
        gone -> {}); // a lost znode or session is told apart
  }

  private void onStateChange(ConnectionState now) {
    lane.execute(
        () -> {
          Term present = term;
          if (now != ConnectionState.CONNECTED && present != null) {
            beginStepDown(present);
          }
        });
  }

  /** One after the other; what a hook throws or fails with counts as dealt with. */
  private void tell(Supplier<CompletableFuture<?>> hook) {
    told =
        told.handle((done, ignored) -> Boolean.TRUE)
            .thenComposeAsync(before -> hook.get(), lane)
            .handle(
                (done, bug) -> {
                  if (bug != null) {
                    LOG.error(
                        "A listener of participant '{}' of {} failed.",
                        id,
                        election.path(),
                        Settled.unwrap(bug));
                  }
                  return Boolean.TRUE;
                });
  }

  /** Steps down if it leads, leaves the queue; completes when the ensemble knows. Any thread. */
  CompletableFuture<Void> close() {
    lane.execute(
        () -> {
          if (closing) {
            return;
          }
          closing = true;
          awaiting.forEach(waiter -> waiter.completeExceptionally(closedAlready()));
          awaiting.clear();
          if (stateChanges != null) {
            stateChanges.close();
          }
          Term present = term;
          CompletableFuture<ZnodeGrant> asked = attempt;
          if (present != null) {
            beginStepDown(present);
            if (!present.grant().isHeld()) {
              // Given back or lost already; only the listener is not done with it.
              closed.complete(null);
            }
          } else if (asked != null) {
            asked.cancel(false);
          } else {
            if (pause != null) {
              pause.close();
            }
            end();
          }
        });
    return closed.copy();
  }

  private void end() {
    state = LeaderState.CLOSED;
    closed.complete(null);
  }
}
