package io.quorate.server.storage.file;

/**
 * The simulated machine stopped here. An error, not an exception: no code under test may handle it.
 */
public final class CrashError extends Error {
  private static final long serialVersionUID = 1L;

  public CrashError(String message) {
    super(message);
  }
}
