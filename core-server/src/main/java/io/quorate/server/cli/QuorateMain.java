package io.quorate.server.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The main class of the distribution's {@code bin/quorate}. */
public final class QuorateMain {
  private static final String CONNECT_DEFAULT = "127.0.0.1:2181";

  /** What a server promises for its clean end. */
  private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

  private QuorateMain() {}

  public static void main(String[] args) {
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    String connect = System.getenv("QUORATE_CONNECT");
    String auth = System.getenv("QUORATE_AUTH");
    StopSignal stop = new StopSignal(QuorateMain::exitBeside);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> onShutdown(stop, out, err), "stop"));

    int exitCode =
        QuorateCommand.run(
            new CliContext(
                out,
                err,
                System.in,
                connect == null || connect.isBlank() ? CONNECT_DEFAULT : connect,
                auth == null ? "" : auth.strip(),
                stop),
            args);
    out.flush();
    err.flush();
    stop.finished(exitCode);
    System.exit(exitCode);
  }

  /** Strings leave as UTF-8 whatever the platform's habit is, and lines as they are complete. */
  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  private static void exitBeside() {
    Thread thread = new Thread(() -> System.exit(ExitCodes.OK), "exit");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Runs when the process ends for whatever reason. After a signal, the exit code of the JVM would
   * be 128 + its number; a command that closed in good order says so by its own.
   */
  private static void onShutdown(StopSignal stop, PrintStream out, PrintStream err) {
    if (stop.isFinished() || !stop.isArmed()) {
      return;
    }
    int exitCode;
    try {
      exitCode = stop.requestAndAwait(CLOSE_MAX);
    } catch (InterruptedException e) {
      exitCode = ExitCodes.INTERNAL;
    }
    if (!stop.isFinished()) {
      err.println("quorate: not closed within " + CLOSE_MAX.toSeconds() + " s, ending anyway");
    }
    out.flush();
    err.flush();
    Runtime.getRuntime().halt(exitCode);
  }
}
