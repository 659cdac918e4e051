package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import io.quorate.data.Zxid;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code quorate status}. */
@Command(
    name = "status",
    description = {
      "Asks each server of --connect what it is and sees, and prints a line for each.",
      "Exit code 0 if a leader serves and equal zxids have equal digests, 1 if not."
    })
final class StatusCommand extends ClientCommand {
  private static final List<String> HEADINGS =
      List.of(
          "SERVER",
          "ID",
          "ROLE",
          "EPOCH",
          "SERVING",
          "DURABLE",
          "APPLIED",
          "DIGEST",
          "SNAPSHOT",
          "SESSIONS",
          "CONNECTIONS",
          "WATCHES",
          "ZNODES");

  StatusCommand(CliContext context) {
    super(context);
  }

  /** What a server answered, or why it did not. */
  private record Answer(String server, @Nullable ServerStatus status, String cause) {}

  /** Needs no session, so that it works where none can be had. */
  @Override
  public Integer call() throws InterruptedException {
    List<Answer> answers = ask();
    TextTable table = new TextTable(HEADINGS);
    for (Answer answer : answers) {
      ServerStatus status = answer.status();
      if (status == null) {
        table.line(answer.server(), "unreachable: " + answer.cause());
      } else {
        table.row(cells(answer.server(), status));
      }
    }
    table.lines().forEach(this::print);
    List<String> alarms = alarms(answers);
    alarms.forEach(this::print);
    return alarms.isEmpty() ? ExitCodes.OK : ExitCodes.NO;
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) {
    throw new IllegalStateException("status needs no session");
  }

  private List<Answer> ask() throws InterruptedException {
    List<String> servers = List.of(servers().split("\\s*,\\s*"));
    List<CompletableFuture<ServerStatus>> asked = new ArrayList<>();
    for (String server : servers) {
      asked.add(QuorateClient.status(server, timeout()));
    }
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < servers.size(); i++) {
      String server = servers.get(i);
      try {
        answers.add(new Answer(server, asked.get(i).get(), ""));
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String message = String.valueOf(cause.getMessage());
        answers.add(new Answer(server, null, message.replace("status of " + server + ": ", "")));
      }
    }
    return answers;
  }

  private static List<String> cells(String server, ServerStatus status) {
    return List.of(
        server,
        String.valueOf(status.serverId()),
        status.role(),
        String.valueOf(status.epoch()),
        status.serving() ? "yes" : "no",
        Zxid.format(status.durableZxid()),
        Zxid.format(status.appliedZxid()),
        String.format("%016x", status.digest()),
        Zxid.format(status.snapshotZxid()),
        String.valueOf(status.sessions()),
        String.valueOf(status.connections()),
        String.valueOf(status.watches()),
        String.valueOf(status.znodes()));
  }

  private static List<String> alarms(List<Answer> answers) {
    List<String> alarms = new ArrayList<>();
    List<ServerStatus> up = new ArrayList<>();
    for (Answer answer : answers) {
      if (answer.status() != null) {
        up.add(answer.status());
      }
    }
    if (up.stream().noneMatch(status -> status.serving() && status.role().equals("leader"))) {
      alarms.add("no leader serves");
    }
    for (int i = 0; i < up.size(); i++) {
      for (ServerStatus other : up.subList(i + 1, up.size())) {
        ServerStatus one = up.get(i);
        if (one.appliedZxid() == other.appliedZxid() && one.digest() != other.digest()) {
          alarms.add(
              "servers %d and %d differ in their state at %s"
                  .formatted(one.serverId(), other.serverId(), Zxid.format(one.appliedZxid())));
        }
      }
    }
    return alarms;
  }
}
