package io.quorate.client;

/** The result does not fit into an answer; nothing was changed. Ask for less, or page by page. */
public final class ResultTooLargeException extends OperationException {
  private static final long serialVersionUID = 1L;

  public ResultTooLargeException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
