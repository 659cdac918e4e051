package io.quorate.client;

/** The ensemble does not accept the credential, or does not know its scheme. */
public final class AuthFailedException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public AuthFailedException(String message) {
    super(message);
  }
}
