package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.data.WriteOp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate rm}. */
@Command(
    name = "rm",
    description = {
      "Deletes a znode, which must have no children, or with -r all below it first.",
      "-r deletes in batches, from the bottom up: whoever looks meanwhile sees a part of it gone,"
          + " and a failure leaves the rest."
    })
final class RmCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "Only if the znode has this version; else exit code 1. Not with -r.")
  private int version = WriteOp.ANY_VERSION;

  @Option(
      names = {"-r", "--recursive"},
      description = "Also all that is below it; the number deleted is told on standard error.")
  private boolean recursive;

  RmCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    if (!recursive) {
      blocking.delete(path, version);
      return ExitCodes.OK;
    }
    if (version != WriteOp.ANY_VERSION) {
      throw new CommandFailure(ExitCodes.USAGE, "--version does not go with -r");
    }
    if (path.equals("/")) {
      throw new CommandFailure(
          ExitCodes.USAGE, "rm -r / would delete everything: name the znodes below it instead");
    }
    long deleted = new SubtreeRemoval(client).remove(path);
    context().err().println("deleted " + deleted);
    return ExitCodes.OK;
  }
}
