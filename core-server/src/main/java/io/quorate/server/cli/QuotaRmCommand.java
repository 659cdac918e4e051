package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.NoNodeException;
import io.quorate.client.NotEmptyException;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code quorate quota rm}. */
@Command(name = "rm", description = "Takes all limits of a subtree away.")
final class QuotaRmCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  QuotaRmCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    String quota = QuotaLimits.pathOf(path);
    blocking.delete(quota + "/" + QuotaLimits.LIMITS);
    deleteIfThere(blocking, quota + "/" + QuotaLimits.STATS);
    // What led to it is of no use any more, unless it leads to another quota.
    for (String at = quota; !at.equals(QuotaLimits.ROOT); at = ZnodePath.parent(at)) {
      if (!deleteIfThere(blocking, at)) {
        break;
      }
    }
    return ExitCodes.OK;
  }

  private static boolean deleteIfThere(BlockingClient blocking, String znode)
      throws InterruptedException {
    try {
      blocking.delete(znode);
      return true;
    } catch (NoNodeException e) {
      return true;
    } catch (NotEmptyException e) {
      return false;
    }
  }
}
