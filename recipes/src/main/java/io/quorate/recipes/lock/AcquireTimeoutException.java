package io.quorate.recipes.lock;

import io.quorate.client.QuorateException;

/**
 * The lock was not granted in time. The message says who holds it and how many wait before, as far
 * as it was seen; nothing is left behind.
 */
public final class AcquireTimeoutException extends QuorateException {
  private static final long serialVersionUID = 1L;

  AcquireTimeoutException(String message) {
    super(message);
  }
}
