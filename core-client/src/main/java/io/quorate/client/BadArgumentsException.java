package io.quorate.client;

/** Path, mode or another argument is not valid, or the znode is protected. */
public final class BadArgumentsException extends OperationException {
  private static final long serialVersionUID = 1L;

  public BadArgumentsException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
