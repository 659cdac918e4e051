package io.quorate.server.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code quorate quota} with its sub-commands. */
@Command(
    name = "quota",
    description = {
      "Limits how many znodes a subtree may have, and how many bytes of data.",
      "A quota is a znode below /zookeeper/quota; servers refuse what exceeds a hard limit."
    },
    synopsisSubcommandLabel = "<ls|set|rm>")
final class QuotaCommand extends ContextCommand {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  QuotaCommand(CliContext context) {
    super(context);
  }

  @Override
  public Integer call() {
    context().err().println("quorate: a command of quota is missing: ls, set or rm");
    context().err().println("Try: " + spec.qualifiedName() + " --help");
    return ExitCodes.USAGE;
  }
}
