package io.quorate.server.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What other threads leave for the node thread, which takes it all at once.
 *
 * <p>Clients are held back while the inbox is full: the thread that posts for one waits for room,
 * so that the client's socket fills up. Peers, disk and the shell itself are never held back: what
 * they post is bounded by what the node asked for (R33).
 */
final class NodeInbox {
  /** Client events wait for room beyond this number. */
  static final int EVENTS_MAX = 65_536;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition room = lock.newCondition();
  private List<Runnable> events = new ArrayList<>();
  private boolean waiting;
  private boolean closed;

  /** Posts without ever waiting. Ignored once closed. */
  void post(Runnable event) {
    lock.lock();
    try {
      add(event);
    } finally {
      lock.unlock();
    }
  }

  /** Posts on behalf of a client: waits while the inbox is full. Ignored once closed. */
  void postForClient(Runnable event) {
    lock.lock();
    try {
      while (events.size() >= EVENTS_MAX && !closed) {
        room.awaitUninterruptibly();
      }
      add(event);
    } finally {
      lock.unlock();
    }
  }

  private void add(Runnable event) {
    if (closed) {
      return;
    }
    events.add(event);
    if (waiting) {
      waiting = false;
      arrived.signal();
    }
  }

  /**
   * Takes everything, waiting for at most {@code nanos} if there is nothing; {@code empty} is the
   * emptied list of the last call, to be filled again.
   */
  List<Runnable> take(List<Runnable> empty, long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (events.isEmpty() && left > 0) {
        waiting = true;
        left = arrived.awaitNanos(left);
      }
      waiting = false;
      List<Runnable> taken = events;
      events = empty;
      if (taken.size() >= EVENTS_MAX) {
        room.signalAll();
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  int length() {
    lock.lock();
    try {
      return events.size();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is taken in any more; whoever waits for room goes on. */
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How long a turn of the shell may wait for events. */
  static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
}
