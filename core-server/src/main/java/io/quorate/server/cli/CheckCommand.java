package io.quorate.server.cli;

import io.quorate.server.storage.StorageException;
import io.quorate.server.storage.file.CheckReport;
import io.quorate.server.storage.file.RealDisk;
import io.quorate.server.storage.file.StoreChecker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code quorate check}. */
@Command(
    name = "check",
    description = {
      "Verifies the data directory of a stopped server and says what is wrong where, and what"
          + " follows from it. Writes nothing. Of a running server it reads what it can, warns, and"
          + " may take what is being written for damage.",
      "Exit codes: 0 sound (leftovers that the next start removes do not count), 1 damage, 2 the"
          + " directory can not be read."
    })
final class CheckCommand extends ContextCommand {
  private static final int NAMES_SHOWN = 5;

  @Parameters(paramLabel = "DATA_DIR")
  private Path directory = Path.of("");

  CheckCommand(CliContext context) {
    super(context);
  }

  @Override
  public Integer call() {
    refuseWhatIsNoDataDirectory();
    CheckReport report;
    boolean inUse;
    try {
      inUse = RealDisk.isInUse(directory);
      if (inUse) {
        context()
            .err()
            .println(
                "warning: "
                    + directory
                    + " is in use by a running server: what it writes or deletes meanwhile can look"
                    + " like damage; stop it, or copy the directory, for a verdict that counts");
      }
      report = StoreChecker.check(directory);
    } catch (StorageException e) {
      throw new CommandFailure(ExitCodes.UNREADABLE, String.valueOf(e.getMessage()), e);
    }
    report.summary().lines().forEach(line -> context().out().println(line));
    report.findings().forEach(finding -> context().out().println("finding: " + finding));
    String verdict = report.sound() ? "sound" : "NOT SOUND";
    context().out().println(inUse ? verdict + ", as far as it was readable in use" : verdict);
    return report.sound() ? ExitCodes.OK : ExitCodes.NO;
  }

  /** A directory with other things in it, as the one above, is a mistake of the caller's. */
  private void refuseWhatIsNoDataDirectory() {
    List<String> names;
    try (Stream<Path> found = Files.list(directory)) {
      names = found.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    } catch (IOException e) {
      return; // the checker says what is wrong
    }
    boolean known =
        names.stream()
            .anyMatch(
                name ->
                    name.startsWith("superblock")
                        || name.startsWith("identity")
                        || name.startsWith("history-"));
    if (!names.isEmpty() && !known) {
      String shown = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
      throw new CommandFailure(
          ExitCodes.UNREADABLE,
          "%s is no data directory: superblock, identity and history-N expected, found %s%s"
              .formatted(directory, shown, names.size() > NAMES_SHOWN ? ", ..." : ""));
    }
  }
}
