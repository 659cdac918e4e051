package io.quorate.recipes.lock;

import io.quorate.data.Zxid;

/**
 * Who stands first in the queue of a lock.
 *
 * @param clientName as its client calls itself
 * @param sessionId session that holds the lock and whose end frees it
 * @param fencingToken of its grant
 * @param queuedAtMillis when it asked for the lock, by the leader's wall clock
 */
public record LockHolder(
    String clientName, long sessionId, long fencingToken, long queuedAtMillis) {
  @Override
  public String toString() {
    return "client '"
        + clientName
        + "', session "
        + Zxid.format(sessionId)
        + ", token "
        + Zxid.format(fencingToken);
  }
}
