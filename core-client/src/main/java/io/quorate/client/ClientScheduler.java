package io.quorate.client;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The client's clock, dice and callback executor, for what is built on a client: a recipe that uses
 * only these has no thread of its own, and can be driven by a simulator.
 */
public interface ClientScheduler {
  /** Monotonic, nanoseconds, arbitrary origin; never goes back. */
  long nanoTime();

  /** Random bits, for jitter; not for secrets. */
  long nextLong();

  /** Runs tasks in the order handed over, on the thread that callbacks run on; never inline. */
  Executor executor();

  /**
   * An executor like {@link #executor()} with an order of its own: when a task of another executor
   * takes long, its tasks go on.
   */
  Executor newSerialExecutor();

  /**
   * Runs {@code task} on {@link #executor()} after {@code delay}.
   *
   * @return closing it cancels the task if it has not begun
   */
  Subscription schedule(Duration delay, Runnable task);

  /** Whether the caller is a callback: it must not wait for this client. */
  boolean onCallbackThread();
}
