package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.data.WriteOp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate rm}. */
@Command(name = "rm", description = "Deletes a znode, which must have no children.")
final class RmCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "Only if the znode has this version; else exit code 1.")
  private int version = WriteOp.ANY_VERSION;

  RmCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    blocking.delete(path, version);
    return ExitCodes.OK;
  }
}
