package io.quorate.server.process;

import io.quorate.client.QuorateClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Ten thousand connections with a session each: what they cost while they idle, and how soon all of
 * them hear of one change.
 *
 * <p>Arguments of {@link #main}: number of connections (default 10,000), which needs as many open
 * files for this process ({@code ulimit -n}) and for one server; seconds to idle (default 30);
 * number of changes (default 20).
 */
public final class ManyConnections {

  private ManyConnections() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    Duration idle = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 30);
    int changes = args.length > 2 ? Integer.parseInt(args[2]) : 20;
    Path directory = Files.createTempDirectory("quorate-many-connections");
    System.out.println("data in " + directory);
    String configuration =
        "client.connections.max = %d%nclient.connections.per.address.max = %d%n"
            .formatted(count + 100, count + 100);
    try (ServerProcesses servers =
            new ServerProcesses(
                directory,
                List.of("-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=50"),
                configuration);
        QuorateClient client = QuorateClient.builder(servers.connectString()).build();
        RawSessions spread = new RawSessions()) {
      servers.awaitAllServing();
      run(servers, client, spread, count, idle, changes);
    }
    System.out.println("DONE");
  }

  static void run(
      ServerProcesses servers,
      QuorateClient client,
      RawSessions spread,
      int count,
      Duration idle,
      int changes)
      throws IOException, InterruptedException {
    client.blocking().create("/change", null);
    try (LongestTurns turns = new LongestTurns(servers)) {
      idle(servers, client, spread, count, idle);
      turns.print("while the connections were opened and idle");
    }
    try (LongestTurns turns = new LongestTurns(servers)) {
      fanOut(client, spread, count, changes);
      turns.print("in all");
    }
  }

  private static void idle(
      ServerProcesses servers, QuorateClient client, RawSessions sessions, int count, Duration idle)
      throws IOException, InterruptedException {
    ServerMeters meters = new ServerMeters();
    // All at one server, a follower: the hardest case for a node thread.
    int server = servers.leader() == 1 ? 2 : 1;
    long before = meters.liveHeapBytes(servers.pid(server));
    long start = System.nanoTime();
    sessions.open(count, new int[] {servers.clientPort(server)});
    System.out.printf(
        Locale.ROOT,
        "%d sessions opened at server %d in %s%n",
        count,
        server,
        ServerMeters.seconds(System.nanoTime() - start));
    System.out.printf(
        Locale.ROOT,
        "%d bytes of live heap per session and connection%n",
        (meters.liveHeapBytes(servers.pid(server)) - before) / count);
    long processor = ServerMeters.processorMillis(servers.pid(server));
    int pongs = sessions.pongs();
    start = System.nanoTime();
    List<Long> latencies = new ArrayList<>();
    while (latencies.isEmpty() || System.nanoTime() - start < idle.toNanos()) {
      long sent = System.nanoTime();
      client.blocking().set("/change", null);
      latencies.add(System.nanoTime() - sent);
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    latencies.sort(null);
    System.out.printf(
        Locale.ROOT,
        "idle for %d s: %d pings answered, %.1f %% of a processor; %d writes beside them: median"
            + " %s, longest %s%n",
        idle.toSeconds(),
        sessions.pongs() - pongs,
        (ServerMeters.processorMillis(servers.pid(server)) - processor)
            / 10.0
            / Math.max(1, idle.toSeconds()),
        latencies.size(),
        ServerMeters.millis(latencies.get(latencies.size() / 2)),
        ServerMeters.millis(latencies.get(latencies.size() - 1)));
  }

  private static void fanOut(QuorateClient client, RawSessions sessions, int count, int changes)
      throws InterruptedException {
    sessions.watchAll("/change");
    List<Long> took = new ArrayList<>();
    for (int n = 1; n <= changes; n++) {
      long start = System.nanoTime();
      client.blocking().set("/change", null);
      took.add(sessions.awaitHeard(n) - start);
    }
    took.sort(null);
    System.out.printf(
        Locale.ROOT,
        "one change to %d watchers, %d times: the last one heard after %s (median), %s (longest)%n",
        count,
        changes,
        ServerMeters.millis(took.get(changes / 2)),
        ServerMeters.millis(took.get(changes - 1)));
  }
}
