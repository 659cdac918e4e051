package io.quorate.server.session;

import java.util.List;

/**
 * The leader's memory of when each session was last heard of. Local to one leadership: a new leader
 * starts every countdown anew.
 *
 * <p>Nanoseconds of a monotonic clock with any origin. Confined to the node thread.
 */
public final class SessionLeases {

  /** The session was heard of: it has until {@code nowNanos + timeoutNanos}. */
  public void touch(long sessionId, long timeoutNanos, long nowNanos) {
    throw new UnsupportedOperationException("follows");
  }

  /** Forgets a session; one that is not known is no error. */
  public void remove(long sessionId) {
    throw new UnsupportedOperationException("follows");
  }

  /** Forgets all. */
  public void clear() {
    throw new UnsupportedOperationException("follows");
  }

  /** Sessions whose time is up, by deadline, then id. Each is forgotten as it is returned. */
  public List<Long> expired(long nowNanos) {
    throw new UnsupportedOperationException("follows");
  }
}
