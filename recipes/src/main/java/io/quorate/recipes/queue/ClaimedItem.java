package io.quorate.recipes.queue;

import io.quorate.client.CreateOptions;
import io.quorate.client.Deadline;
import io.quorate.client.GrantLostException;
import io.quorate.client.Op;
import io.quorate.client.SessionLoss;
import io.quorate.client.Subscription;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.GrantLoss;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Settled;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An item that was claimed: stands on an ephemeral znode that expires with the visibility. Its
 * state is guarded by this object's monitor; nothing is called under it.
 */
final class ClaimedItem<T> implements Item<T> {
  /** What of the visibility is not counted on, for clocks that run at different speeds. */
  private static final int MARGIN_DIVISOR = 10;

  private final QueueCore core;
  private final Envelope envelope;
  private final @Nullable T value;
  private final long token;
  private final long sessionId;
  private final List<Consumer<GrantLoss>> listeners = new ArrayList<>();

  private @Nullable CompletableFuture<Void> settled;
  private @Nullable GrantLoss loss;
  private @Nullable Subscription sessionLost;
  private @Nullable Subscription timer;
  private RecipeMeters.@Nullable Running held;
  private long visibleUntilNanos;

  ClaimedItem(
      QueueCore core,
      Envelope envelope,
      @Nullable T value,
      long token,
      long sessionId,
      long sentNanos) {
    this.core = core;
    this.envelope = envelope;
    this.value = value;
    this.token = token;
    this.sessionId = sessionId;
    this.visibleUntilNanos = until(sentNanos, core.options.visibility());
  }

  private static long until(long sentNanos, Duration visibility) {
    long nanos = Math.min(visibility.toMillis(), Duration.ofDays(3650).toMillis()) * 1_000_000;
    return sentNanos + nanos - nanos / MARGIN_DIVISOR;
  }

  void begin() {
    held = core.meters.grants.held();
    Subscription subscription = core.client.onSessionLost(this::onSessionLost);
    synchronized (this) {
      sessionLost = subscription;
    }
    if (core.client.sessionId() != sessionId) {
      lose(GrantLoss.Cause.SESSION_LOST, "session " + Zxid.format(sessionId) + " ended");
    }
    setTimer();
  }

  private void setTimer() {
    synchronized (this) {
      if (isOver()) {
        return;
      }
      if (timer != null) {
        timer.close();
      }
      Duration left = Duration.ofNanos(Math.max(0, visibleUntilNanos - core.nanoTime()));
      timer = core.client.scheduler().schedule(left, this::onVisibilityPassed);
    }
  }

  private void onVisibilityPassed() {
    synchronized (this) {
      if (visibleUntilNanos - core.nanoTime() > 0) {
        return;
      }
    }
    if (lose(GrantLoss.Cause.HOLD_EXPIRED, "the visibility passed")) {
      core.problem(
          "item "
              + envelope.id()
              + ", attempt "
              + envelope.attempts()
              + ", was not acknowledged in time",
          lost("its visibility passed"));
    }
  }

  private void onSessionLost(SessionLoss lost) {
    if (lost.sessionId() == sessionId) {
      lose(
          GrantLoss.Cause.SESSION_LOST, "session " + Zxid.format(sessionId) + ": " + lost.reason());
    }
  }

  private boolean lose(GrantLoss.Cause cause, String reason) {
    GrantLoss lost = new GrantLoss(cause, token, reason);
    List<Consumer<GrantLoss>> told;
    synchronized (this) {
      if (isOver()) {
        return false;
      }
      loss = lost;
      told = List.copyOf(listeners);
      listeners.clear();
    }
    end();
    core.meters.grants.lost();
    for (Consumer<GrantLoss> listener : told) {
      tell(listener, lost);
    }
    return true;
  }

  private void tell(Consumer<GrantLoss> listener, GrantLoss lost) {
    // An order of its own for each: one that takes long holds up none of the others.
    core.client.scheduler().newSerialExecutor().execute(() -> listener.accept(lost));
  }

  /** Under the monitor. */
  private boolean isOver() {
    return settled != null || loss != null;
  }

  private void end() {
    Subscription subscription;
    Subscription alarm;
    RecipeMeters.Running wasHeld;
    synchronized (this) {
      subscription = sessionLost;
      alarm = timer;
      wasHeld = held;
      sessionLost = null;
      timer = null;
    }
    if (subscription != null) {
      subscription.close();
    }
    if (alarm != null) {
      alarm.close();
    }
    if (wasHeld != null) {
      wasHeld.close();
    }
  }

  private String claim() {
    return ZnodePath.child(core.paths.claims(), envelope.id());
  }

  private GrantLostException lost(String why) {
    return new GrantLostException(
        "item "
            + envelope.id()
            + " of queue "
            + core.paths.root()
            + " with token "
            + Zxid.format(token)
            + " is not this taker's any more: "
            + why,
        claim(),
        0,
        token,
        0);
  }

  // ---- ends

  @Override
  public CompletableFuture<Void> ack() {
    return settle("acked", List.of());
  }

  @Override
  public CompletableFuture<Void> retry(String reason) {
    Objects.requireNonNull(reason, "reason");
    if (envelope.attempts() >= core.options.maxAttempts()) {
      return bury("attempt " + envelope.attempts() + ", the last, failed: " + reason);
    }
    Duration pause =
        core.pause(core.options.backOff(), core.options.backOffMax(), envelope.attempts() - 1);
    Envelope again = envelope.because(reason);
    return settle(
        "retried",
        List.of(
            Op.create(ZnodePath.child(core.paths.delayed(), envelope.id()), again.encode()),
            Op.create(
                ZnodePath.child(core.paths.timers(), envelope.id()),
                new byte[0],
                CreateOptions.of(CreateMode.PERSISTENT).withExpiry(pause))));
  }

  /** To the dead letters. */
  CompletableFuture<Void> bury(String reason) {
    return settle(
        "dead",
        List.of(
            Op.create(
                ZnodePath.child(core.paths.dead(), envelope.id()),
                envelope.because(reason).encode())));
  }

  @Override
  public CompletableFuture<Void> releaseAsync() {
    Envelope back = envelope.attempt(envelope.attempts() - 1);
    CompletableFuture<Void> returned =
        settle(
            "returned",
            List.of(
                Op.create(
                    ZnodePath.child(core.paths.front(envelope.priority()), QueuePaths.ITEM),
                    back.encode(),
                    CreateMode.PERSISTENT_SEQUENTIAL)));
    CompletableFuture<Void> gone = new CompletableFuture<>();
    // However it failed, it is not this taker's: the visibility or the session's end brings it
    // back.
    Settled.then(
        returned, core.callbacks, done -> gone.complete(null), failure -> gone.complete(null));
    return gone;
  }

  /**
   * Ends the claim in one multi with what becomes of the item. A claim that seems lost is tried
   * nevertheless: the ensemble decides by the token.
   */
  private CompletableFuture<Void> settle(String outcome, List<Op> then) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    boolean wasHeld;
    synchronized (this) {
      if (settled != null) {
        return settled.copy();
      }
      settled = result;
      wasHeld = loss == null;
      listeners.clear();
    }
    if (wasHeld) {
      end();
    }
    List<Op> ops = new ArrayList<>();
    ops.add(guard());
    ops.add(Op.delete(claim()));
    ops.add(Op.delete(ZnodePath.child(core.paths.inflight(), envelope.id())));
    ops.addAll(then);
    Settled.then(
        core.multi(envelope.priority(), ops),
        core.callbacks,
        done -> {
          core.meters.moved(outcome);
          result.complete(null);
        },
        result::completeExceptionally);
    return result.copy();
  }

  @Override
  public CompletableFuture<Void> extend(Duration visibility) {
    synchronized (this) {
      if (settled != null) {
        return CompletableFuture.failedFuture(lost("it was given back"));
      }
    }
    long sentNanos = core.nanoTime();
    CompletableFuture<Void> result = new CompletableFuture<>();
    Settled.then(
        core.patient.multi(guard(), Op.setExpiry(claim(), visibility)),
        core.callbacks,
        done -> {
          synchronized (this) {
            visibleUntilNanos = until(sentNanos, visibility);
          }
          setTimer();
          result.complete(null);
        },
        result::completeExceptionally);
    return result;
  }

  // ---- the grant

  @Override
  public T value() {
    return Objects.requireNonNull(value, "value");
  }

  @Override
  public String id() {
    return envelope.id();
  }

  @Override
  public int attempt() {
    return envelope.attempts();
  }

  @Override
  public int priority() {
    return envelope.priority();
  }

  @Override
  public long fencingToken() {
    return token;
  }

  @Override
  public Deadline safeUntil() {
    long now = core.nanoTime();
    long until;
    synchronized (this) {
      if (isOver() || core.client.sessionId() != sessionId) {
        return Deadline.at(now, core::nanoTime);
      }
      until = visibleUntilNanos;
    }
    Deadline session = core.client.safeUntil();
    return session.nanoTime() - until < 0 ? session : Deadline.at(until, core::nanoTime);
  }

  @Override
  public boolean isHeld() {
    return !safeUntil().hasPassed();
  }

  @Override
  public Grant onLost(Consumer<GrantLoss> listener) {
    GrantLoss lost;
    synchronized (this) {
      lost = loss;
      if (lost == null) {
        listeners.add(listener);
      }
    }
    if (lost != null) {
      tell(listener, lost);
    }
    return this;
  }

  @Override
  public Op guard() {
    return Op.guard(claim(), token);
  }

  @Override
  public void close() {
    Waits.quietly(core.client, releaseAsync(), core.client.requestTimeout());
  }

  @Override
  public String toString() {
    return "Item(%s, attempt %d, token %s)"
        .formatted(envelope.id(), envelope.attempts(), Zxid.format(token));
  }
}
