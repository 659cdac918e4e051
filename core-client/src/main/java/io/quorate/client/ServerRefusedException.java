package io.quorate.client;

/**
 * The server can't make sense of the request: it is of another version, or this client is wrong.
 * Not applied.
 */
public final class ServerRefusedException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public ServerRefusedException(String message) {
    super(message);
  }
}
