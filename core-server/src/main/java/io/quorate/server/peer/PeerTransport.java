package io.quorate.server.peer;

/**
 * Links to the other servers: one connection per pair, authenticated, first in first out, lossless
 * while it is up, in both directions.
 *
 * <p>Never blocks, never throws for a lost peer. Bytes given for a link that is down, or that goes
 * down, are lost; both sides are told that it went down before they are told that it is up again.
 */
public interface PeerTransport {
  /** Queues one message body for {@code peer}; the array is not changed afterwards by anybody. */
  void send(int peer, byte[] body);

  /** Pushes out what was queued since the last flush. Called once per turn of the node. */
  void flush();

  /**
   * Closes the link, because the peer said something illegal; it is dialled again after a pause.
   */
  void reset(int peer, String reason);
}
