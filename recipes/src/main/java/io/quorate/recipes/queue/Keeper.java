package io.quorate.recipes.queue;

import io.quorate.client.CzxidMismatchException;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.WatchScope;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings items back to {@code ready}: those whose claim is gone while they are in flight, and
 * delayed ones whose timer is gone.
 *
 * <p>Each handle that takes items has a place in the line of keepers; the first one does the work
 * for all. Two that think they are first do no harm: each move is one multi on the czxid of what it
 * moves. It hears of claims and timers by watches, and reads everything when it becomes first, when
 * it may have missed something, and now and then. Confined to the lane.
 */
final class Keeper {
  private static final Duration ROUND = Duration.ofSeconds(30);

  /** What is deleted together with its claim, by an acknowledgement, is told within this. */
  private static final Duration SETTLING = Duration.ofMillis(10);

  private final QueueCore core;
  private final WorkQueue<?> queue;
  private final LinePlace place;
  private final List<Watch> watches = new ArrayList<>();
  private final Set<String> abandoned = new TreeSet<>();
  private final Set<String> due = new TreeSet<>();
  private @Nullable Subscription checking;
  private @Nullable Subscription nextRound;
  private boolean scanning;
  private int failures;

  Keeper(QueueCore core, WorkQueue<?> queue) {
    this.core = core;
    this.queue = queue;
    this.place = new LinePlace(core, core.paths.keepers(), this::onFirst, this::onNotFirst);
  }

  void join() {
    place.join();
  }

  void close() {
    place.leave();
  }

  private void onFirst() {
    watch(core.paths.inflight(), this::onInflightEvent);
    watch(core.paths.claims(), event -> onGone(event, abandoned));
    watch(core.paths.timers(), event -> onGone(event, due));
    // Registered before the reading is sent: nothing is missed in between.
    scan();
  }

  private void watch(String folder, Consumer<ZnodeEvent> listener) {
    watches.add(
        core.client.watch(
            folder,
            WatchScope.RECURSIVE,
            event ->
                core.lane.execute(
                    () -> {
                      if (place.isFirst()) {
                        listener.accept(event);
                      }
                    })));
  }

  private void onNotFirst() {
    watches.forEach(Watch::close);
    watches.clear();
    abandoned.clear();
    due.clear();
    close(checking);
    close(nextRound);
    checking = null;
    nextRound = null;
  }

  private static void close(@Nullable Subscription subscription) {
    if (subscription != null) {
      subscription.close();
    }
  }

  private void onInflightEvent(ZnodeEvent event) {
    if (event.type() == ZnodeEvent.Type.DELETED) {
      abandoned.remove(ZnodePath.name(event.path()));
    }
  }

  private void onGone(ZnodeEvent event, Set<String> ids) {
    if (event.type() == ZnodeEvent.Type.RESYNC) {
      scan();
    } else if (event.type() == ZnodeEvent.Type.DELETED) {
      ids.add(ZnodePath.name(event.path()));
      checkSoon();
    }
  }

  private void checkSoon() {
    if (checking == null) {
      checking = core.after(SETTLING, this::check);
    }
  }

  private void check() {
    checking = null;
    if (!place.isFirst()) {
      return;
    }
    for (String id : abandoned) {
      move(core.paths.inflight(), core.paths.claims(), id);
    }
    for (String id : due) {
      move(core.paths.delayed(), core.paths.timers(), id);
    }
    abandoned.clear();
    due.clear();
  }

  /** Finds what has no companion, by reading all names. */
  private void scan() {
    if (scanning) {
      return;
    }
    scanning = true;
    close(nextRound);
    nextRound = null;
    Settled.then(
        orphans(core.paths.inflight(), core.paths.claims())
            .thenCombine(
                orphans(core.paths.delayed(), core.paths.timers()),
                (lost, ripe) -> List.of(lost, ripe)),
        core.lane,
        found -> {
          scanning = false;
          failures = 0;
          if (place.isFirst()) {
            abandoned.addAll(found.get(0));
            due.addAll(found.get(1));
            checkSoon();
            nextRound = core.after(core.pause(ROUND, ROUND, 0), this::scan);
          }
        },
        failure -> {
          scanning = false;
          if (!place.isFirst()) {
            return;
          }
          if (failures > 0 && !QueueCore.isSessionEnd(failure)) {
            core.problem("looking for abandoned items failed", failure);
          }
          Duration pause = core.pause(failures++);
          if (failure instanceof NoNodeException) {
            Settled.then(
                core.ensureFolders(), core.lane, done -> scanAfter(pause), e -> scanAfter(pause));
          } else {
            scanAfter(pause);
          }
        });
  }

  private void scanAfter(Duration pause) {
    if (place.isFirst() && nextRound == null) {
      nextRound = core.after(pause, this::scan);
    }
  }

  /** Those of {@code folder} without a companion; read in this order, so that none is new. */
  private CompletableFuture<Set<String>> orphans(String folder, String companions) {
    CompletableFuture<Set<String>> all =
        core.client.children(folder).thenApply(children -> new TreeSet<>(children.names()));
    return all.thenCombine(
        core.client.children(companions),
        (names, present) -> {
          names.removeAll(present.names());
          return names;
        });
  }

  private void move(String folder, String companions, String id) {
    String path = QueuePaths.child(folder, id);
    // In this order: when the companion of the znode that was read is not there afterwards, it was
    // there before, for both are created together.
    CompletableFuture<Znode> item = core.client.get(path);
    Settled.then(
        item.thenCombine(
            core.client.exists(QueuePaths.child(companions, id)),
            (znode, companion) -> companion.isPresent() ? null : znode),
        core.lane,
        znode -> {
          if (znode != null) {
            move(path, id, znode, folder.equals(core.paths.inflight()));
          }
        },
        failure -> {
          if (!(failure instanceof NoNodeException)) {
            scanAfter(core.pause(failures++));
          }
        });
  }

  private void move(String path, String id, Znode znode, boolean wasTaken) {
    List<Op> gone = List.of(Op.checkCzxid(path, znode.stat().czxid()), Op.delete(path));
    byte[] bytes = znode.data() == null ? new byte[0] : znode.data();
    Envelope item;
    try {
      item = Envelope.decode(bytes);
    } catch (IllegalArgumentException e) {
      Envelope dead = new Envelope(id, 0, false, 0, String.valueOf(e.getMessage()), bytes);
      carryOut(gone, toDead(dead), 0, "dead");
      return;
    }
    if (wasTaken && item.attempts() >= core.options.maxAttempts()) {
      String reason =
          "attempt %d, the last, was not acknowledged within its visibility and session"
              .formatted(item.attempts());
      carryOut(gone, toDead(item.because(reason)), item.priority(), "dead");
    } else if (item.attempts() == 0) {
      Settled.then(
          queue.appender(item.priority()).append(gone, List.of(item.encode()), List.of()),
          core.lane,
          done -> core.meters.moved("due"),
          this::onMoveFailed);
    } else {
      Op again =
          Op.create(
              ZnodePath.child(core.paths.front(item.priority()), QueuePaths.ITEM),
              item.encode(),
              CreateMode.PERSISTENT_SEQUENTIAL);
      carryOut(gone, again, item.priority(), wasTaken ? "redelivered" : "due");
    }
  }

  private Op toDead(Envelope item) {
    return Op.create(QueuePaths.child(core.paths.dead(), item.id()), item.encode());
  }

  private void carryOut(List<Op> gone, Op then, int priority, String outcome) {
    List<Op> ops = new ArrayList<>(gone);
    ops.add(then);
    Settled.then(
        core.multi(priority, ops),
        core.lane,
        done -> core.meters.moved(outcome),
        this::onMoveFailed);
  }

  private void onMoveFailed(Throwable failure) {
    if (failure instanceof NoNodeException || failure instanceof CzxidMismatchException) {
      // Somebody else moved it.
      return;
    }
    if (!QueueCore.isSessionEnd(failure)) {
      core.problem("an item was not brought back", failure);
    }
    scanAfter(core.pause(failures++));
  }
}
