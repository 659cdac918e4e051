package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.data.WriteOp;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate set}. */
@Command(name = "set", description = "Replaces the data of a znode and prints its new version.")
final class SetCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "PATH")
  private String path = "/";

  @Parameters(index = "1", arity = "0..1", paramLabel = "DATA", description = "As text (UTF-8).")
  private @Nullable String text;

  @Mixin private final DataArgument data = new DataArgument();

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
    byte[] bytes = data.read(text, context().in());
    if (bytes == null) {
      throw new CommandFailure(ExitCodes.USAGE, "DATA or --file is missing");
    }
    print("version = " + blocking.set(path, bytes, version).version());
    return ExitCodes.OK;
  }
}
