package io.quorate.recipes.base;

import io.quorate.client.Deadline;
import io.quorate.client.GrantLostException;
import io.quorate.client.MultiResult;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLoss;
import io.quorate.client.Subscription;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodeStat;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.QueueAttempt.Own;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one ephemeral znode of one session stands for.
 *
 * <p>Ends once: by release or by loss, whichever comes first; the transition is atomic under this
 * object's monitor, and listeners run on the callback executor outside of it.
 */
public final class ZnodeGrant implements Grant {
  private enum State {
    HELD,
    RELEASED,
    LOST
  }

  private final QuorateClient client;
  private final Own node;
  private final long token;
  private final @Nullable Deadline holdUntil;
  private final List<Op> atRelease;
  private final RecipeMeters meters;
  private final RecipeMeters.Running held;
  private final List<Consumer<GrantLoss>> listeners = new ArrayList<>();
  private final CompletableFuture<Void> released = new CompletableFuture<>();
  private State state = State.HELD;
  private boolean removing;
  private @Nullable GrantLoss loss;
  private @Nullable Subscription sessionLost;
  private @Nullable Subscription holdTimer;
  private @Nullable OwnZnode presence;

  /**
   * A grant on a znode that exists already; {@link #begin()} makes it notice its end.
   *
   * @param token tells it from others: its znode's czxid, unless that znode took another's place
   * @param holdUntil when it ends by itself, see {@link #holdUntil}; null for never
   * @param atRelease what else is done when its znode is deleted, in the same multi
   */
  public ZnodeGrant(
      QuorateClient client,
      Own node,
      long token,
      @Nullable Deadline holdUntil,
      List<Op> atRelease,
      RecipeMeters meters) {
    this.client = client;
    this.node = node;
    this.token = token;
    this.holdUntil = holdUntil;
    this.atRelease = List.copyOf(atRelease);
    this.meters = meters;
    this.held = meters.held();
  }

  /**
   * When a grant has to end here that the ensemble takes back after {@code maxHold} of log time
   * from now on or later. A tenth earlier, as a session is: log time follows the clock of whoever
   * leads.
   */
  public static Deadline holdUntil(QuorateClient client, Duration maxHold) {
    Duration safe = maxHold.minus(maxHold.dividedBy(10));
    return Deadline.after(safe, client.scheduler()::nanoTime);
  }

  /** Before anybody else has this object. */
  public void begin() {
    begin(null);
  }

  /**
   * @param earlier notices already that the znode is gone; null if nobody does
   */
  void begin(@Nullable OwnZnode earlier) {
    Subscription subscription = client.onSessionLost(this::onSessionLost);
    OwnZnode watched = earlier != null ? earlier : new OwnZnode(client, node.path(), node.czxid());
    Subscription timer =
        holdUntil == null
            ? null
            : client.scheduler().schedule(holdUntil.remaining(), this::onHoldExpired);
    boolean overAlready;
    synchronized (this) {
      sessionLost = subscription;
      presence = watched;
      holdTimer = timer;
      overAlready = state != State.HELD;
    }
    if (overAlready) {
      endWatching();
      return;
    }
    watched.whenGone(() -> lose(GrantLoss.Cause.ZNODE_DELETED, "somebody deleted " + node.path()));
    if (earlier == null) {
      watched.look();
    }
  }

  private void onGone() {
    lose(GrantLoss.Cause.ZNODE_DELETED, "somebody deleted " + node.path());
  }

  private void onHoldExpired() {
    lose(
        GrantLoss.Cause.HOLD_EXPIRED,
        node.path() + " was held as long as it may be; others can be granted it soon");
  }

  private void onSessionLost(SessionLoss lost) {
    if (lost.sessionId() == node.sessionId()) {
      lose(
          GrantLoss.Cause.SESSION_LOST,
          "session " + Zxid.format(node.sessionId()) + ": " + lost.reason());
    }
  }

  private void lose(GrantLoss.Cause cause, String reason) {
    GrantLoss lost = new GrantLoss(cause, token, reason);
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
    meters.lost();
    if (cause != GrantLoss.Cause.HOLD_EXPIRED) {
      released.complete(null);
    }
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
    Subscription timer;
    OwnZnode watched;
    synchronized (this) {
      subscription = sessionLost;
      timer = holdTimer;
      watched = presence;
    }
    held.close();
    if (subscription != null) {
      subscription.close();
    }
    if (timer != null) {
      timer.close();
    }
    if (watched != null) {
      watched.whenGone(null);
    }
  }

  /** The znode that it stands on. */
  public Own node() {
    return node;
  }

  @Override
  public long fencingToken() {
    return token;
  }

  @Override
  public Deadline safeUntil() {
    if (!sessionIsMine()) {
      return Deadline.at(client.scheduler().nanoTime(), client.scheduler()::nanoTime);
    }
    Deadline session = client.safeUntil();
    return holdUntil != null && holdUntil.nanoTime() - session.nanoTime() < 0 ? holdUntil : session;
  }

  @Override
  public boolean isHeld() {
    return sessionIsMine() && !safeUntil().hasPassed();
  }

  private synchronized boolean sessionIsMine() {
    return state == State.HELD && client.sessionId() == node.sessionId();
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
    return Op.guard(node.path(), node.czxid());
  }

  @Override
  public CompletableFuture<Void> releaseAsync() {
    boolean first;
    synchronized (this) {
      if (state == State.HELD) {
        state = State.RELEASED;
        listeners.clear();
      }
      // After the longest time to hold it, the znode is still there for a moment.
      first = !removing && !released.isDone();
      removing = true;
    }
    if (first) {
      endWatching();
      new Removal(
              client,
              node.path(),
              node.czxid(),
              node.sessionId(),
              atRelease,
              () -> released.complete(null))
          .begin();
    }
    return released.copy();
  }

  /**
   * Lets another ephemeral znode stand for it, in one multi: at no zxid is there neither or both.
   * This object is over then, and the result takes its place, with the same token. If it fails,
   * this one goes on, unless it is lost. Cancelling the future releases what comes of it.
   */
  public CompletableFuture<ZnodeGrant> moveTo(String path, byte @Nullable [] data) {
    OwnZnode watched = presence();
    if (watched != null) {
      // Its own deletion is no loss.
      watched.whenGone(null);
    }
    CompletableFuture<ZnodeGrant> moved = new CompletableFuture<>();
    Settled.then(
        client
            .withRequestTimeout(QueueAttempt.PATIENCE)
            .multi(guard(), Op.delete(node.path()), Op.create(path, data, CreateMode.EPHEMERAL)),
        client.scheduler().executor(),
        answer -> onMoved(answer, moved),
        failure -> {
          if (watched != null) {
            watched.whenGone(this::onGone);
          }
          moved.completeExceptionally(failure);
        });
    return moved;
  }

  private void onMoved(MultiResult answer, CompletableFuture<ZnodeGrant> moved) {
    ZnodeStat stat = answer.created(2).stat();
    Own there = new Own(answer.created(2).path(), stat.czxid(), stat.ephemeralOwner());
    if (!handOver()) {
      // Released or lost meanwhile, which took only the old znode.
      new Removal(client, there.path(), there.czxid(), there.sessionId(), List.of(), () -> {})
          .begin();
      moved.completeExceptionally(
          new GrantLostException(
              node.path() + " was released or lost while it moved", node.path(), 0, token, 0));
      return;
    }
    ZnodeGrant grant = new ZnodeGrant(client, there, token, holdUntil, atRelease, meters);
    grant.begin();
    if (!moved.complete(grant)) {
      grant.close();
    }
  }

  private synchronized @Nullable OwnZnode presence() {
    return presence;
  }

  private boolean handOver() {
    synchronized (this) {
      if (state != State.HELD) {
        return false;
      }
      state = State.RELEASED;
      listeners.clear();
      removing = true;
    }
    endWatching();
    released.complete(null);
    return true;
  }

  @Override
  public void close() {
    Waits.quietly(client, releaseAsync(), client.requestTimeout());
  }

  @Override
  public String toString() {
    return "Grant("
        + node.path()
        + ", token "
        + Zxid.format(token)
        + ", "
        + (isHeld() ? "held" : "over")
        + ")";
  }
}
