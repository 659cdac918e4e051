package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code quorate count}. */
@Command(name = "count", description = "Prints how many znodes are below one, at any depth.")
final class CountCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH", defaultValue = "/", description = "Default: ${DEFAULT-VALUE}")
  private String path = "/";

  CountCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    print(Long.toString(blocking.subtreeCount(path)));
    return ExitCodes.OK;
  }
}
