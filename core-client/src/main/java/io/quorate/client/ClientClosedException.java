package io.quorate.client;

/** The client was closed before the operation was sent. Not applied. */
public final class ClientClosedException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public ClientClosedException(String message) {
    super(message);
  }
}
