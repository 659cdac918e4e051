package io.quorate.recipes.discovery;

import io.quorate.client.BadArgumentsException;
import io.quorate.client.BadVersionException;
import io.quorate.client.ClientClosedException;
import io.quorate.client.CzxidMismatchException;
import io.quorate.client.InvalidAclException;
import io.quorate.client.MultiResult;
import io.quorate.client.NoChildrenForEphemeralsException;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.RequestTooLargeException;
import io.quorate.client.ServerRefusedException;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.Parents;
import io.quorate.recipes.base.Pause;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one ephemeral znode in existence with the newest payload.
 *
 * <p>What is heard changes the facts below, and then {@link #step} looks at the facts and sends the
 * one request that they call for; there is never more than one under way. Writes go through a view
 * of the client whose requests have no deadline of their own, so each settles: by an answer, or by
 * the end of the session, and then nothing of it is left.
 *
 * <p><b>Whose znode is it?</b> Ours, if its payload names this registration. One of ours that an
 * earlier session of ours owns is replaced in one multi, on condition that it is still that one:
 * nobody sees it missing, and its session's end can't take the new one away. Any other owner is
 * waited for, by a watch: whether it lives or is dying only the ensemble knows, and it says so by
 * deleting the znode. So the id has one owner at any zxid, and never goes back and forth.
 *
 * <p>Confined to a serial executor of its own; {@link #state} may be read on any thread.
 */
final class RegistrationLane {
  private static final Logger LOG = LoggerFactory.getLogger(RegistrationLane.class);

  /** Longer than any session lives without contact. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private static final Duration RETRY_FIRST = Duration.ofMillis(100);
  private static final Duration RETRY_MAX = Duration.ofSeconds(10);

  /** An update that waits for the ensemble to have it. */
  private record Update(long revision, CompletableFuture<Void> written) {}

  private final QuorateClient client;
  private final QuorateClient patient;
  private final String folder;
  private final String path;
  private final String token;
  private final Supplier<Registration.Wanted> wanted;
  private final Executor lane;
  private final Executor callbacks;
  private final Pause pause;
  private final List<Consumer<? super Registration.State>> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> registered = new CompletableFuture<>();
  private final CompletableFuture<Void> gone = new CompletableFuture<>();

  private volatile Registration.State state = Registration.State.of(Registration.Phase.REGISTERING);

  // ---- facts, confined to the lane

  /** Life of our znode in the present session; 0 if it is not known to exist. */
  private long czxid;

  private long ownerSession;
  private int version;

  /** Revision that the znode holds. */
  private long written;

  /** Sessions up to this id are over for us. */
  private long lostSession;

  private boolean busy;
  private boolean closed;
  private boolean failed;
  private boolean over;
  private int failures;
  private @Nullable Subscription retry;
  private final ArrayDeque<Update> updates = new ArrayDeque<>();
  private final RecipeMeters meters;

  /** Counts the phase that it is in; null in those that are not counted. */
  private RecipeMeters.@Nullable Running counted;

  private long askedNanos;
  private @Nullable Watch watch;
  private @Nullable Subscription losses;

  /**
   * @param token names this registration in its payloads
   * @param wanted what the znode is to hold
   */
  RegistrationLane(
      QuorateClient client,
      String folder,
      String id,
      String token,
      Supplier<Registration.Wanted> wanted) {
    this.client = client;
    this.patient = client.withRequestTimeout(PATIENCE);
    this.folder = folder;
    this.path = ZnodePath.child(folder, id);
    this.token = token;
    this.wanted = wanted;
    this.lane = client.scheduler().newSerialExecutor();
    this.callbacks = client.scheduler().newSerialExecutor();
    this.pause = new Pause(client.scheduler(), RETRY_FIRST, RETRY_MAX);
    this.meters = new RecipeMeters(client.meters(), "discovery");
  }

  // ---- any thread -------------------------------------------------------------------------------

  void begin() {
    lane.execute(
        () -> {
          askedNanos = client.scheduler().nanoTime();
          counted = meters.waiting();
          losses =
              client.onSessionLost(loss -> lane.execute(() -> onSessionLost(loss.sessionId())));
          watch = client.watch(path, event -> lane.execute(() -> onEvent(event)));
          step();
        });
  }

  Registration.State state() {
    return state;
  }

  void addListener(Consumer<? super Registration.State> listener) {
    listeners.add(listener);
  }

  CompletableFuture<Void> registered() {
    return registered.copy();
  }

  /** Completes when the znode holds that revision, or a later one. */
  CompletableFuture<Void> written(long revision) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    lane.execute(
        () -> {
          if (written >= revision) {
            result.complete(null);
          } else if (closed || failed) {
            result.completeExceptionally(notRegistered());
          } else {
            updates.add(new Update(revision, result));
            step();
          }
        });
    return result;
  }

  CompletableFuture<Void> close() {
    lane.execute(
        () -> {
          closed = true;
          cancelRetry();
          become(Registration.State.of(Registration.Phase.CLOSED));
          failUpdates();
          step();
        });
    return gone.copy();
  }

  // ---- deciding ---------------------------------------------------------------------------------

  /** Sends what the facts call for, if anything. */
  private void step() {
    if (over || busy) {
      return;
    }
    if (closed && czxid == 0) {
      finish();
    } else if (retry != null) {
      return;
    } else if (closed) {
      remove();
    } else if (!failed) {
      if (czxid == 0) {
        create();
      } else if (written < wanted.get().revision()) {
        write();
      }
    }
  }

  private <T> void send(
      CompletableFuture<T> request, Consumer<T> onAnswer, Consumer<Throwable> onFailure) {
    busy = true;
    Settled.then(
        request,
        lane,
        answer -> {
          busy = false;
          onAnswer.accept(answer);
          step();
        },
        failure -> {
          busy = false;
          onFailure.accept(failure);
          step();
        });
  }

  private void create() {
    Registration.Wanted now = wanted.get();
    send(
        patient.create(path, now.payload(), CreateMode.EPHEMERAL),
        created -> onStored(created.stat(), now.revision()),
        failure -> {
          if (failure instanceof NodeExistsException) {
            look();
          } else if (failure instanceof NoNodeException) {
            createFolder();
          } else {
            onFailure(failure);
          }
        });
  }

  /** The folder and the znode at one zxid, so that no sweep of empty folders comes in between. */
  private void createFolder() {
    Registration.Wanted now = wanted.get();
    send(
        patient.multi(
            Op.create(folder, new byte[0], CreateMode.CONTAINER),
            Op.create(path, now.payload(), CreateMode.EPHEMERAL)),
        result -> onStored(result.stat(1), now.revision()),
        failure -> {
          if (failure instanceof NoNodeException) {
            createRoot();
          } else if (!(failure instanceof NodeExistsException)) {
            onFailure(failure);
          }
        });
  }

  /** Only when it is missing: who may register need not be allowed to create this. */
  private void createRoot() {
    send(Parents.create(patient, ZnodePath.parent(folder)), created -> {}, this::onFailure);
  }

  private void onStored(ZnodeStat stat, long revision) {
    if (stat.ephemeralOwner() <= lostSession) {
      // The answer was still on its way when the session ended.
      return;
    }
    czxid = stat.czxid();
    ownerSession = stat.ephemeralOwner();
    version = stat.version();
    onWritten(revision);
  }

  private void onWritten(long revision) {
    written = revision;
    failures = 0;
    pause.reset();
    if (!closed) {
      become(Registration.State.of(Registration.Phase.REGISTERED));
      registered.complete(null);
    }
    while (!updates.isEmpty() && updates.getFirst().revision() <= revision) {
      updates.removeFirst().written().complete(null);
    }
  }

  /** Something is in the place. */
  private void look() {
    send(
        patient.get(path),
        this::onFound,
        failure -> {
          if (!(failure instanceof NoNodeException)) {
            onFailure(failure);
          }
        });
  }

  private void onFound(Znode found) {
    ZnodeStat stat = found.stat();
    boolean ours = stat.ephemeralOwner() != 0 && InstancePayload.isOf(token, found.data());
    if (!ours) {
      onTaken(stat);
    } else if (stat.ephemeralOwner() <= lostSession
        || client.sessionId() != stat.ephemeralOwner()) {
      replace(stat.czxid());
    } else {
      czxid = stat.czxid();
      ownerSession = stat.ephemeralOwner();
      version = stat.version();
    }
  }

  private void onTaken(ZnodeStat stat) {
    String who =
        stat.ephemeralOwner() == 0
            ? "a persistent znode, which nobody's end will free"
            : "session " + Zxid.format(stat.ephemeralOwner());
    waitForRetry(
        new InstanceTakenException(
            "%s belongs to another: %s, since %s".formatted(path, who, Zxid.format(stat.czxid())),
            path,
            stat.ephemeralOwner()),
        RETRY_MAX);
  }

  /** Of an earlier session of ours. */
  private void replace(long foundCzxid) {
    Registration.Wanted now = wanted.get();
    send(
        patient.multi(
            Op.checkCzxid(path, foundCzxid),
            Op.delete(path),
            Op.create(path, now.payload(), CreateMode.EPHEMERAL)),
        result -> onStored(result.stat(2), now.revision()),
        failure -> {
          if (!isGone(failure)) {
            onFailure(failure);
          }
        });
  }

  private void write() {
    Registration.Wanted now = wanted.get();
    long life = czxid;
    CompletableFuture<MultiResult> request =
        patient.multi(Op.checkCzxid(path, life), Op.set(path, now.payload(), version));
    send(
        request,
        result -> {
          if (czxid == life) {
            version = result.stat(1).version();
            onWritten(now.revision());
          }
        },
        failure -> {
          if (isGone(failure)) {
            onGone(life);
          } else if (failure instanceof BadVersionException changed) {
            LOG.info("{} was changed by somebody else; what its owner says counts", path);
            version = changed.found();
          } else {
            onFailure(failure);
          }
        });
  }

  private void remove() {
    long life = czxid;
    send(
        patient.multi(Op.checkCzxid(path, life), Op.delete(path)),
        result -> onGone(life),
        failure -> {
          if (isGone(failure)) {
            onGone(life);
          } else {
            onFailure(failure);
          }
        });
  }

  private static boolean isGone(Throwable failure) {
    return failure instanceof NoNodeException || failure instanceof CzxidMismatchException;
  }

  private void onGone(long life) {
    if (czxid == life && life != 0) {
      czxid = 0;
      written = 0;
      if (!closed && !failed) {
        become(Registration.State.of(Registration.Phase.REGISTERING));
      }
    }
  }

  // ---- hearing ----------------------------------------------------------------------------------

  private void onEvent(ZnodeEvent event) {
    if (event.type() == ZnodeEvent.Type.DELETED) {
      if (czxid != 0 && event.zxid() > czxid) {
        onGone(czxid);
      }
      lookAgainIfTaken();
    } else if (event.type() == ZnodeEvent.Type.RESYNC) {
      lookAgainIfTaken();
      if (czxid != 0 && !over) {
        verify(czxid);
      }
    }
    step();
  }

  private void lookAgainIfTaken() {
    if (state.cause() instanceof InstanceTakenException) {
      cancelRetry();
    }
  }

  /** Whether our znode is still there; that the answer does not come is told apart. */
  private void verify(long life) {
    Settled.then(
        patient.exists(path),
        lane,
        stat -> {
          if (stat.isEmpty() || stat.get().czxid() != life) {
            onGone(life);
            step();
          }
        },
        failure -> {});
  }

  private void onSessionLost(long sessionId) {
    lostSession = Math.max(lostSession, sessionId);
    if (czxid != 0 && ownerSession <= lostSession) {
      onGone(czxid);
    }
    lookAgainIfTaken();
    step();
  }

  // ---- failing ----------------------------------------------------------------------------------

  private void onFailure(Throwable failure) {
    if (failure instanceof ClientClosedException) {
      closed = true;
      czxid = 0;
      become(Registration.State.of(Registration.Phase.CLOSED));
      failUpdates();
    } else if (failure instanceof SessionLostException
        || failure instanceof OutcomeUnknownException) {
      // Whatever came of it ended with its session.
      LOG.debug("{}: again in the next session: {}", path, failure.getMessage());
    } else if (isTerminal(failure) && !closed) {
      failed = true;
      become(new Registration.State(Registration.Phase.FAILED, failure, failures + 1));
      failUpdates();
    } else {
      waitForRetry(failure, pause.next());
    }
  }

  private static boolean isTerminal(Throwable failure) {
    return failure instanceof IllegalArgumentException
        || failure instanceof BadArgumentsException
        || failure instanceof NoChildrenForEphemeralsException
        || failure instanceof InvalidAclException
        || failure instanceof RequestTooLargeException
        || failure instanceof ServerRefusedException;
  }

  private void waitForRetry(Throwable cause, Duration delay) {
    failures++;
    if (!closed) {
      become(new Registration.State(Registration.Phase.RETRYING, cause, failures));
    }
    retry =
        client
            .scheduler()
            .schedule(
                delay,
                () ->
                    lane.execute(
                        () -> {
                          retry = null;
                          step();
                        }));
  }

  private void cancelRetry() {
    if (retry != null) {
      retry.close();
      retry = null;
    }
  }

  private void become(Registration.State next) {
    if (state.phase() == Registration.Phase.CLOSED || state.equals(next)) {
      return;
    }
    count(state.phase(), next.phase());
    state = next;
    for (Consumer<? super Registration.State> listener : listeners) {
      callbacks.execute(() -> listener.accept(next));
    }
  }

  private void count(Registration.Phase before, Registration.Phase next) {
    boolean waited = isWaiting(before);
    if (before == next || (waited && isWaiting(next))) {
      return;
    }
    if (counted != null) {
      counted.close();
      counted = null;
    }
    long now = client.scheduler().nanoTime();
    if (waited) {
      RecipeMeters.Outcome outcome =
          next == Registration.Phase.REGISTERED
              ? RecipeMeters.Outcome.GRANTED
              : next == Registration.Phase.FAILED
                  ? RecipeMeters.Outcome.FAILED
                  : RecipeMeters.Outcome.CANCELLED;
      meters.attempted(outcome, now - askedNanos);
    }
    if (next == Registration.Phase.REGISTERED) {
      counted = meters.held();
    } else if (isWaiting(next)) {
      meters.lost();
      counted = meters.waiting();
      askedNanos = now;
    }
  }

  private static boolean isWaiting(Registration.Phase phase) {
    return phase == Registration.Phase.REGISTERING || phase == Registration.Phase.RETRYING;
  }

  private RegistrationException notRegistered() {
    return new RegistrationException(
        "instance " + path + " is " + state.phase() + " and will not be registered", state.cause());
  }

  private void failUpdates() {
    RegistrationException failure = notRegistered();
    registered.completeExceptionally(failure);
    while (!updates.isEmpty()) {
      updates.removeFirst().written().completeExceptionally(failure);
    }
  }

  private void finish() {
    over = true;
    cancelRetry();
    if (watch != null) {
      watch.close();
    }
    if (losses != null) {
      losses.close();
    }
    gone.complete(null);
  }
}
