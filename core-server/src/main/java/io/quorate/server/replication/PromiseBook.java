package io.quorate.server.replication;

import io.quorate.server.base.Invariant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The promise in memory and the promise on disk.
 *
 * <p>Decisions go by {@link #current}, which binds this node from the moment it is made; messages
 * that rest on a promise leave after it is {@link #durable}. Epochs never decrease.
 */
final class PromiseBook {
  /** Nothing promised, nobody yet. */
  private static final Promise NONE = new Promise(0, 0, 0, 0, null);

  private record Pending(long token, Promise promise, AfterSave after) {}

  private final NodeState node;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private Promise current = NONE;
  private Promise durable = NONE;

  PromiseBook(NodeState node) {
    this.node = node;
  }

  void recover(@Nullable Promise promise) {
    current = promise == null ? NONE : promise;
    durable = current;
  }

  Promise current() {
    return current;
  }

  Promise durable() {
    return durable;
  }

  /** Binds this node and saves; {@code after} is done when it is durable. */
  void make(Promise promise, AfterSave after) {
    Invariant.check(
        promise.epoch() >= current.epoch(),
        "promise of epoch %d after %d",
        promise.epoch(),
        current.epoch());
    Invariant.check(promise.incarnation() != 0, "promise without an incarnation");
    current = promise;
    long token = node.nextToken();
    pending.add(new Pending(token, promise, after));
    node.emit(new Effect.SavePromise(token, promise));
  }

  /** Promises {@code epoch} to a candidate or leader; keeps everything else. */
  void promise(long epoch, int votedFor, AfterSave after) {
    make(
        new Promise(
            current.clusterId(), current.incarnation(), epoch, votedFor, current.membership()),
        after);
  }

  /** Keeps a membership that is known to be committed, if it is newer. */
  void learn(Membership committed) {
    Membership known = current.membership();
    if (known == null || committed.zxid() > known.zxid()) {
      make(
          new Promise(
              current.clusterId(),
              current.incarnation(),
              current.epoch(),
              current.votedFor(),
              committed),
          new AfterSave.Nothing());
    }
  }

  /** The oldest save is durable; what it was made for. */
  AfterSave saved(long token) {
    Pending first = pending.poll();
    Invariant.check(
        first != null && first.token() == token, "promise %d saved out of order", token);
    if (first == null) {
      return new AfterSave.Nothing();
    }
    durable = first.promise();
    return first.after();
  }
}
