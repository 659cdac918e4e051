package io.quorate.recipes.base;

import io.quorate.client.BadVersionException;
import io.quorate.client.Children;
import io.quorate.client.CzxidMismatchException;
import io.quorate.client.Deadline;
import io.quorate.client.GrantLostException;
import io.quorate.client.MultiResult;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
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
import io.quorate.data.Zxid;
import io.quorate.recipes.base.RecipeMeters.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One wish for something that is given out in the order of a queue, from the call to the grant or
 * the refusal.
 *
 * <p>It puts an ephemeral sequential znode into the queue, reads the queue in the same multi, and
 * does what the policy says, until that says granted. It notices when somebody deletes its own
 * znode, and watches at most one other. If its session is lost while it waits, it queues again in
 * the next one. However it ends, its znode is either handed to the grant or deleted.
 *
 * <p>Confined to a serial executor of its own: every method below {@link #begin} runs there, and a
 * slow callback of somebody else does not hold it up.
 */
public final class QueueAttempt {
  /** Longer than any session lives without contact, so that a session's end always comes first. */
  static final Duration PATIENCE = Duration.ofDays(1);

  /** Longer than anybody waits. */
  public static final Duration ENDLESS = Duration.ofSeconds(Long.MAX_VALUE);

  /** So many names come with the own znode; a longer queue is read by itself. */
  private static final int FIRST_PAGE = 512;

  /** What a holder's data shows at most of itself in a message, in characters. */
  private static final int SHOWN_MAX = 100;

  /**
   * The own znode.
   *
   * @param path with the number
   * @param czxid names its life
   * @param sessionId owns it
   */
  public record Own(String path, long czxid, long sessionId) {}

  private final QuorateClient client;

  /**
   * The same session without a deadline of its own: each write settles, by an answer or by the end
   * of the session.
   */
  private final QuorateClient patient;

  private final QueueWish wish;
  private final Duration timeout;
  private final RecipeMeters meters;

  /** Whatever happens to this attempt, happens on it: one task at a time. */
  private final Executor lane;

  private final CompletableFuture<ZnodeGrant> result = new CompletableFuture<>();
  private final long begunNanos;
  private RecipeMeters.@Nullable Running waiting;

  private boolean over;
  private int round;
  private @Nullable Subscription sessionLost;
  private @Nullable Subscription timer;

  // ---- the place in the queue, of the present round
  private @Nullable Own own;
  private @Nullable OwnZnode presence;
  private Verdict.@Nullable Wait waitingFor;
  private @Nullable Watch watch;
  private @Nullable Standing seen;
  private @Nullable String holderName;
  private @Nullable String holderSeen;
  private long holderSeenNanos;
  private boolean looking;
  private boolean lookAgain;

  /** Whether a multi is under way that may make this a grant: till then the place is not left. */
  private boolean deciding;

  /**
   * @param timeout for all of it; zero or less asks once and does not wait; {@link #ENDLESS} waits
   *     for ever
   */
  public QueueAttempt(QuorateClient client, QueueWish wish, Duration timeout, RecipeMeters meters) {
    this.client = client;
    this.patient = client.withRequestTimeout(PATIENCE);
    this.lane = client.scheduler().newSerialExecutor();
    this.wish = wish;
    this.timeout = timeout;
    this.meters = meters;
    this.begunNanos = client.scheduler().nanoTime();
  }

  /**
   * Asks. Cancelling the future gives the place in the queue up; if it was granted in the same
   * instant, it is released. Call once.
   */
  public CompletableFuture<ZnodeGrant> begin() {
    lane.execute(this::startOrFail);
    // The caller gets a copy, so that its cancelling is a request to this attempt and not a race
    // with it.
    CompletableFuture<ZnodeGrant> promised = new CompletableFuture<>();
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
            cancelled();
          }
        });
    return promised;
  }

  private void startOrFail() {
    try {
      start();
    } catch (IllegalArgumentException e) {
      // Of the client, about what it was given: the caller has to hear of it.
      fail(e, Outcome.FAILED);
    }
  }

  private void start() {
    if (over) {
      return;
    }
    waiting = meters.waiting();
    sessionLost = client.onSessionLost(loss -> lane.execute(() -> onSessionLost(loss)));
    if (!timeout.equals(ENDLESS)) {
      Duration patience = queues() ? timeout : client.requestTimeout();
      timer = client.scheduler().schedule(patience, () -> lane.execute(this::onTimeout));
    }
    enqueue();
  }

  /** Whether this wish waits in the queue; otherwise it only looks once. */
  private boolean queues() {
    return !timeout.isZero() && !timeout.isNegative();
  }

  private void enqueue() {
    int mine = ++round;
    byte[] given = wish.data();
    byte[] data =
        given == null ? client.clientName().getBytes(StandardCharsets.UTF_8) : given.clone();
    List<Op> ops = new ArrayList<>();
    ops.add(Op.create(wish.prefixPath(), data, CreateMode.EPHEMERAL_SEQUENTIAL));
    ops.add(Op.children(wish.directory(), "", FIRST_PAGE));
    if (wish.alsoRead() != null) {
      ops.add(Op.get(wish.alsoRead()));
    }
    Settled.then(
        patient.multi(ops),
        lane,
        answer -> onEnqueued(mine, answer),
        failure -> {
          if (stillIn(mine)) {
            onEnqueueFailed(failure);
          }
        });
  }

  private void onEnqueued(int mine, MultiResult answer) {
    Own created =
        new Own(
            answer.created(0).path(),
            answer.created(0).stat().czxid(),
            answer.created(0).stat().ephemeralOwner());
    if (!stillIn(mine)) {
      // Given up, or queued anew, while the answer was under way: this znode is nobody's.
      remove(created);
      return;
    }
    own = created;
    if (client.sessionId() != created.sessionId()) {
      // The answer was still on its way when the session ended; the loss is on its way as well, and
      // queues again.
      return;
    }
    OwnZnode watched = new OwnZnode(patient, created.path(), created.czxid());
    presence = watched;
    watched.whenGone(() -> lane.execute(() -> onOwnGone(mine)));
    watched.look();
    if (answer.children(1).more()) {
      look();
    } else {
      Znode extra = wish.alsoRead() == null ? null : answer.znode(2);
      onQueue(answer.children(1).names(), extra, true);
    }
  }

  private void onEnqueueFailed(Throwable failure) {
    if (failure instanceof NoNodeException) {
      QueueWish.DirectoryMaker maker = wish.makeDirectory();
      int mine = round;
      Settled.then(
          maker == null ? Parents.create(patient, wish.directory()) : maker.make(patient),
          lane,
          done -> {
            if (stillIn(mine)) {
              enqueue();
            }
          },
          parentFailure -> {
            if (stillIn(mine)) {
              enqueueAgainOrFail(parentFailure);
            }
          });
    } else {
      enqueueAgainOrFail(failure);
    }
  }

  private void enqueueAgainOrFail(Throwable failure) {
    if (isSessionEnd(failure)) {
      // Whatever happened to it ended with its session: nothing is left behind.
      enqueue();
    } else {
      fail(failure, Outcome.FAILED);
    }
  }

  /** Reads the queue; at most one reading is under way, and one more wanted. */
  private void look() {
    if (looking || deciding) {
      lookAgain = true;
      return;
    }
    looking = true;
    lookAgain = false;
    int mine = round;
    CompletableFuture<Children> names = patient.children(wish.directory());
    String also = wish.alsoRead();
    // The data is read after the names: a place before the own one that has gone since only makes
    // what is decided safer.
    CompletableFuture<Optional<Znode>> extra =
        also == null
            ? CompletableFuture.completedFuture(Optional.empty())
            : patient.get(also).thenApply(Optional::of);
    Settled.then(
        names.thenCombine(extra, Looked::new),
        lane,
        looked -> {
          if (!lookedInVain(mine)) {
            onQueue(looked.children().names(), looked.extra().orElse(null), false);
          }
        },
        failure -> {
          if (lookedInVain(mine)) {
            return;
          }
          if (failure instanceof NoNodeException) {
            requeue();
          } else if (!isSessionEnd(failure)) {
            fail(failure, Outcome.FAILED);
          }
        });
  }

  private record Looked(Children children, Optional<Znode> extra) {}

  /**
   * Whether what was read does not matter any more; begins the next reading if one was wanted
   * meanwhile.
   */
  private boolean lookedInVain(int mine) {
    looking = false;
    if (over || own == null) {
      return true;
    }
    if (lookAgain || mine != round) {
      look();
      return true;
    }
    return false;
  }

  private void onQueue(List<String> names, @Nullable Znode extra, boolean atCreation) {
    Own mine = own;
    if (mine == null) {
      return;
    }
    Standing read = Standing.of(names, ZnodePath.name(mine.path()), wish.prefixOf());
    Standing standing = atCreation ? read.atCreationOfOwn() : read;
    seen = standing;
    if (standing.isPresent()) {
      judge(standing, mine, extra);
    } else {
      requeue();
    }
  }

  private void judge(Standing standing, Own mine, @Nullable Znode extra) {
    if (deciding) {
      lookAgain = true;
      return;
    }
    Verdict verdict = wish.policy().look(standing, mine, extra);
    if (verdict instanceof Verdict.Granted granted) {
      if (granted.ops().isEmpty() && wish.maxHold().isZero()) {
        grant(mine, null, null);
      } else {
        act(mine, granted.ops(), true);
      }
    } else if (verdict instanceof Verdict.Act act) {
      act(mine, act.ops(), false);
    } else if (verdict instanceof Verdict.Read read) {
      readFor(standing, mine, read.path());
    } else if (verdict instanceof Verdict.Wait wait) {
      if (queues()) {
        waitFor(standing, wait);
      } else {
        giveUp(standing, wait);
      }
    } else if (verdict instanceof Verdict.Refused refused) {
      fail(refused.reason(), Outcome.FAILED);
    }
  }

  /** What the policy wants done, if the own znode is still there at that zxid. */
  private void act(Own mine, List<Op> wanted, boolean grants) {
    int inRound = round;
    List<Op> ops = new ArrayList<>();
    ops.add(Op.guard(mine.path(), mine.czxid()));
    ops.addAll(wanted);
    Deadline holdUntil = null;
    if (grants && !wish.maxHold().isZero()) {
      ops.add(Op.setExpiry(mine.path(), wish.maxHold()));
      holdUntil = ZnodeGrant.holdUntil(client, wish.maxHold());
    }
    Deadline until = holdUntil;
    deciding = true;
    Settled.then(
        patient.multi(ops),
        lane,
        answer -> onActed(inRound, mine, answer, until, grants),
        failure -> onActFailed(inRound, mine, failure));
  }

  private void onActed(
      int inRound, Own mine, MultiResult answer, @Nullable Deadline holdUntil, boolean grants) {
    deciding = false;
    if (over) {
      // Given up meanwhile: what was done is undone with the place.
      new Removal(
              client,
              mine.path(),
              mine.czxid(),
              mine.sessionId(),
              grants ? wish.atRelease().apply(mine, answer) : List.of(),
              () -> {})
          .begin();
    } else if (inRound != round) {
      lookIfWanted();
    } else if (grants) {
      grant(mine, answer, holdUntil);
    } else {
      look();
    }
  }

  private void onActFailed(int inRound, Own mine, Throwable failure) {
    deciding = false;
    if (over) {
      remove(mine);
    } else if (inRound != round) {
      lookIfWanted();
    } else if (failure instanceof GrantLostException) {
      requeue();
    } else if (failure instanceof NoNodeException
        || failure instanceof NodeExistsException
        || failure instanceof CzxidMismatchException
        || failure instanceof BadVersionException) {
      // Somebody was faster: it looks different now.
      look();
    } else if (!isSessionEnd(failure)) {
      fail(failure, Outcome.FAILED);
    }
  }

  private void lookIfWanted() {
    if (lookAgain && own != null) {
      look();
    }
  }

  private void readFor(Standing standing, Own mine, String path) {
    int inRound = round;
    Settled.then(
        patient.get(path),
        lane,
        znode -> {
          if (stillIn(inRound)) {
            judge(standing, mine, znode);
          }
        },
        failure -> {
          if (!stillIn(inRound)) {
            return;
          }
          if (failure instanceof NoNodeException) {
            look();
          } else if (!isSessionEnd(failure)) {
            fail(failure, Outcome.FAILED);
          }
        });
  }

  private void waitFor(Standing standing, Verdict.Wait wait) {
    noteHolder(standing, wait);
    if (wait.equals(waitingFor)) {
      return;
    }
    int mine = round;
    waitingFor = wait;
    close(watch);
    // The watch is registered before what it watches is read, in one pipeline: nothing is missed in
    // between.
    watch = client.watch(wait.path(), event -> lane.execute(() -> onEvent(mine, wait, event)));
    if (!wait.onlyDeletion()) {
      look();
      return;
    }
    Settled.then(
        patient.exists(wait.path()),
        lane,
        stat -> {
          if (stillIn(mine) && stat.isEmpty()) {
            onGone(wait);
          }
        },
        // The session ended, which is told apart; the next session looks again.
        failure -> {});
  }

  private void onEvent(int mine, Verdict.Wait wait, ZnodeEvent event) {
    if (!stillIn(mine) || !wait.equals(waitingFor)) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.DELETED) {
      onGone(wait);
    } else if (event.type() == ZnodeEvent.Type.RESYNC || !wait.onlyDeletion()) {
      look();
    }
  }

  private void onGone(Verdict.Wait wait) {
    Own mine = own;
    if (!wait.equals(waitingFor) || mine == null) {
      return;
    }
    waitingFor = null;
    if (!wait.deletionGrants()) {
      look();
    } else if (wish.maxHold().isZero()) {
      grant(mine, null, null);
    } else if (!deciding) {
      act(mine, List.of(), true);
    }
  }

  private void giveUp(Standing standing, Verdict.Wait wait) {
    int mine = round;
    if (standing.isFirst()) {
      noteHolder(standing, wait);
      onTimeout();
      return;
    }
    Place first = standing.first();
    Settled.then(
        client.get(ZnodePath.child(wish.directory(), first == null ? "?" : first.name())),
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

  /** Only for the message of a time-out: that it can't be read is no failure. */
  private void noteHolder(Standing standing, Verdict.Wait wait) {
    Place first = standing.first();
    if (standing.isFirst()) {
      holderName = null;
      holderSeen = "nobody, but " + wait.path() + " has to go first";
      holderSeenNanos = client.scheduler().nanoTime();
    } else if (first != null && !first.name().equals(holderName)) {
      holderName = first.name();
      Settled.then(
          client.get(ZnodePath.child(wish.directory(), first.name())),
          lane,
          this::onHolder,
          failure -> {});
    }
  }

  private void onHolder(Znode znode) {
    byte[] data = znode.data();
    String who = data == null ? "?" : new String(data, StandardCharsets.UTF_8);
    holderSeen =
        "client '"
            + (who.length() > SHOWN_MAX ? who.substring(0, SHOWN_MAX) + "..." : who)
            + "', session "
            + Zxid.format(znode.stat().ephemeralOwner())
            + ", token "
            + Zxid.format(znode.stat().czxid());
    holderSeenNanos = client.scheduler().nanoTime();
  }

  private void grant(Own mine, @Nullable MultiResult answer, @Nullable Deadline holdUntil) {
    if (client.sessionId() != mine.sessionId() || client.safeUntil().hasPassed()) {
      // The loss of the session is about to be told, and queues again.
      return;
    }
    OwnZnode watched = presence;
    over = true;
    close(watch);
    end(Outcome.GRANTED);
    ZnodeGrant grant =
        new ZnodeGrant(
            client, mine, mine.czxid(), holdUntil, wish.atRelease().apply(mine, answer), meters);
    grant.begin(watched);
    result.complete(grant);
  }

  private void onOwnGone(int mine) {
    if (stillIn(mine)) {
      requeue();
    }
  }

  private void onSessionLost(SessionLoss loss) {
    Own mine = own;
    if (!over && mine != null && loss.sessionId() == mine.sessionId()) {
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
    if (!over) {
      fail(new AcquireTimeoutException(describeWaiting(), own != null), Outcome.TIMED_OUT);
    }
  }

  private String describeWaiting() {
    StringBuilder text = new StringBuilder(wish.what()).append(" was not granted");
    if (queues()) {
      text.append(" within ").append(describe(timeout));
    }
    text.append(" to client '").append(client.clientName()).append('\'');
    if (own == null) {
      return text.append(": no server confirmed a place in the queue; the client is ")
          .append(client.state())
          .toString();
    }
    if (holderSeen == null) {
      return text.append(": held by somebody whose znode could not be read").toString();
    }
    long ageMillis = (client.scheduler().nanoTime() - holderSeenNanos) / 1_000_000;
    text.append(": held by ").append(holderSeen);
    if (seen != null && seen.index() > 1) {
      text.append(", with ").append(seen.index() - 1).append(" more waiting before");
    }
    return text.append(" (as seen ").append(ageMillis).append(" ms ago)").toString();
  }

  private void cancelled() {
    if (!over) {
      fail(
          new AcquireTimeoutException("the wish for " + wish.what() + " was cancelled", false),
          Outcome.CANCELLED);
    }
  }

  private void fail(Throwable failure, Outcome outcome) {
    over = true;
    end(outcome);
    leaveQueue();
    result.completeExceptionally(failure);
  }

  private void end(Outcome outcome) {
    close(timer);
    close(sessionLost);
    if (waiting != null) {
      waiting.close();
    }
    meters.attempted(outcome, client.scheduler().nanoTime() - begunNanos);
  }

  private void leaveQueue() {
    close(watch);
    watch = null;
    waitingFor = null;
    if (presence != null) {
      presence.whenGone(null);
      presence = null;
    }
    Own mine = own;
    own = null;
    if (mine != null && !deciding) {
      remove(mine);
    }
  }

  private void remove(Own mine) {
    new Removal(client, mine.path(), mine.czxid(), mine.sessionId(), List.of(), () -> {}).begin();
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
