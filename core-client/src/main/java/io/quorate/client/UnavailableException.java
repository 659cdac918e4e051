package io.quorate.client;

/**
 * No server answered in time. The operation was not applied. The message names each address that
 * was tried, and what came of it.
 */
public final class UnavailableException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public UnavailableException(String message) {
    super(message);
  }
}
