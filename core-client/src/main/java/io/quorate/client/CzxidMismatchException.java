package io.quorate.client;

/** The znode is of another life than expected: it was deleted, and created again. */
public final class CzxidMismatchException extends OperationException {
  private static final long serialVersionUID = 1L;

  private final long expected;
  private final long found;

  public CzxidMismatchException(
      String message, String path, int opIndex, long expected, long found) {
    super(message, path, opIndex);
    this.expected = expected;
    this.found = found;
  }

  public long expected() {
    return expected;
  }

  public long found() {
    return found;
  }
}
