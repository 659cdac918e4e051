package io.quorate.client;

/** A stated limit of the tree would be exceeded: a quota, or the ephemerals of one session. */
public final class QuotaExceededException extends OperationException {
  private static final long serialVersionUID = 1L;

  private final long limit;
  private final long found;

  public QuotaExceededException(String message, String path, int opIndex, long limit, long found) {
    super(message, path, opIndex);
    this.limit = limit;
    this.found = found;
  }

  /** What may be there at most, znodes or bytes; 0 if the server did not say. */
  public long limit() {
    return limit;
  }

  /** What would be there after the operation; 0 if the server did not say. */
  public long found() {
    return found;
  }
}
