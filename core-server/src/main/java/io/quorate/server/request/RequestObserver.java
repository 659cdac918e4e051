package io.quorate.server.request;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.protocol.message.ClientMessage;

/**
 * Hears what the request path does, on the node thread, at the moment it does it. Must not call
 * back. For meters and logs; some methods are called for every request.
 */
public interface RequestObserver {
  /** Hears nothing. */
  RequestObserver NONE = new RequestObserver() {};

  /**
   * A request was answered.
   *
   * @param arrivedNanos when it came to this server, on the node's monotonic clock
   */
  default void answered(ClientMessage request, OpResult result, long arrivedNanos) {}

  /** A ping was answered: it was confirmed by a quorum round. */
  default void ponged() {}

  /** So many watches of one connection fired by one entry. */
  default void fired(int watches) {}

  /** A client was told why it is not served any more, and closed. */
  default void refused(ErrorCode code, String reason, String remoteAddress) {}
}
