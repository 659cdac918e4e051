package io.quorate.server.node;

/** Waiting for a thread's end. */
final class Threads {
  private Threads() {}

  /** Waits until it has ended, keeping an interrupt for the caller; at once if it never started. */
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
