package io.quorate.client;

/** A definite answer: the operation could not be applied to the tree as it is. */
public abstract class OperationException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final int opIndex;

  protected OperationException(String message, String path, int opIndex) {
    super(message);
    this.path = path;
    this.opIndex = opIndex;
  }

  /** Path of the operation that failed, as the caller named it. */
  public String path() {
    return path;
  }

  /** Index of the operation that failed in its multi; 0 for a single one. */
  public int opIndex() {
    return opIndex;
  }
}
