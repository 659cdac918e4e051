package io.quorate.server.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Keeps so many calls in flight, and fails with the first that fails. Used by one thread. */
final class Pipeline {
  private final int width;
  private final Semaphore free;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Pipeline(int width) {
    this.width = width;
    this.free = new Semaphore(width);
  }

  /** Waits for a free place; call it before the call is made. */
  void enter() throws InterruptedException {
    free.acquire();
    check();
  }

  void track(CompletableFuture<?> call) {
    var unused =
        call.whenComplete(
            (result, failed) -> {
              if (failed != null) {
                failure.compareAndSet(null, failed);
              }
              free.release();
            });
  }

  /** Waits for all. */
  void drain() throws InterruptedException {
    free.acquire(width);
    free.release(width);
    check();
  }

  private void check() {
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a call of the pipeline failed", failed);
    }
  }
}
