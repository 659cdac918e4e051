package io.quorate.server.process;

import io.quorate.client.QuorateClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Goal: what is acknowledged is there exactly once, whatever is killed and when. Method: three
 * server processes under a pipelined load of sequential creates that carry (client, number) and of
 * unversioned sets; in each round SIGKILL of the leader, of a follower, or of all three at once, at
 * a random moment; then everything that was acknowledged is counted.
 *
 * <p>Arguments of {@link #main}: number of rounds (default 20), seed (default random, printed).
 */
public final class KillRounds {
  private static final int CLIENTS = 3;

  private final PrintStream out;
  private final SplittableRandom random;
  private final List<LoadClient> clients = new ArrayList<>();
  private final List<Long> leaderGapsMillis = new ArrayList<>();

  KillRounds(PrintStream out, long seed) {
    this.out = out;
    this.random = new SplittableRandom(seed);
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 20;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
    Path directory = Files.createTempDirectory("quorate-kill-rounds");
    System.out.println("seed " + seed + ", data in " + directory);
    List<String> problems = new KillRounds(System.out, seed).run(directory, rounds);
    problems.forEach(System.out::println);
    System.out.println(problems.isEmpty() ? "PASS" : "FAIL");
    System.exit(problems.isEmpty() ? 0 : 1);
  }

  /** Returns what is not as promised. */
  List<String> run(Path directory, int rounds) throws IOException, InterruptedException {
    try (ServerProcesses servers = new ServerProcesses(directory)) {
      servers.leader();
      prepare(servers);
      for (int id = 0; id < CLIENTS; id++) {
        LoadClient client = new LoadClient(id, servers.connectString());
        clients.add(client);
        client.start();
      }
      for (int round = 1; round <= rounds; round++) {
        round(servers, round);
      }
      for (LoadClient client : clients) {
        client.settle();
      }
      return problems(servers);
    }
  }

  private static void prepare(ServerProcesses servers) throws InterruptedException {
    try (QuorateClient client = client(servers)) {
      client.blocking().create(LoadClient.CREATES, null);
      client.blocking().create(LoadClient.SETS, null);
      for (int id = 0; id < CLIENTS; id++) {
        client.blocking().create(LoadClient.SETS + "/" + id, null);
      }
    }
  }

  private static QuorateClient client(ServerProcesses servers) {
    return QuorateClient.builder(servers.connectString())
        .clientName("observer")
        .requestTimeout(Duration.ofSeconds(60))
        .build();
  }

  private void round(ServerProcesses servers, int round) throws IOException, InterruptedException {
    // All three, or the next kill would take the quorum and not the leader.
    servers.awaitAllServing();
    int leader = servers.leader();
    awaitProgress(50);
    LockSupport.parkNanos(Duration.ofMillis(random.nextLong(300)).toNanos());
    int kind = random.nextInt(4);
    List<Integer> killed = new ArrayList<>();
    String what;
    if (kind == 0) {
      what = "all three";
      killed.addAll(List.of(1, 2, 3));
    } else if (kind == 1) {
      what = "follower";
      killed.add(leader == 1 ? 2 : 1);
    } else {
      what = "leader";
      killed.add(leader);
    }
    clients.forEach(LoadClient::restartGap);
    for (int id : killed) {
      servers.kill(id);
    }
    if (killed.size() == 1) {
      awaitProgress(50);
    }
    long gap = 0;
    for (LoadClient client : clients) {
      gap = Math.max(gap, client.longestGapMillis());
    }
    if (kind > 1) {
      leaderGapsMillis.add(gap);
    }
    LockSupport.parkNanos(Duration.ofMillis(random.nextLong(500)).toNanos());
    for (int id : killed) {
      servers.start(id);
    }
    awaitProgress(50);
    out.printf(
        Locale.ROOT,
        "round %d: killed %s %s, %s; %d writes acknowledged%n",
        round,
        what,
        killed,
        killed.size() == 1 ? "longest write gap " + gap + " ms" : "restarted",
        acknowledged());
  }

  private long acknowledged() {
    long all = 0;
    for (LoadClient client : clients) {
      all += client.acknowledged();
    }
    return all;
  }

  /** Every client gets so many more writes acknowledged. */
  private void awaitProgress(int writes) {
    for (LoadClient client : clients) {
      long before = client.acknowledged();
      ServerProcesses.await(
          "progress of client " + client.id(), () -> client.acknowledged() >= before + writes);
    }
  }

  private List<String> problems(ServerProcesses servers) throws InterruptedException {
    List<String> problems = new ArrayList<>();
    int acknowledged = 0;
    int unknown = 0;
    try (QuorateClient client = client(servers)) {
      client.blocking().sync();
      TreeMap<String, Integer> found = new TreeMap<>();
      for (String name : client.blocking().children(LoadClient.CREATES).names()) {
        found.merge(name.substring(0, name.lastIndexOf('-')), 1, Integer::sum);
      }
      for (LoadClient load : clients) {
        LoadClient.Told[] creates = load.creates();
        for (int number = 0; number < creates.length; number++) {
          String name = load.id() + "-" + number;
          Integer times = found.remove(name);
          int count = times == null ? 0 : times;
          acknowledged += creates[number] == LoadClient.Told.ACKNOWLEDGED ? 1 : 0;
          unknown += creates[number] == LoadClient.Told.UNKNOWN ? 1 : 0;
          boolean right =
              switch (creates[number]) {
                case ACKNOWLEDGED -> count == 1;
                case REFUSED -> count == 0;
                case UNKNOWN, NOTHING -> count <= 1;
              };
          if (!right) {
            problems.add(
                "create " + name + " was " + creates[number] + ", found " + count + " times");
          }
        }
        int version = client.blocking().get(load.setPath()).stat().version();
        if (version < load.acknowledgedSets() || version > load.sentSets()) {
          problems.add(
              "%s has version %d, expected between %d acknowledged and %d sent sets"
                  .formatted(load.setPath(), version, load.acknowledgedSets(), load.sentSets()));
        }
      }
      for (String name : found.keySet()) {
        problems.add("create " + name + " was never sent");
      }
    }
    List<Long> digests = servers.equalDigests();
    if (digests.stream().distinct().count() != 1) {
      problems.add("three equal digests expected, found " + digests);
    }
    leaderGapsMillis.sort(null);
    out.printf(
        Locale.ROOT,
        "%d creates acknowledged, %d unknown; digests %s; write gaps after the kill of a leader: %s"
            + " ms%n",
        acknowledged,
        unknown,
        digests.stream().map(Long::toHexString).toList(),
        leaderGapsMillis);
    if (acknowledged == 0) {
      problems.add("nothing was acknowledged, so nothing was shown");
    }
    return problems;
  }
}
