package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.QuorateClient;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate quota set}. */
@Command(
    name = "set",
    description = "Sets limits of a subtree; limits that are not named stay. -1 takes one away.")
final class QuotaSetCommand extends ClientCommand {
  @Parameters(paramLabel = "PATH")
  private String path = "/";

  @Option(
      names = "--count-hard",
      paramLabel = "N",
      description = "Most znodes, the one at PATH included; what exceeds it is refused.")
  private @Nullable Long countHard;

  @Option(
      names = "--bytes-hard",
      paramLabel = "N",
      description = "Most bytes of data, all znodes together; what exceeds it is refused.")
  private @Nullable Long bytesHard;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Soft limit of znodes, for ZooKeeper's tools; refuses nothing.")
  private @Nullable Long count;

  @Option(
      names = "--bytes",
      paramLabel = "N",
      description = "Soft limit of bytes, for ZooKeeper's tools; refuses nothing.")
  private @Nullable Long bytes;

  QuotaSetCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    if (countHard == null && bytesHard == null && count == null && bytes == null) {
      throw new CommandFailure(
          ExitCodes.USAGE, "a limit is missing: --count-hard, --bytes-hard, --count or --bytes");
    }
    String quota = QuotaLimits.pathOf(path);
    String limits = quota + "/" + QuotaLimits.LIMITS;
    QuotaLimits before = existing(blocking, limits);
    QuotaLimits after =
        new QuotaLimits(
            chosen(count, before.count(), "--count"),
            chosen(bytes, before.bytes(), "--bytes"),
            chosen(countHard, before.countHard(), "--count-hard"),
            chosen(bytesHard, before.bytesHard(), "--bytes-hard"));
    for (int slash = quota.indexOf('/', QuotaLimits.ROOT.length());
        slash > 0;
        slash = quota.indexOf('/', slash + 1)) {
      createUnlessThere(blocking, quota.substring(0, slash), null);
    }
    createUnlessThere(blocking, quota, null);
    createUnlessThere(
        blocking,
        quota + "/" + QuotaLimits.STATS,
        "count=0,bytes=0".getBytes(StandardCharsets.US_ASCII));
    createUnlessThere(blocking, limits, after.encode());
    blocking.set(limits, after.encode());
    return ExitCodes.OK;
  }

  private static QuotaLimits existing(BlockingClient blocking, String limits)
      throws InterruptedException {
    try {
      return QuotaLimits.parse(blocking.get(limits).data());
    } catch (NoNodeException e) {
      return QuotaLimits.parse(null);
    }
  }

  private static long chosen(@Nullable Long given, long before, String option) {
    if (given == null) {
      return before;
    }
    if (given < QuotaLimits.NONE) {
      throw new CommandFailure(
          ExitCodes.USAGE, option + ": expected 0 or more, or -1 for none, found " + given);
    }
    return given;
  }

  private static void createUnlessThere(
      BlockingClient blocking, String znode, byte @Nullable [] data) throws InterruptedException {
    try {
      blocking.create(znode, data);
    } catch (NodeExistsException e) {
      // as wanted
    }
  }
}
