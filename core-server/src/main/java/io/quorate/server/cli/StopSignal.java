package io.quorate.server.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How a command that goes on until Ctrl-C or SIGTERM learns of it and gets the time to end in good
 * order. Thread-safe.
 *
 * <p>Whoever ends the process (a shutdown hook) calls {@link #requestAndAwait}; the command {@link
 * #arm}s the signal, waits for it, closes what it has, and reports with {@link #finished}.
 */
final class StopSignal {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Runnable trigger;
  private volatile boolean armed;
  private volatile int exitCode = ExitCodes.INTERNAL;

  /**
   * Makes a signal that nobody has given yet.
   *
   * @param trigger begins the end of the process as a signal from outside would
   */
  StopSignal(Runnable trigger) {
    this.trigger = trigger;
  }

  /** From now on the end of the process waits for this command. */
  void arm() {
    armed = true;
  }

  boolean isArmed() {
    return armed;
  }

  /** Ends the process as a signal from outside would; does not wait for it. */
  void trigger() {
    trigger.run();
  }

  /** For commands: returns when the process is asked to end. */
  void await() throws InterruptedException {
    requested.await();
  }

  /** As above, or when that time has passed; tells whether it was asked. */
  boolean await(Duration atMost) throws InterruptedException {
    return requested.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** The command is done. */
  void finished(int code) {
    exitCode = code;
    finished.countDown();
  }

  boolean isFinished() {
    return finished.getCount() == 0;
  }

  /**
   * For the end of the process: asks the command to end and waits for it.
   *
   * @return what to exit with; {@link ExitCodes#INTERNAL} if the command took too long
   */
  int requestAndAwait(Duration atMost) throws InterruptedException {
    requested.countDown();
    return finished.await(atMost.toNanos(), TimeUnit.NANOSECONDS) ? exitCode : ExitCodes.INTERNAL;
  }
}
