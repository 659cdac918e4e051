package io.quorate.server.peer;

/**
 * Links to the other servers: one connection per pair, authenticated, first in first out, lossless
 * while it is up, in both directions.
 *
 * <p>Never blocks, never throws for a lost peer. Bytes given for a link that is down, or that goes
 * down, are lost; both sides are told that it went down before they are told that it is up again.
 */
public interface PeerTransport {
  /**
   * The node takes note of a {@link PeerInbox#linkUp}: called on the node thread once for each, in
   * order, before anything is sent in answer to it.
   *
   * <p>Between a transport and its node stands a queue, so a link may go down and up again before
   * the node hears of it. What the node sends before this call belongs to an earlier life of the
   * link and is lost, even if it has not left yet: it must not turn up in the new life. A transport
   * that delivers within the call (the simulated network) needs no such mark.
   */
  default void linkSeen(int peer) {}

  /** Queues one message body for {@code peer}; the array is not changed afterwards by anybody. */
  void send(int peer, byte[] body);

  /** Pushes out what was queued since the last flush. Called once per turn of the node. */
  void flush();

  /**
   * Closes the link, because the peer said something illegal; it is dialled again after a pause.
   */
  void reset(int peer, String reason);
}
