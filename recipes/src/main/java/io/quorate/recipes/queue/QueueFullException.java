package io.quorate.recipes.queue;

import io.quorate.client.QuorateException;

/** A bounded queue had no room for what was put; nothing was put. */
public final class QueueFullException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public QueueFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
