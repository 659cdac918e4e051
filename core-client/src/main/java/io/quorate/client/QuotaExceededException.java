package io.quorate.client;

/** A stated limit of the tree would be exceeded, such as the ephemerals of one session. */
public final class QuotaExceededException extends OperationException {
  private static final long serialVersionUID = 1L;

  public QuotaExceededException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
