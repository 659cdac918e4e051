package io.quorate.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;

/** A command run in this JVM, with what it said. */
final class CommandRun {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final StopSignal stop = new StopSignal(() -> {});
  private final String connect;
  private int exitCode = -1;

  private CommandRun(String connect) {
    this.connect = connect;
  }

  /** Runs it to its end. */
  static CommandRun of(String connect, String... args) {
    CommandRun run = new CommandRun(connect);
    run.execute("", args);
    return run;
  }

  /** As above, with that on standard input. */
  static CommandRun withInput(String input, String connect, String... args) {
    CommandRun run = new CommandRun(connect);
    run.execute(input, args);
    return run;
  }

  /** Runs it beside the test until {@link #stop}. */
  static CommandRun begin(String connect, String... args) {
    CommandRun run = new CommandRun(connect);
    new Thread(() -> run.execute("", args), "command").start();
    return run;
  }

  private void execute(String input, String... args) {
    exitCode =
        QuorateCommand.run(
            new CliContext(
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                connect,
                "",
                stop),
            args);
    stop.finished(exitCode);
  }

  /** Ends it as a signal would. */
  CommandRun stop() throws InterruptedException {
    stop.requestAndAwait(Duration.ofSeconds(20));
    return this;
  }

  int exitCode() {
    return exitCode;
  }

  String out() {
    return out.toString(UTF_8);
  }

  String err() {
    return err.toString(UTF_8);
  }
}
