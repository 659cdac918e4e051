package io.quorate.server.cli;

import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import io.quorate.server.cli.EnsembleLayout.ServerFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate ensemble}. */
@Command(
    name = "ensemble",
    description = {
      "Runs several servers on this machine, for a developer: each a process of its own, bound to"
          + " loopback.",
      "Ctrl-C or SIGTERM ends them all; killed in whatever way, this command leaves none behind.",
      "What DIR holds of an earlier run goes on."
    })
final class EnsembleCommand extends ContextCommand {
  private static final int SERVERS_MAX = 9;

  /** The children close within 5 s, this process within 5 s: so they get a bit less. */
  private static final Duration CLOSE_MAX = Duration.ofMillis(4_500);

  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration STATUS_TIMEOUT = Duration.ofMillis(500);
  private static final Duration READY_PATIENCE = Duration.ofSeconds(30);

  @Option(
      names = "--servers",
      paramLabel = "N",
      defaultValue = "3",
      description = "That vote, from 1 to 9; default ${DEFAULT-VALUE}.")
  private int servers = 3;

  @Option(
      names = "--observers",
      paramLabel = "N",
      defaultValue = "0",
      description = "Servers more, which follow without a vote; default ${DEFAULT-VALUE}.")
  private int observers;

  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "Where configurations, data and logs go.")
  private Path directory = Path.of("");

  @Option(
      names = "--base-port",
      paramLabel = "P",
      defaultValue = "2181",
      description =
          "First port for clients, those of the peers 707 and of admin 7000 above; default"
              + " ${DEFAULT-VALUE}. A busy port is named and the next free one taken.")
  private int basePort = 2181;

  EnsembleCommand(CliContext context) {
    super(context);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (servers < 1 || servers > SERVERS_MAX) {
      throw new CommandFailure(
          ExitCodes.USAGE, "--servers: expected 1 to " + SERVERS_MAX + ", found " + servers);
    }
    if (observers < 0 || servers + observers > SERVERS_MAX) {
      throw new CommandFailure(
          ExitCodes.USAGE,
          "--observers: expected 0 to "
              + (SERVERS_MAX - servers)
              + " beside "
              + servers
              + " servers, found "
              + observers);
    }
    if (basePort < 1 || basePort > 60_000) {
      throw new CommandFailure(
          ExitCodes.USAGE, "--base-port: expected 1 to 60000, found " + basePort);
    }
    List<ServerFiles> files =
        EnsembleLayout.prepare(
            directory.toAbsolutePath().normalize(), servers, observers, basePort, context().err());
    context().stop().arm();
    List<ChildServer> children = new ArrayList<>();
    try {
      for (ServerFiles each : files) {
        ChildServer child = ChildServer.start(each);
        children.add(child);
        context().out().println(child.describe());
      }
      return watch(children);
    } finally {
      endAll(children);
    }
  }

  private int watch(List<ChildServer> children) throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    boolean told = false;
    boolean late = false;
    List<ChildServer> up = new ArrayList<>(children);
    while (!context().stop().await(POLL)) {
      for (ChildServer child : List.copyOf(up)) {
        if (!child.isAlive()) {
          child.explainEnd(context().err());
          up.remove(child);
        }
      }
      if (up.isEmpty()) {
        context().err().println("quorate ensemble: every server has ended");
        return ExitCodes.UNAVAILABLE;
      }
      Duration since = Duration.ofNanos(System.nanoTime() - startNanos);
      if (!told && serves(up)) {
        told = true;
        context().out().println("connect " + connectString(children));
        context().out().println("ready after " + since.toMillis() + " ms; Ctrl-C ends all servers");
      } else if (!told && !late && since.compareTo(READY_PATIENCE) > 0) {
        late = true;
        context()
            .err()
            .println("no leader after " + READY_PATIENCE.toSeconds() + " s; the logs may say why");
      }
    }
    return ExitCodes.OK;
  }

  private static String connectString(List<ChildServer> children) {
    return String.join(",", children.stream().map(ChildServer::clientAddress).toList());
  }

  /** Whether every server is there and one of them leads. */
  private static boolean serves(List<ChildServer> children) throws InterruptedException {
    List<CompletableFuture<ServerStatus>> asked = new ArrayList<>();
    for (ChildServer child : children) {
      asked.add(QuorateClient.status(child.clientAddress(), STATUS_TIMEOUT));
    }
    boolean leader = false;
    for (CompletableFuture<ServerStatus> each : asked) {
      try {
        ServerStatus status = each.get();
        if (!status.serving()) {
          return false;
        }
        leader |= status.role().equals("leader");
      } catch (ExecutionException e) {
        return false;
      }
    }
    return leader;
  }

  private static void endAll(List<ChildServer> children) throws InterruptedException {
    long end = System.nanoTime() + CLOSE_MAX.toNanos();
    children.forEach(ChildServer::askToEnd);
    for (ChildServer child : children) {
      child.awaitEnd(Duration.ofNanos(end - System.nanoTime()));
    }
  }
}
