package io.quorate.server.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every command has: its surroundings, and {@code --help}. Returns an {@link ExitCodes}. */
@Command
abstract class ContextCommand implements Callable<Integer> {
  private final CliContext context;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this and end.")
  @SuppressWarnings("UnusedVariable") // set and read by picocli alone
  private boolean help;

  ContextCommand(CliContext context) {
    this.context = context;
  }

  final CliContext context() {
    return context;
  }
}
