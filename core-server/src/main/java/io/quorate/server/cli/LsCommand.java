package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.ChildrenPage;
import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import java.util.ArrayDeque;
import java.util.Iterator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate ls}. Holds a page of names for each level of the tree, never all of them. */
@Command(
    name = "ls",
    description = {
      "Lists the names of the children of a znode, one per line, in name order.",
      "With -R the paths of the znode and of all below it, each before what is below it.",
      "Names come in pages: of children that come and go meanwhile, some are listed."
    })
final class LsCommand extends ClientCommand {
  private static final int PAGE = 1000;

  @Parameters(paramLabel = "PATH", defaultValue = "/", description = "Default: ${DEFAULT-VALUE}")
  private String path = "/";

  @Option(
      names = {"-R", "--recursive"},
      description = "Paths of the znode and of all below it.")
  private boolean recursive;

  @Option(
      names = {"-s", "--stat"},
      description = "Then an empty line and the stat of the znode.")
  private boolean stat;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many lines; whether there are more is told on standard error.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--after",
      paramLabel = "NAME",
      description = "Only names greater than this, to go on where a limit ended; not with -R.")
  private String after = "";

  private long listed;

  LsCommand(CliContext context) {
    super(context);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws InterruptedException {
    if (limit < 1) {
      throw new CommandFailure(ExitCodes.USAGE, "--limit: expected 1 or more, found " + limit);
    }
    if (recursive && !after.isEmpty()) {
      throw new CommandFailure(ExitCodes.USAGE, "--after does not go with -R");
    }
    if (recursive) {
      listBelow(blocking);
    } else {
      listChildren(blocking);
    }
    if (stat) {
      print("");
      StatLines.of(blocking.get(path).stat()).forEach(this::print);
    }
    return ExitCodes.OK;
  }

  private void listChildren(BlockingClient blocking) throws InterruptedException {
    String last = after;
    while (true) {
      int wanted = (int) Math.min(PAGE, limit - listed);
      ChildrenPage page = blocking.childrenPage(path, last, wanted);
      page.names().forEach(this::print);
      listed += page.names().size();
      last = page.last();
      if (!page.more() || page.names().isEmpty()) {
        return;
      }
      if (listed == limit) {
        context().err().println("more; go on with --after " + last);
        return;
      }
    }
  }

  /** One znode whose children are being listed. */
  private static final class Level {
    final String parent;
    ChildrenPage page;
    Iterator<String> names;

    Level(String parent, ChildrenPage page) {
      this.parent = parent;
      this.page = page;
      this.names = page.names().iterator();
    }
  }

  private void listBelow(BlockingClient blocking) throws InterruptedException {
    ArrayDeque<Level> levels = new ArrayDeque<>();
    Level root = new Level(path, blocking.childrenPage(path, "", PAGE));
    print(path);
    listed++;
    levels.push(root);
    while (!levels.isEmpty()) {
      Level level = levels.getFirst();
      if (level.names.hasNext()) {
        String child = ZnodePath.child(level.parent, level.names.next());
        if (listed == limit) {
          context().err().println("more");
          return;
        }
        descend(blocking, levels, child);
      } else if (level.page.more() && !level.page.names().isEmpty()) {
        level.page = blocking.childrenPage(level.parent, level.page.last(), PAGE);
        level.names = level.page.names().iterator();
      } else {
        levels.pop();
      }
    }
  }

  private void descend(BlockingClient blocking, ArrayDeque<Level> levels, String child)
      throws InterruptedException {
    ChildrenPage page;
    try {
      page = blocking.childrenPage(child, "", PAGE);
    } catch (NoNodeException e) {
      return; // it went meanwhile
    }
    print(child);
    listed++;
    levels.push(new Level(child, page));
  }
}
