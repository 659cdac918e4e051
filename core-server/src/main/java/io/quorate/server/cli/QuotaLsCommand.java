package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.ChildrenPage;
import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code quorate quota ls}. */
@Command(
    name = "ls",
    description = {
      "Prints the limits of a subtree, or of all subtrees that have any, and what each uses.",
      "A table with the path last; - for no limit. Exit code 1 if PATH has none."
    })
final class QuotaLsCommand extends ClientCommand {
  private static final int PAGE = 1000;

  @Parameters(paramLabel = "PATH", arity = "0..1", description = "Default: all")
  private @Nullable String path;

  private final TextTable table =
      new TextTable(
          List.of(
              "COUNT", "COUNT-HARD", "BYTES", "BYTES-HARD", "COUNT-USED", "BYTES-USED", "PATH"));

  QuotaLsCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    if (path != null) {
      if (!addRow(blocking, path)) {
        throw new CommandFailure(ExitCodes.NO, "quota ls " + path + ": no quota");
      }
    } else {
      walk(blocking);
    }
    table.lines().forEach(this::print);
    return ExitCodes.OK;
  }

  private void walk(BlockingClient blocking) throws InterruptedException {
    ArrayDeque<String> left = new ArrayDeque<>(List.of("/"));
    while (!left.isEmpty()) {
      String subtree = left.pop();
      String last = "";
      ChildrenPage page;
      do {
        page = blocking.childrenPage(QuotaLimits.pathOf(subtree), last, PAGE);
        for (String name : page.names()) {
          if (name.equals(QuotaLimits.LIMITS)) {
            addRow(blocking, subtree);
          } else if (!name.equals(QuotaLimits.STATS)) {
            left.push(ZnodePath.child(subtree, name));
          }
        }
        last = page.last();
      } while (page.more() && !page.names().isEmpty());
    }
  }

  private boolean addRow(BlockingClient blocking, String subtree) throws InterruptedException {
    String quota = QuotaLimits.pathOf(subtree);
    QuotaLimits limits;
    try {
      limits = QuotaLimits.parse(blocking.get(quota + "/" + QuotaLimits.LIMITS).data());
    } catch (NoNodeException e) {
      return false;
    }
    QuotaLimits used;
    try {
      used = QuotaLimits.parse(blocking.get(quota + "/" + QuotaLimits.STATS).data());
    } catch (NoNodeException e) {
      used = QuotaLimits.parse(null);
    }
    table.row(
        List.of(
            cell(limits.count()),
            cell(limits.countHard()),
            cell(limits.bytes()),
            cell(limits.bytesHard()),
            cell(used.count()),
            cell(used.bytes()),
            subtree));
    return true;
  }

  private static String cell(long value) {
    return value == QuotaLimits.NONE ? "-" : Long.toString(value);
  }
}
