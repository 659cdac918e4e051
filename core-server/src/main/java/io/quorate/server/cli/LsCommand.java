package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.Children;
import io.quorate.client.QuorateClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate ls}. */
@Command(
    name = "ls",
    description = "Lists the names of the children of a znode, one per line, in name order.")
final class LsCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH", defaultValue = "/", description = "Default: ${DEFAULT-VALUE}")
  private String path = "/";

  @Option(names = "-s", description = "Then an empty line and the stat of the znode.")
  private boolean stat;

  LsCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    Children children = blocking.children(path);
    children.names().forEach(this::print);
    if (stat) {
      print("");
      StatLines.of(children.stat()).forEach(this::print);
    }
    return ExitCodes.OK;
  }
}
