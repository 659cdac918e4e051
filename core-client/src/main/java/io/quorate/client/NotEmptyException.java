package io.quorate.client;

/** The znode to delete has children. */
public final class NotEmptyException extends OperationException {
  private static final long serialVersionUID = 1L;

  public NotEmptyException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
