package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.data.WriteOp;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate set}. */
@Command(name = "set", description = "Replaces the data of a znode and prints its new version.")
final class SetCommand extends ClientCommand {
  @Mixin private final PathAndData arguments = new PathAndData();

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "Only if the znode has this version; else exit code 1.")
  private int version = WriteOp.ANY_VERSION;

  SetCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws IOException, InterruptedException {
    byte[] bytes = arguments.read(context().in());
    if (bytes == null) {
      throw new CommandFailure(ExitCodes.USAGE, "DATA or --file is missing");
    }
    print("version = " + blocking.set(arguments.path(), bytes, version).version());
    return ExitCodes.OK;
  }
}
