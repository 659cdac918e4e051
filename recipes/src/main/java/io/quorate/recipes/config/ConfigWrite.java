package io.quorate.recipes.config;

import io.quorate.client.BadVersionException;
import io.quorate.client.CzxidMismatchException;
import io.quorate.client.Deadline;
import io.quorate.client.MultiResult;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
import io.quorate.client.OperationException;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import io.quorate.client.UnavailableException;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Parents;
import io.quorate.recipes.base.Pause;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One change of a config znode: reads it, computes what it is to be, and writes that in one multi
 * with the entry of the history, on the condition that nothing changed in between.
 *
 * <p>A condition that failed means that somebody else was faster: again with what is there now, the
 * first time at once, then after growing pauses with jitter, until the client's request timeout is
 * over. A session that was lost before the write applied nothing and is tried again as well; an
 * outcome that nobody can know is the caller's to judge. Confined to a lane of its own.
 */
final class ConfigWrite<T> {
  private static final Duration PAUSE_FIRST = Duration.ofMillis(2);
  private static final Duration PAUSE_LONGEST = Duration.ofMillis(200);

  /** Makes the new value of the present znode, null if there is none. */
  @FunctionalInterface
  interface Change<R> {
    R apply(@Nullable Znode current);
  }

  private final QuorateClient client;
  private final String path;

  /** Of this write alone: what the user computes may take long. */
  private final Executor lane;

  private final Executor owner;
  private final int kept;
  private final @Nullable Long expected;
  private final Change<byte[]> change;
  private final ConfigHistory history;
  private final Deadline deadline;
  private final Pause pause;
  private final CompletableFuture<Long> result = new CompletableFuture<>();
  private int attempts;

  /**
   * @param owner serial, of the handle: what was written is told there
   * @param kept how many replaced versions stay
   * @param expected version; null for any
   */
  ConfigWrite(
      QuorateClient client,
      String path,
      Executor owner,
      int kept,
      @Nullable Long expected,
      Change<byte[]> change) {
    this.client = client;
    this.path = path;
    this.lane = client.scheduler().newSerialExecutor();
    this.owner = owner;
    this.kept = kept;
    this.expected = expected;
    this.change = change;
    this.history = new ConfigHistory(client, path);
    this.deadline = Deadline.after(client.requestTimeout(), client.scheduler()::nanoTime);
    this.pause = new Pause(client.scheduler(), PAUSE_FIRST, PAUSE_LONGEST);
  }

  /**
   * @param whenWritten gets the znode as it is then, on the owner's executor, before the result is
   *     complete
   */
  CompletableFuture<Long> begin(Consumer<Znode> whenWritten) {
    lane.execute(() -> attempt(whenWritten));
    Attempts.count(client, result);
    return result;
  }

  private void attempt(Consumer<Znode> whenWritten) {
    if (result.isDone()) {
      return;
    }
    if (deadline.hasPassed()) {
      result.completeExceptionally(
          new UnavailableException(
              "config %s: not written within %d ms, %d attempts; others were faster each time"
                  .formatted(path, client.requestTimeout().toMillis(), attempts)));
      return;
    }
    attempts++;
    QuorateClient inTime = client.withRequestTimeout(atLeastOneMilli(deadline.remaining()));
    Settled.then(
        inTime.get(path),
        lane,
        znode -> history(inTime, znode, whenWritten),
        failure -> {
          if (failure instanceof NoNodeException) {
            compute(inTime, null, List.of(), whenWritten);
          } else {
            failed(failure, whenWritten);
          }
        });
  }

  private static Duration atLeastOneMilli(Duration left) {
    return left.toMillis() < 1 ? Duration.ofMillis(1) : left;
  }

  private void history(QuorateClient inTime, Znode current, Consumer<Znode> whenWritten) {
    if (kept == 0) {
      compute(inTime, current, List.of(), whenWritten);
      return;
    }
    Settled.then(
        history.names(inTime),
        lane,
        names -> {
          if (names != null) {
            compute(inTime, current, names, whenWritten);
          } else {
            Settled.then(
                Parents.create(inTime, history.directory()),
                lane,
                done -> compute(inTime, current, List.of(), whenWritten),
                failure -> failed(failure, whenWritten));
          }
        },
        failure -> failed(failure, whenWritten));
  }

  private void compute(
      QuorateClient inTime,
      @Nullable Znode current,
      List<String> names,
      Consumer<Znode> whenWritten) {
    OperationException unfit = unfit(current);
    if (unfit != null) {
      result.completeExceptionally(unfit);
      return;
    }
    byte[] data;
    try {
      data = change.apply(current);
    } catch (RuntimeException e) { // thread top: code of the user, whose refusal is the answer
      result.completeExceptionally(e);
      return;
    }
    List<Op> ops = new ArrayList<>();
    if (current == null) {
      ops.add(Op.create(path, data));
    } else {
      ops.add(Op.checkCzxid(path, current.stat().czxid()));
      ops.add(Op.set(path, data, current.stat().version()));
      if (kept > 0) {
        ops.add(
            Op.create(
                history.entry(current.stat().czxid(), current.stat().version()), current.data()));
        for (String old : names.subList(0, Math.max(0, names.size() + 1 - kept))) {
          ops.add(Op.delete(ZnodePath.child(history.directory(), old)));
        }
      }
    }
    int written = current == null ? 0 : 1;
    CompletableFuture<MultiResult> answer;
    try {
      answer = inTime.multi(ops);
    } catch (IllegalArgumentException e) {
      // Of the client, about what it was given: too large, for instance.
      result.completeExceptionally(e);
      return;
    }
    Settled.then(
        answer,
        lane,
        done ->
            owner.execute(
                () -> {
                  whenWritten.accept(new Znode(data, done.stat(written), done.zxid()));
                  result.complete((long) done.stat(written).version());
                }),
        failure -> writeFailed(inTime, failure, current == null, whenWritten));
  }

  /** Why the present znode is not the expected one; null if it is. */
  private @Nullable OperationException unfit(@Nullable Znode current) {
    Long wanted = expected;
    if (wanted == null) {
      return null;
    }
    if (current == null) {
      return wanted == Config.ABSENT
          ? null
          : new NoNodeException(
              "config " + path + ": expected version " + wanted + ", found no znode", path, 0);
    }
    int found = current.stat().version();
    if (wanted == Config.ABSENT) {
      return new NodeExistsException(
          "config " + path + ": expected no znode, found version " + found, path, 0);
    }
    return found == wanted
        ? null
        : new BadVersionException(
            "config " + path + ": expected version " + wanted + ", found " + found,
            path,
            0,
            (int) (long) wanted,
            found);
  }

  private void writeFailed(
      QuorateClient inTime, Throwable failure, boolean created, Consumer<Znode> whenWritten) {
    if (created && failure instanceof NoNodeException) {
      Settled.then(
          Parents.create(inTime, ZnodePath.parent(path)),
          lane,
          done -> attempt(whenWritten),
          parentFailure -> failed(parentFailure, whenWritten));
      return;
    }
    boolean othersWereFaster =
        failure instanceof BadVersionException
            || failure instanceof CzxidMismatchException
            || failure instanceof NodeExistsException
            || failure instanceof NoNodeException;
    if (othersWereFaster) {
      again(whenWritten);
    } else {
      failed(failure, whenWritten);
    }
  }

  private void failed(Throwable failure, Consumer<Znode> whenWritten) {
    if (failure instanceof SessionLostException) {
      again(whenWritten);
    } else {
      result.completeExceptionally(failure);
    }
  }

  private void again(Consumer<Znode> whenWritten) {
    if (attempts == 1) {
      attempt(whenWritten);
      return;
    }
    Subscription timer =
        client.scheduler().schedule(pause.next(), () -> lane.execute(() -> attempt(whenWritten)));
    assert timer != null;
  }
}
