package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.data.WriteOp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate set-acl}. */
@Command(
    name = "set-acl",
    description = "Replaces the access control list of a znode and prints its new version.")
final class SetAclCommand extends ClientCommand {
  @Parameters(index = "0", paramLabel = "PATH")
  private String path = "/";

  @Parameters(
      index = "1",
      paramLabel = "ACL",
      description =
          "SCHEME:ID:PERMISSIONS,... with permissions out of cdrwa, such as"
              + " world:anyone:r,auth::cdrwa (auth: whoever --auth makes this command).")
  private String acl = "";

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "Only if the list has this version (aversion); else exit code 1.")
  private int version = WriteOp.ANY_VERSION;

  SetAclCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    print("aversion = " + blocking.setAcl(path, AclText.parse(acl), version).aversion());
    return ExitCodes.OK;
  }
}
