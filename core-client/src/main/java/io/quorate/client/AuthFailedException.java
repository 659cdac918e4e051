package io.quorate.client;

/** The ensemble does not accept the credential, or does not know its scheme. */
public final class AuthFailedException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final String scheme;

  public AuthFailedException(String message, String scheme) {
    super(message);
    this.scheme = scheme;
  }

  /** Of the credential. */
  public String scheme() {
    return scheme;
  }
}
