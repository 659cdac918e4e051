package io.quorate.recipes.base;

/**
 * How a grant was lost.
 *
 * @param fencingToken of the grant
 * @param reason for people
 */
public record GrantLoss(Cause cause, long fencingToken, String reason) {

  /** What happened. */
  public enum Cause {
    /** The session is over, or this client can't rule it out any more. */
    SESSION_LOST,
    /** Somebody deleted the znode that stood for the grant. */
    ZNODE_DELETED,
    /** It was held as long as it may be; the ensemble is about to give it to others. */
    HOLD_EXPIRED
  }
}
