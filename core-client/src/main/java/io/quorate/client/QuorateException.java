package io.quorate.client;

/**
 * Why an operation has no result. Unless it is an {@link OutcomeUnknownException}, the operation
 * changed nothing.
 *
 * <p>Futures fail with one of these; {@link BlockingClient} throws it as it is, with the stack of
 * the caller.
 */
public abstract class QuorateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected QuorateException(String message) {
    super(message);
  }

  protected QuorateException(String message, Throwable cause) {
    super(message, cause);
  }
}
