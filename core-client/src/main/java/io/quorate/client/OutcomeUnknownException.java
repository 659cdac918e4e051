package io.quorate.client;

/**
 * A write was sent and its answer did not come: because the session ended, or within the time
 * allowed. It may have happened or not; read again to know.
 */
public final class OutcomeUnknownException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public OutcomeUnknownException(String message) {
    super(message);
  }
}
