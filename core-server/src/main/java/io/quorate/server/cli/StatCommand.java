package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.Consistency;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodeStat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate stat}. */
@Command(name = "stat", description = "Prints the stat of a znode, one field per line.")
final class StatCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  @Option(
      names = "--linearizable",
      description = "Reflect every write that was acknowledged, to anybody, before.")
  private boolean linearizable;

  StatCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    ZnodeStat stat =
        blocking
            .exists(path, linearizable ? Consistency.LINEARIZABLE : Consistency.SESSION)
            .orElseThrow(
                () -> new CommandFailure(ExitCodes.NO, "stat " + path + ": no such znode"));
    StatLines.of(stat).forEach(this::print);
    return ExitCodes.OK;
  }
}
