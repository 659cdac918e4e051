package io.quorate.client;

/**
 * The session ended before the operation was sent, or while a read was unanswered. Nothing was
 * changed.
 */
public final class SessionLostException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public SessionLostException(String message) {
    super(message);
  }
}
