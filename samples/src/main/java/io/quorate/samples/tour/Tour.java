package io.quorate.samples.tour;

import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The main job, end to end: three servers and two services as processes of their own compete for
 * one lock, the leader is killed, the holder is frozen past its session, and every number is
 * checked. It passes only if all of it held.
 */
final class Tour implements AutoCloseable {
  private static final int SERVERS = 3;
  private static final int FIRST_CLIENT_PORT = 2181;
  private static final int FIRST_PEER_PORT = 2888;
  private static final Duration STEP_LIMIT = Duration.ofSeconds(30);
  private static final Duration STATUS_LIMIT = Duration.ofMillis(500);
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(3);
  private static final String LOCK = "/locks/invoice-7";

  private final long startNanos = System.nanoTime();
  private final TourReport report = new TourReport();
  private final List<ChildProcess> children = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final Options options;
  private int storePort;

  /** What the user asked for. */
  record Options(Path directory, boolean fencing, boolean keep) {}

  private record Server(int id, int clientPort, ChildProcess process) {
    String address() {
      return "127.0.0.1:" + clientPort;
    }
  }

  Tour(Options options) {
    this.options = options;
  }

  /** Whether all of it held. */
  boolean run() throws InterruptedException {
    try {
      startServers();
      startStore();
      ChildProcess a = startService("billing-A");
      ChildProcess b = startService("billing-B");
      compete();
      killLeader(a, b);
      freezeHolder(a, b);
      return finish(a, b);
    } catch (TourFailure e) {
      say("FAIL", String.valueOf(e.getMessage()));
      say("", "data and logs are in " + options.directory());
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- the steps
  // -----------------------------------------------------------------------------------

  private void startServers() throws IOException, InterruptedException {
    deleteRecursively(options.directory());
    Files.createDirectories(options.directory());
    List<Integer> clientPorts = new ArrayList<>();
    List<Integer> peerPorts = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      clientPorts.add(freePort(FIRST_CLIENT_PORT + i, clientPorts));
    }
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < SERVERS; i++) {
      peerPorts.add(freePort(FIRST_PEER_PORT + i, peerPorts));
      list.append(i == 0 ? "" : ", ").append(i + 1).append("@127.0.0.1:").append(peerPorts.get(i));
    }
    for (int i = 0; i < SERVERS; i++) {
      Path home = options.directory().resolve("server-" + (i + 1));
      Files.createDirectories(home);
      Path config = home.resolve("quorate.conf");
      Files.writeString(
          config,
          String.format(
              Locale.ROOT,
              "server.id = %d%ndata.dir = data%nclient.port = %d%npeer.port = %d%nadmin.port ="
                  + " off%nensemble.servers = %s%nsession.timeout.min = %ds%n",
              i + 1,
              clientPorts.get(i),
              peerPorts.get(i),
              list,
              SESSION_TIMEOUT.toSeconds()));
      ChildProcess process =
          start(
              new ChildProcess(
                  "server-" + (i + 1),
                  home.resolve("server.log"),
                  line -> {},
                  "io.quorate.server.cli.QuorateMain",
                  "server",
                  "--config",
                  config.toString(),
                  "--until-input-ends"));
      servers.add(new Server(i + 1, clientPorts.get(i), process));
    }
    await("three servers that serve", () -> allServe() ? Boolean.TRUE : null);
    StringBuilder text = new StringBuilder("servers ");
    for (Server server : servers) {
      text.append(server.id() == 1 ? "" : ", ").append(server.clientPort()).append(' ');
      text.append(isLeader(server) ? "LEADER" : "follower");
    }
    say("start", text.append("; data in ").append(options.directory()).toString());
  }

  private void startStore() throws InterruptedException {
    StringBuilder port = new StringBuilder();
    String[] noFencing = options.fencing() ? new String[0] : new String[] {"--no-fencing"};
    start(
        new ChildProcess(
            "store",
            options.directory().resolve("store.log"),
            line -> {
              synchronized (port) {
                port.append(line.substring("READY ".length()));
                port.notifyAll();
              }
            },
            FencedStoreMain.class.getName(),
            noFencing));
    String ready =
        await(
            "the store",
            () -> {
              synchronized (port) {
                return port.isEmpty() ? null : port.toString();
              }
            });
    storePort = Integer.parseInt(ready);
    say(
        "store",
        "a store outside, fencing " + (options.fencing() ? "on" : "OFF") + ", port " + storePort);
  }

  private ChildProcess startService(String name) {
    return start(
        new ChildProcess(
            name,
            options.directory().resolve(name + ".log"),
            line -> report.heard(name, line),
            BillingServiceMain.class.getName(),
            name,
            connectString(),
            Long.toString(SESSION_TIMEOUT.toMillis()),
            LOCK,
            Integer.toString(storePort)));
  }

  private void compete() throws InterruptedException {
    TourReport.Grant first = await("a first grant", () -> report.grantNumber(1));
    say(
        "lock",
        first.service()
            + " holds "
            + LOCK
            + ", token "
            + hex(first.token())
            + ", safe for "
            + first.safeMillis()
            + " ms");
    await("six grants", () -> report.grantNumber(6));
    say("lock", "6 grants in turn: " + report.describeTurns());
  }

  private void killLeader(ChildProcess a, ChildProcess b) throws InterruptedException {
    TourReport.Grant held = holdStill(a, b);
    Server leader = await("a leader", this::leader);

    long token = held.token();
    long seenWrites = storeStats()[0];
    leader.process().kill();
    servers.remove(leader);
    Server next = await("a new leader", this::leader);
    await(
        "writes after the loss of the leader",
        () -> storeStats()[0] > seenWrites + 5 ? Boolean.TRUE : null);
    if (report.isOver(token)) {
      throw new TourFailure(
          "the lock with token "
              + hex(token)
              + " was lost with the leader: "
              + report.howOver(token));
    }
    say(
        "kill -9",
        "leader "
            + leader.clientPort()
            + "; "
            + next.clientPort()
            + " leads, longest write gap "
            + report.longestGapMillis()
            + " ms, "
            + held.service()
            + " kept the lock");
  }

  private void freezeHolder(ChildProcess a, ChildProcess b) throws InterruptedException {
    TourReport.Grant held = await("a holder", () -> report.holder());
    ChildProcess frozen = held.service().equals(a.name()) ? a : b;
    ChildProcess other = frozen == a ? b : a;
    int grantsBefore = report.grants().size();
    report.sealGap();
    frozen.freeze();
    say(
        "SIGSTOP",
        frozen.name()
            + ", which holds token "
            + hex(held.token())
            + ", for longer than its session lives");
    TourReport.Grant next =
        await("a grant to the other", () -> report.grantNumber(grantsBefore + 1));
    say("lock", next.service() + " granted, token " + hex(next.token()));
    long writesBefore = storeStats()[0];
    await(
        "writes of " + other.name(),
        () -> storeStats()[0] > writesBefore + 3 ? Boolean.TRUE : null);
    long refusedBefore = storeStats()[1] + storeStats()[2];
    frozen.thaw();
    await(
        "the stale write of " + frozen.name(),
        () -> storeStats()[1] + storeStats()[2] > refusedBefore ? Boolean.TRUE : null);
    String answer = storeStats()[2] == 0 ? "REFUSED" : "ACCEPTED, over the newer one";
    say("SIGCONT", frozen.name() + " wakes and writes with " + hex(held.token()) + ": " + answer);
    await("the loss to be told", () -> report.isOver(held.token()) ? Boolean.TRUE : null);
    frozen.tell("GO");
    other.tell("GO");
  }

  private boolean finish(ChildProcess a, ChildProcess b) throws InterruptedException {
    int soFar = report.grants().size();
    await("both services to take turns again", () -> report.grantNumber(soFar + 4));
    long[] stats = storeStats();
    a.close();
    b.close();
    List<String> problems = report.problems(stats);
    for (String problem : problems) {
      say("WRONG", problem);
    }
    String summary =
        String.format(
            Locale.ROOT,
            "%d checks in %.0f s | %d grants, tokens strictly increasing | %d writes accepted, %d"
                + " stale refused | longest write gap %d ms",
            TourReport.CHECKS,
            (System.nanoTime() - startNanos) / 1e9,
            report.grants().size(),
            stats[0],
            stats[1],
            report.longestGapMillis());
    if (!problems.isEmpty()) {
      say("FAIL", problems.size() + " of " + TourReport.CHECKS + " checks failed");
      return false;
    }
    say("PASS", summary);
    String cli = "core-server/target/quorate/bin/quorate";
    if (options.keep()) {
      say("next", cli + " status --connect " + connectString() + "; Ctrl-C ends the servers");
      waitForever();
    }
    say("next", "the same with --keep, and the servers stay for " + cli + "; or --break fencing");
    return true;
  }

  /** Both services are told to keep the lock when they have it; returns the grant that stays. */
  private TourReport.Grant holdStill(ChildProcess a, ChildProcess b) throws InterruptedException {
    a.tell("HOLD");
    b.tell("HOLD");
    TourReport.Grant before = await("a holder", () -> report.holder());
    long writes = storeStats()[0];
    await("the holder to hold on", () -> storeStats()[0] > writes + 20 ? Boolean.TRUE : null);
    TourReport.Grant after = await("a holder", () -> report.holder());
    return after.token() == before.token() ? before : after;
  }

  // ---- what the steps use
  // ---------------------------------------------------------------------------

  private void say(String what, String text) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    System.out.printf(Locale.ROOT, "%5.1fs %-8s %s%n", seconds, what, text);
  }

  /**
   * Asks again and again, each time that a process said something or a moment passed, until there
   * is an answer.
   */
  private <T> T await(String what, Supplier<@Nullable T> question) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + STEP_LIMIT.toNanos();
    while (true) {
      T answer = question.get();
      if (answer != null) {
        return answer;
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new TourFailure("waited " + STEP_LIMIT.toSeconds() + " s in vain for " + what);
      }
      for (Server server : servers) {
        if (!server.process().isAlive()) {
          throw new TourFailure(server.process().name() + " ended by itself; see its server.log");
        }
      }
      report.awaitNews(Duration.ofMillis(20));
    }
  }

  private static void waitForever() throws InterruptedException {
    Thread.currentThread().join();
  }

  private long[] storeStats() {
    try (FencedStore.Client store = new FencedStore.Client(storePort)) {
      return store.stats();
    }
  }

  private String connectString() {
    return String.join(",", servers.stream().map(Server::address).toList());
  }

  private boolean allServe() {
    for (Server server : servers) {
      ServerStatus status = status(server);
      if (status == null || !status.serving()) {
        return false;
      }
    }
    return leader() != null;
  }

  private @Nullable Server leader() {
    for (Server server : servers) {
      if (isLeader(server)) {
        return server;
      }
    }
    return null;
  }

  private boolean isLeader(Server server) {
    ServerStatus status = status(server);
    return status != null && status.serving() && status.role().equals("leader");
  }

  private static @Nullable ServerStatus status(Server server) {
    try {
      return QuorateClient.status(server.address(), STATUS_LIMIT).get();
    } catch (ExecutionException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** The wanted port, or any other if that is busy. */
  private int freePort(int wanted, List<Integer> taken) throws IOException {
    for (int port = wanted; port < wanted + 1000; port++) {
      if (!taken.contains(port) && isFree(port)) {
        if (port != wanted) {
          say("port", wanted + " is busy, taking " + port);
        }
        return port;
      }
    }
    throw new IOException("no free port from " + wanted + " to " + (wanted + 999));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static void deleteRecursively(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static String hex(long token) {
    return String.format(Locale.ROOT, "0x%x", token);
  }

  private ChildProcess start(ChildProcess child) {
    synchronized (children) {
      children.add(child);
    }
    return child;
  }

  /** Ends every process that this tour started, the newest first. */
  @Override
  public void close() {
    synchronized (children) {
      for (int i = children.size() - 1; i >= 0; i--) {
        children.get(i).close();
      }
      children.clear();
    }
  }
}
