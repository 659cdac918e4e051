package io.quorate.client.session;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Until when the session can be relied upon, and the pings that extend it.
 *
 * <p>The deadline is the send time of a confirmed ping or write (its <i>first</i> sending) plus
 * 9/10 of the session timeout. It never goes back while the session lives.
 *
 * <p>Times are nanoseconds of the machine's clock.
 */
final class SafeDeadline {
  private static final long NEVER = Long.MAX_VALUE;
  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  private record PingSent(long id, long atNanos) {}

  private long timeoutNanos;
  private long untilNanos = LONG_AGO;

  /** Unanswered, in the order sent; of the present connection. */
  private final ArrayDeque<PingSent> pings = new ArrayDeque<>();

  private long lastPingId;
  private long lastPingNanos;

  /**
   * @param timeoutNanos as wished, until a session says what was granted
   */
  SafeDeadline(long timeoutNanos) {
    this.timeoutNanos = timeoutNanos;
  }

  long timeoutNanos() {
    return timeoutNanos;
  }

  /** In the past if there is no session. */
  long untilNanos() {
    return untilNanos;
  }

  /** How much of a timeout is safe. */
  static long span(long timeoutNanos) {
    return timeoutNanos - timeoutNanos / 10;
  }

  /** A session was opened. */
  void begin(long grantedTimeoutNanos, long safeUntilNanos) {
    timeoutNanos = grantedTimeoutNanos;
    untilNanos = safeUntilNanos;
  }

  /** What was granted at an attach; for what is sent from now on, and also for what was. */
  void timeoutIs(long grantedTimeoutNanos) {
    timeoutNanos = grantedTimeoutNanos;
  }

  /** A ping or write that was sent then is confirmed. */
  void extend(long sentNanos) {
    untilNanos = Math.max(untilNanos, sentNanos + span(timeoutNanos));
  }

  /** Nothing is safe from now on. */
  void end(long now) {
    untilNanos = Math.min(untilNanos, now);
  }

  // ---- pings ------------------------------------------------------------------------------------

  void connectionUp(long now) {
    lastPingNanos = now;
  }

  void connectionLost() {
    pings.clear();
  }

  /** A ping is sent now; its id. */
  long pingSent(long now) {
    lastPingNanos = now;
    pings.add(new PingSent(++lastPingId, now));
    return lastPingId;
  }

  /** When the ping with that id was sent; null if it is none that waits for its answer. */
  @Nullable Long ponged(long pingId) {
    PingSent sent = null;
    while (!pings.isEmpty() && pings.getFirst().id() <= pingId) {
      sent = pings.removeFirst();
    }
    return sent != null && sent.id() == pingId ? sent.atNanos() : null;
  }

  /** Every quarter of the timeout; more often when little more than half of it is safe. */
  long nextPingNanos() {
    long often = Math.max(lastPingNanos + timeoutNanos / 20, untilNanos - timeoutNanos / 2);
    return Math.min(lastPingNanos + timeoutNanos / 4, often);
  }

  /** When an unanswered ping makes the connection useless. */
  long silenceNanos() {
    return pings.isEmpty() ? NEVER : pings.getFirst().atNanos() + timeoutNanos / 3;
  }
}
