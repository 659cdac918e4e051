package io.quorate.client;

/**
 * Too little disk space is left on a majority of the servers for anything that grows. Not applied;
 * reads and deletes go on. An operator has to make room.
 */
public final class InsufficientSpaceException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public InsufficientSpaceException(String message) {
    super(message);
  }
}
