package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.base.NodeClock;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.request.RequestLimits;
import io.quorate.server.watch.WatchLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Some servers in one thread. Time stands still except in {@link #run}; between two ticks
 * everything that can happen does happen, in the order of server ids. Messages travel as bytes.
 */
final class TestEnsemble {
  private static final long TICK_NANOS = 10_000_000L;
  private static final long WALL_START_MILLIS = 1_700_000_000_000L;
  private static final int ROUNDS_MAX = 100_000;

  private record Mail(int from, byte[] body) {}

  final MemoryStorage.Shelf shelf = new MemoryStorage.Shelf();
  final Membership membership;
  final RequestLimits limits;
  final SnapshotPolicy snapshots;

  /** Who may do everything on servers that start from now on; null for nobody. */
  @Nullable String superDigest;

  final ResourceLimits resources;

  /** For servers that start from now on. */
  WatchLimits watches = WatchLimits.defaults();

  private final TreeMap<Integer, TestServer> servers = new TreeMap<>();
  private final TreeSet<String> cuts = new TreeSet<>();
  private final TreeSet<String> links = new TreeSet<>();
  private final TreeMap<Integer, ArrayDeque<Mail>> mail = new TreeMap<>();
  private long nanos = 1_000_000_000L;
  private long lastConnection;
  private int longestMessage;
  private final TreeSet<Integer> frozen = new TreeSet<>();

  TestEnsemble(int size) {
    this(
        size, RequestLimits.forTimeouts(2_000, 60_000), new SnapshotPolicy(1_000_000, 1L << 40, 0));
  }

  TestEnsemble(int size, RequestLimits limits, SnapshotPolicy snapshots) {
    this(size, limits, snapshots, ResourceLimits.none());
  }

  TestEnsemble(int size, RequestLimits limits, SnapshotPolicy snapshots, ResourceLimits resources) {
    this.resources = resources;
    this.limits = limits;
    this.snapshots = snapshots;
    List<Member> members = new ArrayList<>();
    for (int id = 1; id <= size; id++) {
      members.add(new Member(id, true, 0, "server" + id, 2888));
    }
    membership = new Membership(0, members);
    for (int id = 1; id <= size; id++) {
      servers.put(id, new TestServer(this, id));
      mail.put(id, new ArrayDeque<>());
    }
    for (TestServer server : servers.values()) {
      server.start();
    }
    connectAll();
  }

  /** As above, and run until somebody leads. */
  static TestEnsemble serving(int size) {
    TestEnsemble ensemble = new TestEnsemble(size);
    ensemble.awaitServing();
    return ensemble;
  }

  NodeClock clock() {
    return new NodeClock() {
      @Override
      public long monotonicNanos() {
        return nanos;
      }

      @Override
      public long wallMillis() {
        return WALL_START_MILLIS + nanos / 1_000_000;
      }
    };
  }

  TestServer server(int id) {
    return servers.get(id);
  }

  /** Every server that runs serves. */
  void awaitServing() {
    await(
        "every running server serves",
        () -> servers.values().stream().filter(TestServer::isUp).allMatch(TestServer::serves));
  }

  TestServer leader() {
    List<TestServer> leaders =
        servers.values().stream().filter(TestServer::isUp).filter(TestServer::leads).toList();
    assertThat(leaders).as("servers that lead").hasSize(1);
    return leaders.get(0);
  }

  /** Some server that does not lead. */
  TestServer follower() {
    return servers.values().stream()
        .filter(TestServer::isUp)
        .filter(server -> !server.leads())
        .findFirst()
        .orElseThrow();
  }

  long nextConnection() {
    return ++lastConnection;
  }

  // --- time --------------------------------------------------------------------------------------

  /** Lets so much time pass. */
  void run(long millis) {
    long end = nanos + millis * 1_000_000;
    settle();
    while (nanos < end) {
      nanos += TICK_NANOS;
      for (TestServer server : servers.values()) {
        if (!frozen.contains(server.id)) {
          server.tick();
        }
      }
      settle();
    }
  }

  /** So much time passes while every server stands still, as in a pause of the machine. */
  void pause(long millis) {
    nanos += millis * 1_000_000;
  }

  /** Lets time pass until something holds; fails after a minute of it. */
  void await(String what, BooleanSupplier condition) {
    for (int tick = 0; tick < 6_000 && !condition.getAsBoolean(); tick++) {
      run(10);
    }
    assertThat(condition.getAsBoolean()).as("%s within a minute; %s", what, this).isTrue();
  }

  /** Everything that can happen without time passing. */
  void settle() {
    for (int round = 0; round < ROUNDS_MAX; round++) {
      boolean busy = false;
      for (TestServer server : servers.values()) {
        if (frozen.contains(server.id)) {
          continue;
        }
        ArrayDeque<Mail> box = mail.get(server.id);
        while (server.isUp() && !box.isEmpty()) {
          Mail next = box.remove();
          server.receive(next.from(), next.body());
          busy = true;
        }
        busy |= server.turn();
      }
      boolean delivered =
          servers.values().stream()
              .allMatch(
                  server ->
                      !server.isUp()
                          || frozen.contains(server.id)
                          || mail.get(server.id).isEmpty());
      if (!busy && delivered) {
        return;
      }
    }
    throw new AssertionError("the servers do not come to rest: " + this);
  }

  // --- network -----------------------------------------------------------------------------------

  private static String link(int a, int b) {
    return Math.min(a, b) + "-" + Math.max(a, b);
  }

  void send(int from, int to, byte[] body) {
    if (links.contains(link(from, to))) {
      longestMessage = Math.max(longestMessage, body.length);
      mail.get(to).add(new Mail(from, body));
    }
  }

  void reset(int a, int b) {
    disconnect(a, b);
    connectAll();
  }

  /** Both directions, until {@link #heal}. */
  void cut(int a, int b) {
    cuts.add(link(a, b));
    disconnect(a, b);
  }

  /** The process stands still; its links stay up. */
  void freeze(int id) {
    frozen.add(id);
  }

  /** Bytes of the longest message between servers. */
  int longestMessage() {
    return longestMessage;
  }

  /** Cuts every link of a server. */
  void isolate(int id) {
    for (int other : servers.keySet()) {
      if (other != id) {
        cut(id, other);
      }
    }
  }

  void heal() {
    cuts.clear();
    connectAll();
  }

  void disconnect(int a, int b) {
    if (links.remove(link(a, b))) {
      mail.get(a).removeIf(next -> next.from() == b);
      mail.get(b).removeIf(next -> next.from() == a);
      server(a).linkDown(b);
      server(b).linkDown(a);
    }
  }

  void disconnectAll(int id) {
    for (int other : servers.keySet()) {
      if (other != id) {
        disconnect(id, other);
      }
    }
    mail.get(id).clear();
  }

  void connectAll() {
    for (int a : servers.keySet()) {
      for (int b : servers.keySet()) {
        String link = link(a, b);
        if (a < b
            && server(a).isUp()
            && server(b).isUp()
            && !cuts.contains(link)
            && links.add(link)) {
          server(a).linkUp(b);
          server(b).linkUp(a);
        }
      }
    }
  }

  @Override
  public String toString() {
    return servers.values().toString();
  }
}
