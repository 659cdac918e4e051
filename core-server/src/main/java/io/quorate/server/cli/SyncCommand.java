package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import picocli.CommandLine.Command;

/** {@code quorate sync}. */
@Command(
    name = "sync",
    description = {
      "Ends when the server has applied every write that was acknowledged, to anybody, before.",
      "A quorum operation: exit code 69 if there is no quorum in time."
    })
final class SyncCommand extends ClientCommand {
  SyncCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    blocking.sync();
    return ExitCodes.OK;
  }
}
