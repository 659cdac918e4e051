package io.quorate.recipes.queue;

import io.quorate.client.CreateOptions;
import io.quorate.client.MultiResult;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.SequentialNames;
import io.quorate.recipes.base.Settled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Appends items to the last segment of one priority, in the order in which they were handed over.
 *
 * <p>All producers share the last segment. Whoever sees by the number of its item that the segment
 * is full begins the next one, unless somebody has already. Consumers delete segments that are
 * empty and not the last; whoever still appends there is refused, and goes on in the last one with
 * everything that was refused, in order. Confined to the lane.
 */
final class Appender {
  private record Append(
      List<Op> before, List<byte[]> items, List<Op> after, CompletableFuture<Boolean> done) {}

  private final QueueCore core;
  private final int priority;
  private final Deque<Append> pending = new ArrayDeque<>();
  private final List<Append> refused = new ArrayList<>();
  private @Nullable String segment;
  private @Nullable Integer full;
  private int inFlight;
  private boolean seeking;

  Appender(QueueCore core, int priority) {
    this.core = core;
    this.priority = priority;
  }

  /**
   * Appends at one zxid, together with other operations.
   *
   * @param before whose failure is the caller's
   */
  CompletableFuture<Boolean> append(List<Op> before, List<byte[]> items, List<Op> after) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    pending.add(new Append(before, items, after, done));
    send();
    return done;
  }

  private void send() {
    if (seeking) {
      return;
    }
    if (segment == null) {
      // What is under way settles first, for what is refused goes ahead of what waits.
      if (inFlight == 0 && !pending.isEmpty()) {
        seek();
      }
      return;
    }
    for (Append next = pending.poll(); next != null; next = pending.poll()) {
      transmit(next, segment);
    }
  }

  private void transmit(Append append, String into) {
    List<Op> ops = new ArrayList<>(append.before);
    String prefix = ZnodePath.child(into, QueuePaths.ITEM);
    CompletableFuture<MultiResult> sent;
    try {
      for (byte[] item : append.items) {
        ops.add(Op.create(prefix, item, CreateOptions.of(CreateMode.PERSISTENT_SEQUENTIAL)));
      }
      ops.addAll(append.after);
      sent = core.client.multi(ops);
    } catch (IllegalArgumentException e) {
      // Of the client, about the size of what it was given: the caller has to hear of it.
      append.done.completeExceptionally(e);
      return;
    }
    inFlight++;
    int last = append.before.size() + append.items.size() - 1;
    Settled.then(
        sent,
        core.lane,
        result -> {
          noteNumber(result.created(last).path(), into);
          append.done.complete(true);
          settled();
        },
        failure -> {
          boolean folderGone =
              failure instanceof NoNodeException gone && gone.opIndex() >= append.before.size();
          if (folderGone) {
            refused.add(append);
            leave(into);
          } else {
            append.done.completeExceptionally(failure);
          }
          settled();
        });
  }

  private void noteNumber(String path, String into) {
    Integer number = SequentialNames.number(QueuePaths.ITEM, ZnodePath.name(path));
    if (number != null && (number < 0 || number >= core.options.segmentItems() - 1)) {
      full = SequentialNames.number(QueuePaths.SEGMENT, ZnodePath.name(into));
      leave(into);
    }
  }

  private void leave(String into) {
    if (into.equals(segment)) {
      segment = null;
    }
  }

  private void settled() {
    inFlight--;
    if (inFlight == 0) {
      for (int i = refused.size() - 1; i >= 0; i--) {
        pending.addFirst(refused.get(i));
      }
      refused.clear();
    }
    send();
  }

  private void seek() {
    seeking = true;
    // The folders of room and the like may be what is missing: creating those that exist is cheap,
    // and this happens once in a segment.
    Settled.then(
        core.client.children(core.paths.ready(priority)),
        core.lane,
        children -> {
          Integer last = last(children.names());
          if (last == null || last.equals(full)) {
            begin();
          } else {
            found(nameOf(children.names(), last));
          }
        },
        this::onSeekFailed);
  }

  private static @Nullable Integer last(List<String> names) {
    Integer last = null;
    for (String name : names) {
      Integer number = SequentialNames.number(QueuePaths.SEGMENT, name);
      if (number != null && (last == null || SequentialNames.isBefore(last, number))) {
        last = number;
      }
    }
    return last;
  }

  private static String nameOf(List<String> names, Integer wanted) {
    for (String name : names) {
      if (wanted.equals(SequentialNames.number(QueuePaths.SEGMENT, name))) {
        return name;
      }
    }
    throw new IllegalArgumentException("expected a segment of number " + wanted);
  }

  private void begin() {
    Settled.then(
        core.client.create(
            ZnodePath.child(core.paths.ready(priority), QueuePaths.SEGMENT),
            new byte[0],
            CreateMode.PERSISTENT_SEQUENTIAL),
        core.lane,
        created -> found(ZnodePath.name(created.path())),
        this::onSeekFailed);
  }

  private void found(String name) {
    seeking = false;
    segment = ZnodePath.child(core.paths.ready(priority), name);
    send();
  }

  private void onSeekFailed(Throwable failure) {
    if (failure instanceof NoNodeException) {
      Settled.then(core.ensureFolders(priority), core.lane, done -> seek(), this::giveUp);
    } else {
      giveUp(failure);
    }
  }

  private void giveUp(Throwable failure) {
    seeking = false;
    List<Append> all = new ArrayList<>(pending);
    pending.clear();
    for (Append each : all) {
      each.done.completeExceptionally(failure);
    }
  }
}
