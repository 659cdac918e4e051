package io.quorate.client;

/** The znode, or the parent of the znode to create, does not exist. */
public final class NoNodeException extends OperationException {
  private static final long serialVersionUID = 1L;

  public NoNodeException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
