package io.quorate.recipes.base;

import io.quorate.client.QuorateClient;
import java.time.Duration;

/**
 * How old what a watch keeps current can be: the time since the last proof that nothing was missed.
 *
 * <p>A read is such a proof, as of its sending; and so, while the same session goes on, is every
 * contact that extended its safe deadline, because the events before it have been heard. A silent
 * partition therefore lets the age grow at once, before the client knows that it is cut off.
 *
 * <p>{@link #confirmed} and {@link #doubtful} are called by one owner at a time; {@link #age} on
 * any thread.
 */
public final class Freshness {
  /** What of a session's timeout the safe deadline lies behind the contact that extended it. */
  private static final double SAFE_SHARE = 0.9;

  /**
   * One proof.
   *
   * @param sessionId whose contacts prove as well; 0 for none
   */
  private record Proof(long nanos, long sessionId) {}

  private final QuorateClient client;
  private volatile Proof proof;

  public Freshness(QuorateClient client) {
    this.client = client;
    this.proof = new Proof(client.scheduler().nanoTime(), 0);
  }

  /**
   * Everything is as a read found it that was answered just now.
   *
   * @param sentNanos when the read was sent, on the client's clock
   */
  public void confirmed(long sentNanos) {
    proof = new Proof(sentNanos, client.sessionId());
  }

  /** Everything was as read then, but a change is known of that is not read yet. */
  public void wasCurrentAt(long sentNanos) {
    Proof last = proof;
    proof = new Proof(Math.max(last.nanos(), sentNanos), 0);
  }

  /** Changes may have been missed, or are known of and not read yet. */
  public void doubtful() {
    proof = new Proof(newestProofNanos(), 0);
  }

  /** Whether nothing is known to be outstanding, and the session that said so goes on. */
  public boolean isCurrent() {
    return isKept(proof);
  }

  /** Time since the last proof; since the start if there was none. */
  public Duration age() {
    return Duration.ofNanos(Math.max(0, client.scheduler().nanoTime() - newestProofNanos()));
  }

  private long newestProofNanos() {
    Proof last = proof;
    if (!isKept(last)) {
      return last.nanos();
    }
    long shareNanos = (long) (client.sessionTimeout().toNanos() * SAFE_SHARE);
    long contactNanos = client.safeUntil().nanoTime() - shareNanos;
    return Math.max(last.nanos(), contactNanos);
  }

  private boolean isKept(Proof last) {
    return last.sessionId() != 0 && client.sessionId() == last.sessionId();
  }
}
