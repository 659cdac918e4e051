package io.quorate.server.storage.file;

import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The first failure is the last: afterwards nothing is tried again (R16). Shared by the log thread
 * and the snapshot thread.
 */
final class FailureLatch {
  /** Work that may fail. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** Work with a result that may fail. */
  @FunctionalInterface
  interface Query<T> {
    T run() throws IOException;
  }

  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  void run(String what, Action action) {
    get(
        what,
        () -> {
          action.run();
          return what;
        });
  }

  <T> T get(String what, Query<T> query) {
    Throwable earlier = first.get();
    if (earlier != null) {
      throw new StorageException(
          what + " refused: storage failed before: " + earlier.getMessage(), earlier);
    }
    try {
      return query.run();
    } catch (IOException e) {
      first.compareAndSet(null, e);
      throw new StorageException(what + " failed: " + e, e);
    } catch (StorageException e) {
      first.compareAndSet(null, e);
      throw e;
    }
  }
}
