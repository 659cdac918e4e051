package io.quorate.client;

/** A znode of that name exists. */
public final class NodeExistsException extends OperationException {
  private static final long serialVersionUID = 1L;

  public NodeExistsException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
