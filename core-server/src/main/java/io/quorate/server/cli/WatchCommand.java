package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.client.Watch;
import io.quorate.client.WatchScope;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.Zxid;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate watch}. */
@Command(
    name = "watch",
    description = {
      "Prints what happens to a znode, which need not exist, until Ctrl-C.",
      "One line per event: ZXID EVENT PATH, where EVENT is CREATED, DELETED, DATA_CHANGED,"
          + " CHILDREN_CHANGED, or RESYNC (with zxid 0x0) when changes may have been missed."
    })
final class WatchCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  @Option(
      names = {"-R", "--recursive"},
      description = "Also all that is below it; then there is no CHILDREN_CHANGED.")
  private boolean recursive;

  WatchCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    context().stop().arm();
    WatchScope scope = recursive ? WatchScope.RECURSIVE : WatchScope.ZNODE;
    try (Watch watch = client.watch(path, scope, this::print)) {
      blocking.await(watch.registered());
      context().err().println("watching " + path + "; Ctrl-C ends it");
      context().stop().await();
    }
    return ExitCodes.OK;
  }

  private void print(ZnodeEvent event) {
    print(Zxid.format(event.zxid()) + " " + event.type() + " " + event.path());
  }
}
