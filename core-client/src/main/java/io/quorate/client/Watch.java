package io.quorate.client;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A persistent watch. It outlives reconnects and sessions; each time that changes may have been
 * missed, it says so by a resync.
 *
 * <p>A server that is short of something refuses to hold it for the moment: the client then leaves
 * that server, and tries until one holds the watch. Only a refusal that no later try would change
 * ends it, such as {@link TooManyWatchesException}: see {@link #onEnd}.
 */
public interface Watch extends AutoCloseable {
  /**
   * Completes when a server holds the watch for the first time: a read sent later, and the events,
   * together miss nothing. Fails with {@link UnavailableException} if that takes longer than the
   * request timeout; the watch stays nevertheless, and is registered as soon as a server answers.
   * After any other failure the watch is over.
   */
  CompletableFuture<Void> registered();

  /**
   * From now on calls {@code action} for resyncs, instead of giving the listener an event of type
   * {@link ZnodeEvent.Type#RESYNC}.
   *
   * @return this
   */
  Watch onResync(Runnable action);

  /**
   * Calls {@code action}, once, if the watch is over although nobody closed it: no server will hold
   * it. {@link TooManyWatchesException} says how many a server holds, and how many it would have
   * held. Nothing is heard of the znode after that. At once, if it is over already. An end is
   * logged as a warning, whether there is an action or not.
   *
   * @return this
   */
  Watch onEnd(Consumer<QuorateException> action);

  /** Ends the watch. No event follows, but one that is being delivered may still be running. */
  @Override
  void close();
}
