package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.CreateOptions;
import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = {"-e", "--ephemeral"},
      description = "Deleted with the session of this command.")
  private boolean ephemeral;

  @Option(
      names = {"-q", "--sequential"},
      description = "Ten digits are appended to the path.")
  private boolean sequential;

  @Option(
      names = "--container",
      description = "Deleted by the ensemble some time after its last child went.")
  private boolean container;

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      converter = DurationText.Lifetime.class,
      description = "Deleted once it has no children and its data was not changed for so long.")
  private @Nullable Duration ttl;

  @Option(
      names = "--expire-after",
      paramLabel = "DURATION",
      converter = DurationText.Lifetime.class,
      description = "Deleted once it has no children and so long after now; with any kind.")
  private @Nullable Duration expireAfter;

  @Option(
      names = "--acl",
      paramLabel = "ACL",
      description = "SCHEME:ID:PERMISSIONS,... as in set-acl; default world:anyone:cdrwa.")
  private @Nullable String acl;

  CreateCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws IOException, InterruptedException {
    byte[] bytes = arguments.read(context().in());
    if (ephemeral) {
      context().stop().arm();
    }
    print(blocking.create(arguments.path(), bytes, options()).path());
    if (ephemeral) {
      context().err().println("ephemeral; Ctrl-C ends the session and removes it");
      context().stop().await();
    }
    return ExitCodes.OK;
  }

  private CreateOptions options() {
    CreateOptions options = CreateOptions.of(mode());
    if (acl != null) {
      options = options.withAcl(AclText.parse(acl));
    }
    if (ttl != null) {
      options = options.withTtl(ttl);
    }
    return expireAfter == null ? options : options.withExpiry(expireAfter);
  }

  private CreateMode mode() {
    int kinds = (ephemeral ? 1 : 0) + (container ? 1 : 0) + (ttl != null ? 1 : 0);
    if (kinds > 1 || (container && sequential)) {
      throw new CommandFailure(
          ExitCodes.USAGE, "at most one of -e, --container and --ttl, and no -q with --container");
    }
    if (ephemeral) {
      return sequential ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL;
    }
    if (ttl != null) {
      return sequential ? CreateMode.PERSISTENT_SEQUENTIAL_TTL : CreateMode.PERSISTENT_TTL;
    }
    if (container) {
      return CreateMode.CONTAINER;
    }
    return sequential ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT;
  }
}
