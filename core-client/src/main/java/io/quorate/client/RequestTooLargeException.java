package io.quorate.client;

/** The request exceeds a size limit. Not applied. */
public final class RequestTooLargeException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public RequestTooLargeException(String message) {
    super(message);
  }
}
