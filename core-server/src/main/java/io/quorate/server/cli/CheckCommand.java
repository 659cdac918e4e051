package io.quorate.server.cli;

import io.quorate.server.storage.StorageException;
import io.quorate.server.storage.file.CheckReport;
import io.quorate.server.storage.file.StoreChecker;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code quorate check}. */
@Command(
    name = "check",
    description = {
      "Verifies the data directory of a stopped server and says what is wrong where, and what"
          + " follows from it. Writes nothing.",
      "Exit codes: 0 sound (leftovers that the next start removes do not count), 1 damage, 2 the"
          + " directory can not be read."
    })
final class CheckCommand extends ContextCommand {
  @Parameters(paramLabel = "DATA_DIR")
  private Path directory = Path.of("");

  CheckCommand(CliContext context) {
    super(context);
  }

  @Override
  public Integer call() {
    CheckReport report;
    try {
      report = StoreChecker.check(directory);
    } catch (StorageException e) {
      throw new CommandFailure(ExitCodes.UNREADABLE, String.valueOf(e.getMessage()), e);
    }
    report.summary().lines().forEach(line -> context().out().println(line));
    report.findings().forEach(finding -> context().out().println("finding: " + finding));
    context().out().println(report.sound() ? "sound" : "NOT SOUND");
    return report.sound() ? ExitCodes.OK : ExitCodes.NO;
  }
}
