package io.quorate.client;

/**
 * The client would hold more watches than a server holds for one connection. The watch concerned is
 * not held, and never will be; what helps is to close others, or a recursive watch in the place of
 * many.
 */
public final class TooManyWatchesException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final long limit;
  private final long found;

  public TooManyWatchesException(String message, long limit, long found) {
    super(message);
    this.limit = limit;
    this.found = found;
  }

  /** How many watches a server holds for a client. */
  public long limit() {
    return limit;
  }

  /** How many it would have held. */
  public long found() {
    return found;
  }
}
