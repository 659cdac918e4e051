package io.quorate.recipes.base;

import io.quorate.client.Deadline;
import io.quorate.client.Op;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Something that the ensemble gave to this handle and to nobody else, until it is released or lost.
 * Owned by whoever holds the object, not by a thread. All methods may be called from any thread.
 *
 * <p>Three proofs come with it, from the cheapest to the strongest: {@link #safeUntil()} says how
 * long the ensemble can't have given it away, {@link #guard()} makes a change in Quorate
 * conditional on it, and {@link #fencingToken()} lets any other store refuse whoever is late. A
 * process can be paused between any two instructions, so only the last two protect a write.
 */
public interface Grant extends AutoCloseable {

  /**
   * Strictly greater than the token of every earlier grant of the same thing. A store that refuses
   * lower tokens is safe.
   */
  long fencingToken();

  /**
   * Until then nobody else can have been granted it. Moves on while the session is alive; has
   * passed once the grant is over. Monotonic.
   */
  Deadline safeUntil();

  /**
   * Whether it is still held, as far as this process can know: neither released nor lost, and
   * {@link #safeUntil()} has not passed.
   */
  boolean isHeld();

  /**
   * Calls {@code listener} once if the grant is lost (not if it is released), on the client's
   * callback executor; at once if it is lost already. With a lost session this is no later than the
   * end of {@link #safeUntil()}, so before anybody else can be granted it; if somebody deleted the
   * znode that stands for it, as soon as the ensemble says so.
   *
   * @return this
   */
  Grant onLost(Consumer<GrantLoss> listener);

  /**
   * An operation for a multi of one's own: the multi fails with {@code GrantLostException} unless
   * the grant is held at that zxid.
   */
  Op guard();

  /**
   * Gives it back. Completes when the ensemble has it back, or the session that held it is over;
   * never fails. While no server answers it goes on trying. Idempotent.
   */
  CompletableFuture<Void> releaseAsync();

  /**
   * Releases and waits for it, but no longer than the client's request timeout; then the release
   * goes on in the background. Doesn't wait on a callback thread. Never throws; an interrupt ends
   * the waiting and stays set.
   */
  @Override
  void close();
}
