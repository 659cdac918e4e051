package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.client.ZnodeAcl;
import io.quorate.data.Acl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate get-acl}. */
@Command(
    name = "get-acl",
    description = {
      "Prints who may do what with a znode, an entry SCHEME:ID:PERMISSIONS per line.",
      "Permissions: c create children, d delete children, r read, w write, a replace this list.",
      "Who may not replace the list is shown x instead of the hash of a digest."
    })
final class GetAclCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  @Option(
      names = {"-s", "--stat"},
      description = "Then an empty line and the stat of the znode.")
  private boolean stat;

  GetAclCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    ZnodeAcl found = blocking.getAcl(path);
    for (Acl entry : found.acl()) {
      print(AclText.of(entry));
    }
    if (stat) {
      print("");
      StatLines.of(found.stat()).forEach(this::print);
    }
    return ExitCodes.OK;
  }
}
