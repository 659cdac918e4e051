package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate create}. */
@Command(
    name = "create",
    description = {
      "Creates a znode and prints its path.",
      "An ephemeral one lives as long as the command, which then goes on until Ctrl-C."
    })
final class CreateCommand extends ClientCommand {
  @Mixin private final PathAndData arguments = new PathAndData();

  @Option(names = "-e", description = "Ephemeral.")
  private boolean ephemeral;

  @Option(names = "-q", description = "Sequential: ten digits are appended to the path.")
  private boolean sequential;

  CreateCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws IOException, InterruptedException {
    byte[] bytes = arguments.read(context().in());
    if (ephemeral) {
      context().stop().arm();
    }
    print(blocking.create(arguments.path(), bytes, mode()).path());
    if (ephemeral) {
      context().err().println("ephemeral; Ctrl-C ends the session and removes it");
      context().stop().await();
    }
    return ExitCodes.OK;
  }

  private CreateMode mode() {
    if (ephemeral) {
      return sequential ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL;
    }
    return sequential ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT;
  }
}
