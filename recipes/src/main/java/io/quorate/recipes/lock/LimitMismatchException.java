package io.quorate.recipes.lock;

import io.quorate.client.QuorateException;

/**
 * A semaphore has another limit than its user says, or too small a one for what is asked; nothing
 * was granted.
 */
public final class LimitMismatchException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final int expected;
  private final int found;

  LimitMismatchException(String message, int expected, int found) {
    super(message);
    this.expected = expected;
    this.found = found;
  }

  /** The limit, or the number of permits, that was asked for. */
  public int expected() {
    return expected;
  }

  /** The limit that is stored; 0 if the znode stores none. */
  public int found() {
    return found;
  }
}
