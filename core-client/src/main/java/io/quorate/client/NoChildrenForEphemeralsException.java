package io.quorate.client;

/** The parent is ephemeral, and ephemerals have no children. */
public final class NoChildrenForEphemeralsException extends OperationException {
  private static final long serialVersionUID = 1L;

  public NoChildrenForEphemeralsException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
