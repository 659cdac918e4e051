package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.data.Identity;
import picocli.CommandLine.Command;

/** {@code quorate whoami}. */
@Command(
    name = "whoami",
    description = "Prints who the server takes this command for, an identity SCHEME:ID per line.")
final class WhoAmICommand extends ClientCommand {
  WhoAmICommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    for (Identity identity : blocking.whoAmI()) {
      print(identity.toString());
    }
    return ExitCodes.OK;
  }
}
