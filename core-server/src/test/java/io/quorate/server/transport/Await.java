package io.quorate.server.transport;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another thread will bring about. */
public final class Await {
  private static final long SECONDS_MAX = 20;

  private Await() {}

  /** Until it holds; fails with the description after a generous time. */
  public static void until(Supplier<String> description, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + SECONDS_MAX + " seconds: " + description.get());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  /** As above. */
  public static void until(String description, BooleanSupplier condition) {
    until(() -> description, condition);
  }
}
