package io.quorate.recipes.queue;

import io.quorate.client.ClientClosedException;
import io.quorate.client.CreateOptions;
import io.quorate.client.CzxidMismatchException;
import io.quorate.client.MultiResult;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
import io.quorate.client.OperationException;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.WatchScope;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.RecipeMeters;
import io.quorate.recipes.base.Settled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes items for those who wait in this process. They share one wait: while there is nothing, the
 * handle has one place among the idle clients, and only the first of these watches for new items.
 * Confined to the lane.
 */
final class Dispatcher<T> {

  /** Somebody who waits for an item. */
  interface Taker<T> {
    /** On the lane. False if it is not wanted any more. */
    boolean offer(ClaimedItem<T> item);

    /** On the lane: looking failed for good. */
    void fail(Throwable failure);

    /** On the lane: there is nothing at the moment. True to go away. */
    boolean nothingThere();
  }

  private record Wait<T>(Taker<T> taker, long sinceNanos, RecipeMeters.Running running) {}

  private final QueueCore core;
  private final Codec<T> codec;
  private final ReadyReader reader;
  private final LinePlace idle;
  private final Deque<Wait<T>> waiting = new ArrayDeque<>();
  private int claiming;
  private boolean filling;
  private boolean pausing;
  private boolean closed;
  private int failures;
  private @Nullable Watch readyWatch;

  Dispatcher(QueueCore core, Codec<T> codec) {
    this.core = core;
    this.codec = codec;
    this.reader = new ReadyReader(core);
    this.idle =
        new LinePlace(core, core.paths.idle(), this::onFirstOfTheIdle, this::onNotFirstOfTheIdle);
  }

  void want(Taker<T> taker) {
    if (closed) {
      taker.fail(closedException());
      return;
    }
    waiting.add(new Wait<>(taker, core.nanoTime(), core.meters.grants.waiting()));
    if (readyWatch == null) {
      // Nobody tells this handle what is new: what it knows is what it read last.
      reader.markAll();
    }
    pump();
  }

  void forget(Taker<T> taker) {
    for (Wait<T> each : List.copyOf(waiting)) {
      if (each.taker == taker) {
        waiting.remove(each);
        end(each, RecipeMeters.Outcome.TIMED_OUT);
      }
    }
  }

  private void end(Wait<T> wait, RecipeMeters.Outcome outcome) {
    wait.running.close();
    core.meters.grants.attempted(outcome, core.nanoTime() - wait.sinceNanos);
  }

  private void failAll(Throwable failure) {
    List<Wait<T>> all = List.copyOf(waiting);
    waiting.clear();
    for (Wait<T> each : all) {
      end(each, RecipeMeters.Outcome.FAILED);
      each.taker.fail(failure);
    }
  }

  void close() {
    closed = true;
    idle.leave();
    failAll(closedException());
  }

  private QueueClosedException closedException() {
    return new QueueClosedException("this handle of queue " + core.paths.root() + " is closed");
  }

  private void pump() {
    while (!closed && !pausing && waiting.size() > claiming) {
      ReadyReader.Candidate candidate = filling ? null : reader.next();
      if (candidate == null) {
        fill();
        return;
      }
      claim(candidate);
    }
  }

  private void fill() {
    if (filling) {
      return;
    }
    if (!reader.isUnread()) {
      onNothing();
      return;
    }
    filling = true;
    Settled.then(
        reader.fill(),
        core.lane,
        done -> {
          filling = false;
          failures = 0;
          pump();
        },
        failure -> {
          filling = false;
          onFillFailed(failure);
        });
  }

  private void onNothing() {
    if (claiming == 0) {
      for (Wait<T> each : List.copyOf(waiting)) {
        if (each.taker.nothingThere()) {
          forget(each.taker);
        }
      }
    }
    if (waiting.size() > claiming) {
      idle.join();
    }
  }

  private void onFillFailed(Throwable failure) {
    if (failure instanceof NoNodeException) {
      Settled.then(
          core.ensureFolders(), core.lane, done -> retryLater(), again -> onTrouble(again));
    } else {
      onTrouble(failure);
    }
  }

  /** What may pass is tried again; what will not is told to whoever waits. */
  private void onTrouble(Throwable failure) {
    if (failure instanceof ClientClosedException) {
      core.clientClosed();
      return;
    }
    if (failure instanceof OperationException) {
      core.problem("taking failed", failure);
      failAll(failure);
    }
    retryLater();
  }

  private void retryLater() {
    if (closed || pausing) {
      return;
    }
    pausing = true;
    Subscription timer =
        core.after(
            core.pause(failures++),
            () -> {
              pausing = false;
              pump();
            });
    assert timer != null;
  }

  // ---- waiting

  private void onFirstOfTheIdle() {
    if (waiting.isEmpty()) {
      idle.leave();
      return;
    }
    Watch watch =
        core.client.watch(
            core.paths.ready(),
            WatchScope.RECURSIVE,
            event -> core.lane.execute(() -> onReadyEvent(event)));
    readyWatch = watch;
    // The watch is registered before the reading is sent: nothing is missed in between.
    lookAgain();
  }

  private void onNotFirstOfTheIdle() {
    if (readyWatch != null) {
      readyWatch.close();
      readyWatch = null;
    }
  }

  private void onReadyEvent(ZnodeEvent event) {
    if (!idle.isFirst()) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.RESYNC) {
      lookAgain();
      return;
    }
    boolean item =
        event.type() == ZnodeEvent.Type.CREATED
            && ZnodePath.name(event.path()).startsWith(QueuePaths.ITEM);
    if (!item) {
      return;
    }
    if (waiting.size() <= claiming) {
      // Nobody here can take it: the next in the line looks.
      idle.leave();
      return;
    }
    core.meters.wokeUp();
    lookAgain();
  }

  private void lookAgain() {
    reader.markAll();
    pump();
  }

  // ---- claiming

  private void claim(ReadyReader.Candidate candidate) {
    claiming++;
    Settled.then(
        reader.data(candidate),
        core.lane,
        znode -> claim(candidate, znode),
        failure -> {
          claiming--;
          reader.tried(candidate, failure instanceof NoNodeException);
          if (failure instanceof NoNodeException) {
            core.meters.moved("conflict");
            pump();
          } else {
            reader.markAll();
            onTrouble(failure);
          }
        });
  }

  private void claim(ReadyReader.Candidate candidate, Znode znode) {
    byte[] bytes = znode.data() == null ? new byte[0] : znode.data();
    Envelope envelope;
    try {
      envelope = Envelope.decode(bytes);
    } catch (IllegalArgumentException e) {
      bury(candidate, znode, bytes, String.valueOf(e.getMessage()));
      return;
    }
    claim(candidate, znode, envelope);
  }

  private void claim(ReadyReader.Candidate candidate, Znode znode, Envelope envelope) {
    Envelope taken = envelope.outOfRoom().attempt(envelope.attempts() + 1);
    String inflight = QueuePaths.child(core.paths.inflight(), taken.id());
    String claim = QueuePaths.child(core.paths.claims(), taken.id());
    List<Op> ops = new ArrayList<>();
    ops.add(Op.checkCzxid(candidate.path, znode.stat().czxid()));
    ops.add(Op.delete(candidate.path));
    ops.add(Op.create(inflight, taken.encode()));
    ops.add(
        Op.create(
            claim,
            core.client.clientName().getBytes(StandardCharsets.UTF_8),
            CreateOptions.of(CreateMode.EPHEMERAL).withExpiry(core.options.visibility())));
    int room = ops.size();
    if (envelope.roomed()) {
      ops.add(Op.delete(QueuePaths.child(core.paths.room(), taken.id())));
    }
    List<Op> hints = reader.hints(candidate.priority);
    List<Integer> hinted = reader.hinted(candidate.priority);
    int firstHint = ops.size();
    ops.addAll(hints);
    long sentNanos = core.nanoTime();
    Settled.then(
        core.patient.multi(ops),
        core.lane,
        result -> {
          claiming--;
          reader.tried(candidate, false);
          reader.readHints(hints, hinted, result, firstHint);
          onClaimed(taken, result, sentNanos);
        },
        failure -> {
          if (envelope.roomed()
              && failure instanceof NoNodeException gone
              && gone.opIndex() == room) {
            // Somebody deleted its place: it has none to give up.
            claim(candidate, znode, envelope.outOfRoom());
          } else if (failure instanceof NodeExistsException) {
            // Somebody copied an item: this one gets a name of its own.
            claim(candidate, znode, envelope.outOfRoom().named(core.newId()));
          } else {
            onClaimFailed(candidate, failure);
          }
        });
  }

  private void onClaimFailed(ReadyReader.Candidate candidate, Throwable failure) {
    claiming--;
    boolean gone = failure instanceof NoNodeException n && n.opIndex() < 2;
    boolean conflict = gone || failure instanceof CzxidMismatchException;
    reader.tried(candidate, conflict);
    if (conflict) {
      core.meters.moved("conflict");
      pump();
      return;
    }
    reader.markAll();
    onFillFailed(failure);
  }

  private void onClaimed(Envelope envelope, MultiResult result, long sentNanos) {
    failures = 0;
    core.meters.moved("taken");
    long token = result.zxid();
    long session = result.stat(3).ephemeralOwner();
    T value;
    try {
      value = codec.decode(envelope.payload());
    } catch (RuntimeException e) {
      // The bytes are kept with the dead letters, for whoever understands them.
      ClaimedItem<T> unreadable =
          new ClaimedItem<>(core, envelope, null, token, session, sentNanos);
      Settled.then(
          unreadable.bury(String.valueOf(e.getMessage())),
          core.lane,
          done -> {},
          // Whoever claims it next finds the same.
          failure -> core.problem("an unreadable item was not buried", failure));
      pump();
      return;
    }
    ClaimedItem<T> item = new ClaimedItem<>(core, envelope, value, token, session, sentNanos);
    item.begin();
    hand(item);
    pump();
  }

  private void hand(ClaimedItem<T> item) {
    for (Wait<T> wait = waiting.poll(); wait != null; wait = waiting.poll()) {
      if (wait.taker.offer(item)) {
        end(wait, RecipeMeters.Outcome.GRANTED);
        return;
      }
      end(wait, RecipeMeters.Outcome.CANCELLED);
    }
    // Whoever wanted it went away meanwhile.
    CompletableFuture<Void> returned = item.releaseAsync();
    assert returned != null;
  }

  /** Something that is no item, where items are: its bytes go to the dead letters as they are. */
  private void bury(ReadyReader.Candidate candidate, Znode znode, byte[] bytes, String reason) {
    String id = core.newId();
    Envelope dead = new Envelope(id, candidate.priority, false, 0, "", bytes).because(reason);
    Settled.then(
        core.patient.multi(
            Op.checkCzxid(candidate.path, znode.stat().czxid()),
            Op.delete(candidate.path),
            Op.create(QueuePaths.child(core.paths.dead(), id), dead.encode())),
        core.lane,
        done -> {
          core.meters.moved("dead");
          claiming--;
          reader.tried(candidate, false);
          pump();
        },
        failure -> onClaimFailed(candidate, failure));
  }
}
