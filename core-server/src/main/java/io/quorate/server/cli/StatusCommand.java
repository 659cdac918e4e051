package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import io.quorate.data.Zxid;
import io.quorate.server.admin.RecordJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate status}. */
@Command(
    name = "status",
    description = {
      "Asks each server of --connect what it is and sees: a line for each, then what is wrong.",
      "Exit code 0 if all of them serve, one leads and equal zxids have equal digests, 1 if not."
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
          "LAG",
          "DIGEST",
          "SNAPSHOT",
          "SESSIONS",
          "CONNECTIONS",
          "WATCHES",
          "ZNODES",
          "UP");

  private static final long MILLIS_PER_SECOND = 1_000;
  private static final long SECONDS_PER_MINUTE = 60;
  private static final long MINUTES_PER_HOUR = 60;
  private static final long HOURS_PER_DAY = 24;

  @Option(names = "--json", description = "Print what the servers said, as one line of JSON.")
  private boolean json;

  StatusCommand(CliContext context) {
    super(context);
  }

  /** What a server answered, or why it did not. */
  private record Answer(String server, @Nullable ServerStatus status, String cause) {}

  /** Needs no session, so that it works where none can be had. */
  @Override
  public Integer call() throws InterruptedException {
    List<Answer> answers = ask();
    List<String> alarms = alarms(answers);
    if (json) {
      print(
          RecordJson.of(
              new Report(
                  answers.stream().map(Answer::status).filter(Objects::nonNull).toList(), alarms)));
      return alarms.isEmpty() ? ExitCodes.OK : ExitCodes.NO;
    }
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
    for (Answer answer : answers) {
      ServerStatus status = answer.status();
      if (status != null && status.role().equals("leader")) {
        status.peers().forEach(peer -> print(peerLine(status, peer)));
      }
    }
    alarms.forEach(this::print);
    return alarms.isEmpty() ? ExitCodes.OK : ExitCodes.NO;
  }

  /** What {@code --json} prints. */
  record Report(List<ServerStatus> servers, List<String> alarms) {}

  private static String peerLine(ServerStatus leader, ServerStatus.Peer peer) {
    return "leader %d sees server %d (%s): link %s, %s, has %s, heard %s%s"
        .formatted(
            leader.serverId(),
            peer.serverId(),
            peer.role(),
            peer.linkUp() ? "up" : "down",
            peer.state(),
            Zxid.format(peer.matchZxid()),
            peer.ackAgeMillis() < 0 ? "never" : peer.ackAgeMillis() + " ms ago",
            peer.counts() || peer.role().equals("observer")
                ? ""
                : "; does not vote yet: it lost its data");
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
        lag(status),
        String.format("%016x", status.digest()),
        Zxid.format(status.snapshotZxid()),
        String.valueOf(status.sessions()),
        String.valueOf(status.connections()),
        String.valueOf(status.watches()),
        String.valueOf(status.znodes()),
        uptime(status.uptimeMillis()));
  }

  private static String lag(ServerStatus status) {
    if (status.lagEntries() < 0) {
      return "-";
    }
    return status.lagMillis() == 0
        ? String.valueOf(status.lagEntries())
        : status.lagEntries() + "/" + status.lagMillis() + "ms";
  }

  /** In the largest unit that gives at least 2. */
  private static String uptime(long millis) {
    long seconds = millis / MILLIS_PER_SECOND;
    long minutes = seconds / SECONDS_PER_MINUTE;
    long hours = minutes / MINUTES_PER_HOUR;
    if (minutes < 2) {
      return seconds + "s";
    }
    if (hours < 2) {
      return minutes + "m";
    }
    return hours < 2 * HOURS_PER_DAY ? hours + "h" : hours / HOURS_PER_DAY + "d";
  }

  private static List<String> alarms(List<Answer> answers) {
    List<String> alarms = new ArrayList<>();
    List<ServerStatus> up = new ArrayList<>();
    for (Answer answer : answers) {
      if (answer.status() != null) {
        up.add(answer.status());
      }
    }
    for (Answer answer : answers) {
      ServerStatus status = answer.status();
      if (status == null) {
        alarms.add(answer.server() + " does not answer: " + answer.cause());
      } else if (!status.serving()) {
        alarms.add("server " + status.serverId() + " does not serve: " + status.reason());
      }
      if (status != null && !status.alarm().isEmpty()) {
        alarms.add("server " + status.serverId() + " alarm: " + status.alarm());
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
