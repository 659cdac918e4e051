package io.quorate.recipes.queue;

import io.quorate.client.QuorateException;

/** The handle of the queue was closed; nothing was done. */
public final class QueueClosedException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public QueueClosedException(String message) {
    super(message);
  }
}
