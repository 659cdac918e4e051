package io.quorate.server.storage;

/**
 * Storage can't keep its promise any more; the process ends (R16). The message names the file, what
 * was expected and what was found.
 */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
