package io.quorate.recipes.discovery;

import io.quorate.client.QuorateException;
import org.jspecify.annotations.Nullable;

/** An instance is not registered: not in time, for good, or because its handle was closed. */
public final class RegistrationException extends QuorateException {
  private static final long serialVersionUID = 1L;

  RegistrationException(String message, @Nullable Throwable cause) {
    super(message, cause == null ? new IllegalStateException("no cause is known") : cause);
  }

  RegistrationException(String message) {
    super(message);
  }
}
