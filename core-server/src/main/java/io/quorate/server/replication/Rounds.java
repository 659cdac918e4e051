package io.quorate.server.replication;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Confirmations that wait for a quorum round begun after they arrived (R29). Rounds are numbered
 * from 1 and go out with heartbeats; one confirmed round confirms all before it.
 */
final class Rounds {
  /**
   * @param peer who asked; 0 = this node itself
   * @param token the asker's
   * @param zxid last entry of the log when it asked
   */
  record Waiting(long round, int peer, long token, long zxid) {}

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final int waitingMax;
  private long begun;
  private long confirmed;

  Rounds(int waitingMax) {
    this.waitingMax = waitingMax;
  }

  /** Newest round begun. */
  long begun() {
    return begun;
  }

  /** Waits for a round that begins later; false if too many wait. */
  boolean add(int peer, long token, long zxid) {
    if (waiting.size() >= waitingMax) {
      return false;
    }
    waiting.add(new Waiting(begun + 1, peer, token, zxid));
    return true;
  }

  /** Whether somebody waits for a round that has not begun, and none is under way. */
  boolean wanted() {
    Waiting last = waiting.peekLast();
    return last != null && last.round() > begun && confirmed == begun;
  }

  void begin() {
    begun++;
  }

  /** A quorum answered that round. */
  void confirm(long round) {
    confirmed = Math.max(confirmed, round);
  }

  /** The next one that is confirmed, or null. */
  @Nullable Waiting poll() {
    Waiting first = waiting.peekFirst();
    return first != null && first.round() <= confirmed ? waiting.pollFirst() : null;
  }
}
