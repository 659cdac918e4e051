package io.quorate.client;

/** The znode has another version than expected. */
public final class BadVersionException extends OperationException {
  private static final long serialVersionUID = 1L;

  private final int expected;
  private final int found;

  public BadVersionException(String message, String path, int opIndex, int expected, int found) {
    super(message, path, opIndex);
    this.expected = expected;
    this.found = found;
  }

  public int expected() {
    return expected;
  }

  public int found() {
    return found;
  }
}
