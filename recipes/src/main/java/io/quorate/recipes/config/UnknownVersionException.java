package io.quorate.recipes.config;

import io.quorate.client.QuorateException;

/** A version that the history does not hold: never written, written before, or trimmed. */
public final class UnknownVersionException extends QuorateException {
  private static final long serialVersionUID = 1L;

  UnknownVersionException(String message) {
    super(message);
  }
}
