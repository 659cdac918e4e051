package io.quorate.recipes.base;

import io.quorate.client.QuorateException;

/**
 * What was asked for was not granted in time. The message says who held it and how many waited
 * before, as it was last seen; nothing is left behind.
 */
public final class AcquireTimeoutException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final boolean queued;

  public AcquireTimeoutException(String message, boolean queued) {
    super(message);
    this.queued = queued;
  }

  /**
   * Whether the ensemble said that somebody else was first; false if no server answered in time.
   */
  public boolean isHeldByAnother() {
    return queued;
  }
}
