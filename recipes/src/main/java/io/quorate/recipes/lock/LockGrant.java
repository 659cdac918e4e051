package io.quorate.recipes.lock;

import io.quorate.client.Deadline;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLoss;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.GrantLoss;
import io.quorate.recipes.base.Removal;
import io.quorate.recipes.base.Settled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A lock that is held: stands on one ephemeral znode of one session.
 *
 * <p>Ends once: by release or by loss, whichever comes first; the transition is atomic under this
 * object's monitor, and listeners run on the callback executor outside of it.
 */
final class LockGrant implements Grant {
  private enum State {
    HELD,
    RELEASED,
    LOST
  }

  private final QuorateClient client;
  private final String node;
  private final long czxid;
  private final long sessionId;
  private final List<Consumer<GrantLoss>> listeners = new ArrayList<>();
  private final CompletableFuture<Void> released = new CompletableFuture<>();
  private State state = State.HELD;
  private @Nullable GrantLoss loss;
  private @Nullable Subscription sessionLost;
  private @Nullable Watch ownWatch;

  LockGrant(QuorateClient client, String node, long czxid, long sessionId) {
    this.client = client;
    this.node = node;
    this.czxid = czxid;
    this.sessionId = sessionId;
  }

  /**
   * On the callback executor, before anybody else has this object. Takes over from {@code
   * earlierWatch} without a gap.
   */
  void begin(@Nullable Watch earlierWatch) {
    Subscription subscription = client.onSessionLost(this::onSessionLost);
    Watch watch = client.watch(node, this::onEvent);
    boolean overAlready;
    synchronized (this) {
      sessionLost = subscription;
      ownWatch = watch;
      overAlready = state != State.HELD;
    }
    if (overAlready) {
      endWatching();
    }
    if (earlierWatch != null) {
      earlierWatch.close();
    }
    // The znode may have been deleted while the watch changed hands.
    verifyPresence();
  }

  private void onEvent(ZnodeEvent event) {
    if (event.type() == ZnodeEvent.Type.DELETED) {
      lose(GrantLoss.Cause.ZNODE_DELETED, "somebody deleted " + node);
    } else if (event.type() == ZnodeEvent.Type.RESYNC) {
      verifyPresence();
    }
  }

  private void verifyPresence() {
    Settled.then(
        client.exists(node),
        client.scheduler().executor(),
        stat -> {
          if (stat.isEmpty() || stat.get().czxid() != czxid) {
            lose(GrantLoss.Cause.ZNODE_DELETED, "somebody deleted " + node);
          }
        },
        // A read that fails says nothing; the loss of the session would.
        failure -> {});
  }

  private void onSessionLost(SessionLoss lost) {
    if (lost.sessionId() == sessionId) {
      lose(
          GrantLoss.Cause.SESSION_LOST, "session " + Zxid.format(sessionId) + ": " + lost.reason());
    }
  }

  private void lose(GrantLoss.Cause cause, String reason) {
    GrantLoss lost = new GrantLoss(cause, czxid, reason);
    List<Consumer<GrantLoss>> told;
    synchronized (this) {
      if (state != State.HELD) {
        return;
      }
      state = State.LOST;
      loss = lost;
      told = List.copyOf(listeners);
      listeners.clear();
    }
    endWatching();
    released.complete(null);
    for (Consumer<GrantLoss> listener : told) {
      tell(listener, lost);
    }
  }

  private void tell(Consumer<GrantLoss> listener, GrantLoss lost) {
    // An order of its own for each, so that a listener that throws or takes long keeps none of the
    // others from hearing.
    client.scheduler().newSerialExecutor().execute(() -> listener.accept(lost));
  }

  private void endWatching() {
    Subscription subscription;
    Watch watch;
    synchronized (this) {
      subscription = sessionLost;
      watch = ownWatch;
    }
    if (subscription != null) {
      subscription.close();
    }
    if (watch != null) {
      watch.close();
    }
  }

  @Override
  public long fencingToken() {
    return czxid;
  }

  @Override
  public Deadline safeUntil() {
    return sessionIsMine()
        ? client.safeUntil()
        : Deadline.at(client.scheduler().nanoTime(), client.scheduler()::nanoTime);
  }

  @Override
  public boolean isHeld() {
    return sessionIsMine() && !client.safeUntil().hasPassed();
  }

  private synchronized boolean sessionIsMine() {
    return state == State.HELD && client.sessionId() == sessionId;
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
    return Op.guard(node, czxid);
  }

  @Override
  public CompletableFuture<Void> releaseAsync() {
    boolean first;
    synchronized (this) {
      first = state == State.HELD;
      if (first) {
        state = State.RELEASED;
        listeners.clear();
      }
    }
    if (first) {
      endWatching();
      new Removal(client, node, sessionId, () -> released.complete(null)).begin();
    }
    return released.copy();
  }

  @Override
  public void close() {
    CompletableFuture<Void> done = releaseAsync();
    if (client.scheduler().onCallbackThread()) {
      return;
    }
    try {
      done.get(client.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      // The removal goes on in the background, until it succeeds or the session ends.
      return;
    }
  }

  @Override
  public String toString() {
    return "Grant("
        + node
        + ", token "
        + Zxid.format(czxid)
        + ", "
        + (isHeld() ? "held" : "over")
        + ")";
  }
}
