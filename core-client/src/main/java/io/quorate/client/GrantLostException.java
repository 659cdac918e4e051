package io.quorate.client;

/**
 * The grant that guards a multi is no longer held. {@code expected} is its fencing token; {@code
 * found} that of the znode in its place, 0 if there is none.
 */
public final class GrantLostException extends OperationException {
  private static final long serialVersionUID = 1L;

  private final long expected;
  private final long found;

  public GrantLostException(String message, String path, int opIndex, long expected, long found) {
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
