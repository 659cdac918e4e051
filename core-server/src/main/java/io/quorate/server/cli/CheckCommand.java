package io.quorate.server.cli;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code quorate check}. */
@Command(
    name = "check",
    description = {
      "Verifies the data directory of a stopped server and says what is wrong where.",
      "Exit codes: 0 clean, 1 findings, 2 the directory can not be read."
    })
final class CheckCommand extends ContextCommand {
  @Parameters(paramLabel = "DATA_DIR")
  private Path directory = Path.of("");

  CheckCommand(CliContext context) {
    super(context);
  }

  @Override
  public Integer call() {
    context().err().println("quorate check: not built yet: " + directory);
    return ExitCodes.UNREADABLE;
  }
}
