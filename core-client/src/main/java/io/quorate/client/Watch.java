package io.quorate.client;

import java.util.concurrent.CompletableFuture;

/**
 * A persistent watch. It outlives reconnects and sessions; each time that changes may have been
 * missed, it says so by a resync.
 */
public interface Watch extends AutoCloseable {
  /**
   * Completes when a server holds the watch for the first time: a read sent later, and the events,
   * together miss nothing. Fails with {@link UnavailableException} if that takes longer than the
   * request timeout; the watch stays nevertheless, and is registered as soon as a server answers.
   */
  CompletableFuture<Void> registered();

  /**
   * From now on calls {@code action} for resyncs, instead of giving the listener an event of type
   * {@link ZnodeEvent.Type#RESYNC}.
   *
   * @return this
   */
  Watch onResync(Runnable action);

  /** Ends the watch. No event follows, but one that is being delivered may still be running. */
  @Override
  void close();
}
