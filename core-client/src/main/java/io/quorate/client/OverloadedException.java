package io.quorate.client;

/**
 * A limit was reached, of the server or of what this client may have waiting. Not applied; try
 * again later.
 */
public final class OverloadedException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public OverloadedException(String message) {
    super(message);
  }
}
