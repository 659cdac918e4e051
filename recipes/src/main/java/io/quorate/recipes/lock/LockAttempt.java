package io.quorate.recipes.lock;

import io.quorate.client.NoNodeException;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLoss;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.Parents;
import io.quorate.recipes.base.Removal;
import io.quorate.recipes.base.Settled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One wish for the lock, from the call to the grant or the refusal.
 *
 * <p>It puts an ephemeral sequential znode into the queue and waits until none is before it. It
 * watches its own znode, because somebody may delete it, and its predecessor's, because only that
 * one's end can make it first. If its session is lost while it waits, it queues again in the next
 * one. However it ends, its znode is either handed to the grant or deleted.
 *
 * <p>Confined to a serial executor of its own: every method below {@link #begin} runs there, and a
 * slow callback of somebody else does not hold it up.
 */
final class LockAttempt {
  /** Longer than any session lives without contact, so that a session's end always comes first. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private final QuorateClient client;

  /**
   * The same session without a deadline of its own: each write settles, by an answer or by the end
   * of the session.
   */
  private final QuorateClient patient;

  private final String directory;
  private final Duration timeout;

  /** Whatever happens to this attempt, happens on it: one task at a time. */
  private final Executor lane;

  private final CompletableFuture<Grant> result = new CompletableFuture<>();

  private boolean over;
  private int round;
  private @Nullable Subscription sessionLost;
  private @Nullable Subscription timer;

  // ---- the place in the queue, of the present round
  private @Nullable String node;
  private long czxid;
  private long sessionId;
  private @Nullable Watch ownWatch;
  private @Nullable Watch predecessorWatch;
  private @Nullable LockQueue seen;
  private @Nullable LockHolder holderSeen;
  private long holderSeenNanos;
  private boolean looking;
  private boolean lookAgain;

  LockAttempt(QuorateClient client, String directory, Duration timeout) {
    this.client = client;
    this.patient = client.withRequestTimeout(PATIENCE);
    this.lane = client.scheduler().newSerialExecutor();
    this.directory = directory;
    this.timeout = timeout;
  }

  CompletableFuture<Grant> begin() {
    lane.execute(this::startOrFail);
    // The caller gets a copy, so that its cancelling is a request to this attempt and not a race
    // with it.
    CompletableFuture<Grant> promised = new CompletableFuture<>();
    Settled.then(
        result,
        lane,
        grant -> {
          if (!promised.complete(grant)) {
            grant.close();
          }
        },
        promised::completeExceptionally);
    Settled.then(
        promised,
        lane,
        grant -> {},
        failure -> {
          if (promised.isCancelled()) {
            lane.execute(this::cancelled);
          }
        });
    return promised;
  }

  private void startOrFail() {
    try {
      start();
    } catch (IllegalArgumentException e) {
      // Of the client, about what it was given: the caller has to hear of it.
      fail(e);
    }
  }

  private void start() {
    sessionLost = client.onSessionLost(loss -> lane.execute(() -> onSessionLost(loss)));
    Duration patience = queues() ? timeout : client.requestTimeout();
    timer = client.scheduler().schedule(patience, () -> lane.execute(this::onTimeout));
    enqueue();
  }

  /** Whether this wish waits in the queue; otherwise it only looks once. */
  private boolean queues() {
    return !timeout.isZero() && !timeout.isNegative();
  }

  private void enqueue() {
    int mine = ++round;
    byte[] name = client.clientName().getBytes(StandardCharsets.UTF_8);
    Settled.then(
        patient.create(
            ZnodePath.child(directory, LockQueue.PREFIX), name, CreateMode.EPHEMERAL_SEQUENTIAL),
        lane,
        created -> onCreated(mine, created.path(), created.stat()),
        failure -> {
          if (stillIn(mine)) {
            onCreateFailed(mine, failure);
          }
        });
  }

  private void onCreated(int mine, String path, ZnodeStat stat) {
    long owner = stat.ephemeralOwner();
    if (!stillIn(mine)) {
      // Given up, or queued anew, while the answer was under way: this znode is nobody's.
      new Removal(client, path, owner, () -> {}).begin();
      return;
    }
    node = path;
    czxid = stat.czxid();
    sessionId = owner;
    if (client.sessionId() != owner) {
      // The answer was still on its way when the session ended; the loss is on its way as well, and
      // queues again.
      return;
    }
    Watch watch = client.watch(path, event -> lane.execute(() -> onOwnEvent(mine, event)));
    ownWatch = watch;
    look();
  }

  private void onCreateFailed(int mine, Throwable failure) {
    if (failure instanceof NoNodeException) {
      Settled.then(
          Parents.create(patient, directory),
          lane,
          done -> {
            if (stillIn(mine)) {
              enqueue();
            }
          },
          parentFailure -> {
            if (stillIn(mine)) {
              onParentsFailed(parentFailure);
            }
          });
    } else if (isSessionEnd(failure)) {
      // Whatever happened to it ended with its session: nothing is left behind.
      enqueue();
    } else {
      fail(failure);
    }
  }

  private void onParentsFailed(Throwable failure) {
    if (isSessionEnd(failure)) {
      enqueue();
    } else {
      fail(failure);
    }
  }

  /** Reads the queue; at most one reading is under way, and one more wanted. */
  private void look() {
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    lookAgain = false;
    int mine = round;
    Settled.then(
        patient.children(directory),
        lane,
        children -> {
          if (!lookedInVain(mine)) {
            onQueue(children.names());
          }
        },
        failure -> {
          if (lookedInVain(mine)) {
            return;
          }
          if (failure instanceof NoNodeException) {
            requeue();
          } else if (!isSessionEnd(failure)) {
            fail(failure);
          }
        });
  }

  /**
   * Whether what was read does not matter any more; begins the next reading if one was wanted
   * meanwhile.
   */
  private boolean lookedInVain(int mine) {
    looking = false;
    if (over || node == null) {
      return true;
    }
    if (lookAgain || mine != round) {
      look();
      return true;
    }
    return false;
  }

  private void onQueue(List<String> names) {
    String own = node;
    if (own == null) {
      return;
    }
    LockQueue queue = LockQueue.of(names, ZnodePath.name(own));
    seen = queue;
    if (!queue.present()) {
      requeue();
    } else if (queue.predecessor() == null) {
      grant(own);
    } else if (queues()) {
      waitFor(queue);
    } else {
      giveUp(queue);
    }
  }

  private void waitFor(LockQueue queue) {
    int mine = round;
    String before = ZnodePath.child(directory, String.valueOf(queue.predecessor()));
    close(predecessorWatch);
    // The watch is registered before the existence is read, in one pipeline: nothing is missed in
    // between.
    predecessorWatch =
        client.watch(before, event -> lane.execute(() -> onPredecessorEvent(mine, event)));
    Settled.then(
        patient.exists(before),
        lane,
        stat -> {
          if (stillIn(mine) && stat.isEmpty()) {
            look();
          }
        },
        // The session ended, which is told apart; the next session looks again.
        failure -> {});
    String first = queue.first();
    if (first != null) {
      // Only for the message of a time-out: that it can't be read is no failure.
      Settled.then(
          client.get(ZnodePath.child(directory, first)), lane, this::onHolder, failure -> {});
    }
  }

  private void onPredecessorEvent(int mine, ZnodeEvent event) {
    boolean mayBeGone =
        event.type() == ZnodeEvent.Type.DELETED || event.type() == ZnodeEvent.Type.RESYNC;
    if (stillIn(mine) && mayBeGone) {
      look();
    }
  }

  private void giveUp(LockQueue queue) {
    int mine = round;
    String first = ZnodePath.child(directory, String.valueOf(queue.first()));
    Settled.then(
        client.get(first),
        lane,
        znode -> {
          onHolder(znode);
          if (stillIn(mine)) {
            onTimeout();
          }
        },
        failure -> {
          if (stillIn(mine)) {
            onTimeout();
          }
        });
  }

  private void onHolder(Znode znode) {
    holderSeen = LockQueue.holder(znode);
    holderSeenNanos = client.scheduler().nanoTime();
  }

  private void grant(String own) {
    if (client.sessionId() != sessionId || client.safeUntil().hasPassed()) {
      // The loss of the session is about to be told, and queues again.
      return;
    }
    over = true;
    close(predecessorWatch);
    close(timer);
    close(sessionLost);
    LockGrant grant = new LockGrant(client, own, czxid, sessionId);
    grant.begin(ownWatch);
    ownWatch = null;
    result.complete(grant);
  }

  private void onOwnEvent(int mine, ZnodeEvent event) {
    if (!stillIn(mine)) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.DELETED) {
      requeue();
    } else if (event.type() == ZnodeEvent.Type.RESYNC) {
      look();
    }
  }

  private void onSessionLost(SessionLoss loss) {
    if (!over && node != null && loss.sessionId() == sessionId) {
      requeue();
    }
  }

  /** The znode is gone: a new one, at the end of the queue. */
  private void requeue() {
    leaveQueue();
    if (queues()) {
      enqueue();
    } else {
      onTimeout();
    }
  }

  private void onTimeout() {
    if (over) {
      return;
    }
    fail(new AcquireTimeoutException(describeWaiting(), node != null));
  }

  private String describeWaiting() {
    StringBuilder text = new StringBuilder("lock ").append(directory).append(" was not granted");
    if (queues()) {
      text.append(" within ").append(describe(timeout));
    }
    text.append(" to client '").append(client.clientName()).append('\'');
    if (node == null) {
      return text.append(": no server confirmed a place in the queue; the client is ")
          .append(client.state())
          .toString();
    }
    if (holderSeen == null) {
      return text.append(": held by somebody whose znode could not be read").toString();
    }
    long ageMillis = (client.scheduler().nanoTime() - holderSeenNanos) / 1_000_000;
    text.append(": held by ").append(holderSeen);
    if (seen != null && seen.ahead() > 1) {
      text.append(", with ").append(seen.ahead() - 1).append(" more waiting before");
    }
    return text.append(" (as seen ").append(ageMillis).append(" ms ago)").toString();
  }

  private void cancelled() {
    if (!over) {
      fail(new AcquireTimeoutException("the wish for lock " + directory + " was cancelled", false));
    }
  }

  private void fail(Throwable failure) {
    over = true;
    close(timer);
    close(sessionLost);
    leaveQueue();
    result.completeExceptionally(failure);
  }

  private void leaveQueue() {
    close(ownWatch);
    close(predecessorWatch);
    ownWatch = null;
    predecessorWatch = null;
    String own = node;
    node = null;
    if (own != null) {
      new Removal(client, own, sessionId, () -> {}).begin();
    }
  }

  private boolean stillIn(int mine) {
    return !over && mine == round;
  }

  private static boolean isSessionEnd(Throwable failure) {
    return failure instanceof SessionLostException || failure instanceof OutcomeUnknownException;
  }

  private static void close(@Nullable Subscription subscription) {
    if (subscription != null) {
      subscription.close();
    }
  }

  private static void close(@Nullable Watch watch) {
    if (watch != null) {
      watch.close();
    }
  }

  private static String describe(Duration duration) {
    return duration.compareTo(Duration.ofDays(1)) > 0
        ? duration.toString()
        : duration.toMillis() + " ms";
  }
}
