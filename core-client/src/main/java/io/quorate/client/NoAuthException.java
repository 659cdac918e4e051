package io.quorate.client;

/** None of this client's identities may do that with that znode. */
public final class NoAuthException extends OperationException {
  private static final long serialVersionUID = 1L;

  public NoAuthException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
