package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.Consistency;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate get}. */
@Command(
    name = "get",
    description = "Writes the data of a znode to standard output, and a line end after it.")
final class GetCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  @Option(names = "-s", description = "Then an empty line and the stat of the znode.")
  private boolean stat;

  @Option(names = "--raw", description = "The bytes of the data and nothing else.")
  private boolean raw;

  @Option(
      names = "--linearizable",
      description = "Reflect every write that was acknowledged, to anybody, before.")
  private boolean linearizable;

  GetCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    Znode znode = blocking.get(path, linearizable ? Consistency.LINEARIZABLE : Consistency.SESSION);
    byte[] data = znode.data();
    if (data != null) {
      context().out().write(data, 0, data.length);
    }
    if (!raw) {
      print("");
    }
    if (stat) {
      print("");
      StatLines.of(znode.stat()).forEach(this::print);
    }
    return ExitCodes.OK;
  }
}
