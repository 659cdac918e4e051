package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.RandomSource;
import io.quorate.server.codec.PeerMessageCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Replicas, links and disks in one thread, every hand-over a step of its own that a test chooses;
 * after each step the invariants of the log are checked.
 *
 * <p>Messages cross links as bytes. A link holds messages in order; a blocked direction holds them
 * back without the link going down.
 */
final class TestEnsemble {
  static final long MILLI = 1_000_000L;
  private static final int TRACE_LINES_MAX = 20_000;
  private static final int SETTLE_STEPS_MAX = 20_000;

  record Direction(int from, int to) implements Comparable<Direction> {
    @Override
    public int compareTo(Direction other) {
      return from != other.from ? Integer.compare(from, other.from) : Integer.compare(to, other.to);
    }

    @Override
    public String toString() {
      return from + "->" + to;
    }
  }

  private final FakeDisk.Vault vault = new FakeDisk.Vault();
  private final TreeMap<Integer, TestNode> nodes = new TreeMap<>();
  private final TreeMap<Direction, Deque<byte[]>> links = new TreeMap<>();
  private final TreeSet<Direction> blocked = new TreeSet<>();
  private final TreeSet<Integer> hung = new TreeSet<>();
  private final TreeSet<Direction> cut = new TreeSet<>();
  private final Membership configured;
  private final UnaryOperator<ReplicaConfig> configuration;
  private final RandomSource random;
  private final List<String> trace = new ArrayList<>();
  private final TreeMap<Long, Integer> leaders = new TreeMap<>();
  private final TreeMap<Long, Long> committed = new TreeMap<>();
  private final TreeMap<SyncPlan.Kind, Integer> plans = new TreeMap<>();
  private ReplicaRules rules = ReplicaRules.TRUE;
  private long nowNanos = 1;
  private long wallMillis = 1_000;
  private long epochMax;
  private int resumed;
  private boolean verbose;

  TestEnsemble(int servers, long seed, UnaryOperator<ReplicaConfig> configuration) {
    this(servers, 0, seed, configuration);
  }

  /** Voters have the lower ids. */
  TestEnsemble(int voters, int observers, long seed, UnaryOperator<ReplicaConfig> configuration) {
    int servers = voters + observers;
    this.configuration = configuration;
    random = new SeededRandom(seed);
    List<Member> members = new ArrayList<>();
    for (int id = 1; id <= servers; id++) {
      members.add(new Member(id, id <= voters, 0, "host" + id, 2888));
    }
    configured = new Membership(0, members);
    for (int id = 1; id <= servers; id++) {
      nodes.put(id, new TestNode(id, vault));
    }
  }

  /** SplitMix64. */
  static final class SeededRandom implements RandomSource {
    private long state;

    SeededRandom(long seed) {
      state = seed;
    }

    @Override
    public long nextLong() {
      state += 0x9E3779B97F4A7C15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      return z ^ (z >>> 31);
    }
  }

  /** Every input and effect goes to the trace. */
  void verbose() {
    verbose = true;
  }

  void rules(ReplicaRules broken) {
    rules = broken;
  }

  RandomSource random() {
    return random;
  }

  Collection<TestNode> nodes() {
    return nodes.values();
  }

  TestNode node(int id) {
    TestNode node = nodes.get(id);
    if (node == null) {
      throw new AssertionError("no server " + id);
    }
    return node;
  }

  Map<SyncPlan.Kind, Integer> plans() {
    return plans;
  }

  /** How many transfers of a snapshot went on where they were cut. */
  int resumed() {
    return resumed;
  }

  /** Committed entries, zxid to chain hash. */
  TreeMap<Long, Long> committed() {
    return committed;
  }

  long epochMax() {
    return epochMax;
  }

  private void note(String line) {
    if (trace.size() >= TRACE_LINES_MAX) {
      trace.subList(0, TRACE_LINES_MAX / 2).clear();
    }
    trace.add(line);
  }

  /** Lines since the last call; the oldest may be forgotten. */
  List<String> takeTrace() {
    List<String> taken = new ArrayList<>(trace);
    trace.clear();
    return taken;
  }

  // --- life ----------------------------------------------------------------------------------

  void start(int id) {
    TestNode node = node(id);
    node.up(
        new Replica(configuration.apply(ReplicaConfig.defaults(id, configured)), random, rules));
    step(id, new Input.Start(node.disk().recover()));
    connect();
  }

  void crash(int id) {
    TestNode node = node(id);
    node.down();
    disconnect();
  }

  void wipe(int id) {
    node(id).disk().wipe();
  }

  /** Nothing in either direction, and both sides are told. */
  void partition(int a, int b) {
    cut.add(new Direction(a, b));
    cut.add(new Direction(b, a));
    disconnect();
  }

  /** Messages of that direction are held back; nobody is told. */
  void block(int from, int to) {
    blocked.add(new Direction(from, to));
  }

  void heal() {
    cut.clear();
    blocked.clear();
    connect();
  }

  private boolean mayConnect(int a, int b) {
    return node(a).isUp() && node(b).isUp() && !cut.contains(new Direction(a, b));
  }

  private void connect() {
    for (int a : nodes.keySet()) {
      for (int b : nodes.keySet()) {
        if (a < b && mayConnect(a, b) && !links.containsKey(new Direction(a, b))) {
          links.put(new Direction(a, b), new ArrayDeque<>());
          links.put(new Direction(b, a), new ArrayDeque<>());
          step(a, new Input.PeerUp(b));
          step(b, new Input.PeerUp(a));
        }
      }
    }
  }

  private void disconnect() {
    for (Direction link : new ArrayList<>(links.keySet())) {
      if (link.from() < link.to() && !mayConnect(link.from(), link.to())) {
        dropLink(link.from(), link.to());
      }
    }
  }

  /** The link between both goes down; {@link #reconnect} brings it up again. */
  void dropLink(int a, int b) {
    if (links.remove(new Direction(a, b)) == null) {
      return;
    }
    links.remove(new Direction(b, a));
    if (node(a).isUp()) {
      step(a, new Input.PeerDown(b));
    }
    if (node(b).isUp()) {
      step(b, new Input.PeerDown(a));
    }
  }

  void reconnect() {
    connect();
  }

  // --- steps ---------------------------------------------------------------------------------

  long nowNanos() {
    return nowNanos;
  }

  void tick(long millis) {
    nowNanos += millis * MILLI;
    wallMillis += millis;
    for (int id : nodes.keySet()) {
      if (node(id).isUp()) {
        step(id, new Input.Tick());
      }
    }
  }

  List<Direction> deliverable() {
    List<Direction> found = new ArrayList<>();
    for (Map.Entry<Direction, Deque<byte[]>> link : links.entrySet()) {
      if (!link.getValue().isEmpty() && !blocked.contains(link.getKey())) {
        found.add(link.getKey());
      }
    }
    return found;
  }

  void deliver(Direction link) {
    Deque<byte[]> queue = links.get(link);
    byte[] body = queue == null ? null : queue.poll();
    if (body != null) {
      step(link.to(), new Input.Receive(link.from(), PeerMessageCodec.decode(body)));
    }
  }

  /** Loses the oldest message of a link that stays up: what a link must not do. */
  void lose(Direction link) {
    Deque<byte[]> queue = links.get(link);
    if (queue != null && !queue.isEmpty()) {
      note(link + " loses " + describe(PeerMessageCodec.decode(queue.removeFirst())));
    }
  }

  /** From now on that server's storage does nothing, or goes on. */
  void hang(int id, boolean hangs) {
    if (hangs) {
      hung.add(id);
    } else {
      hung.remove(id);
    }
  }

  boolean store(int id) {
    TestNode node = node(id);
    Effect.Storage effect = hung.contains(id) ? null : node.storageQueue().poll();
    if (effect == null) {
      return false;
    }
    if (effect instanceof Effect.Truncate truncate) {
      checkCut(id, truncate.afterZxid());
    }
    Input completion = node.disk().execute(effect);
    if (completion != null) {
      node.completions().add(completion);
    }
    return true;
  }

  boolean complete(int id) {
    Input completion = node(id).completions().poll();
    if (completion == null) {
      return false;
    }
    step(id, completion);
    return true;
  }

  boolean propose(int id, String text) {
    TestNode node = node(id);
    if (!node.isUp() || !node.replica().status().serving()) {
      return false;
    }
    step(id, new Input.Propose(List.of(text.getBytes(StandardCharsets.UTF_8))));
    return true;
  }

  void confirm(int id, long token) {
    if (node(id).isUp() && node(id).replica().status().serving()) {
      step(id, new Input.Confirm(token, List.of(token)));
    }
  }

  void disk(int id, DiskSpace.Level level) {
    step(id, new Input.DiskMeasured(new DiskSpace(level, 1_000)));
  }

  void snapshot(int id) {
    TestNode node = node(id);
    if (node.appliedZxid() > node.replica().status().snapshotZxid()) {
      SnapshotMeta meta = node.replica().snapshotMetaAt(node.appliedZxid(), 1, 0);
      if (meta.chainHash() != node.appliedHash()) {
        throw new AssertionError("snapshot with another hash than the state: " + meta);
      }
      node.disk().storeSnapshot(meta);
      step(id, new Input.SnapshotTaken(meta));
    }
  }

  /** Delivers, stores and completes until nothing is left to do, without time passing. */
  void settle() {
    settleUntil(0, "");
  }

  /** The same, but stops before that server executes that storage effect; it must come to that. */
  void settleUntil(int stopId, String stopEffect) {
    int limit = SETTLE_STEPS_MAX;
    boolean busy = true;
    while (busy) {
      busy = false;
      for (int id : nodes.keySet()) {
        while (node(id).isUp() && (complete(id) || (!waits(id, stopId, stopEffect) && store(id)))) {
          busy = true;
        }
      }
      if (stopId != 0 && waits(stopId, stopId, stopEffect)) {
        return;
      }
      for (Direction link : deliverable()) {
        deliver(link);
        busy = true;
      }
      if (limit-- == 0) {
        throw new AssertionError("never comes to rest");
      }
    }
    if (stopId != 0) {
      throw new AssertionError("server " + stopId + " never comes to " + stopEffect);
    }
  }

  private boolean waits(int id, int stopId, String stopEffect) {
    Effect.Storage next = node(id).storageQueue().peek();
    return id == stopId && next != null && next.getClass().getSimpleName().equals(stopEffect);
  }

  /** Settles and lets time pass, as often as said. */
  void run(long millis) {
    run(millis, 10);
  }

  /** The same with ticks so far apart. */
  void run(long millis, long tickMillis) {
    settle();
    for (long passed = 0; passed < millis; passed += tickMillis) {
      tick(tickMillis);
      settle();
    }
  }

  void step(int id, Input input) {
    TestNode node = node(id);
    Replica replica = node.replica();
    if (verbose) {
      note(id + " <- " + input);
    }
    for (Effect effect : replica.step(input, nowNanos, wallMillis)) {
      handle(node, effect);
    }
    if (node.isUp()) {
      check(node);
    }
  }

  private void handle(TestNode node, Effect effect) {
    if (verbose) {
      note("    " + node.id() + " => " + effect);
    }
    if (effect instanceof Effect.Send send) {
      Deque<byte[]> queue = links.get(new Direction(node.id(), send.peer()));
      checkClaim(node, send.message());
      if (queue != null) {
        queue.add(PeerMessageCodec.encode(send.message()));
      }
    } else if (effect instanceof Effect.Storage storage) {
      node.storageQueue().add(storage);
    } else if (effect instanceof Effect.Deliver deliver) {
      for (LogEntry entry : deliver.entries()) {
        node.apply(entry);
        Long known = committed.putIfAbsent(entry.zxid(), entry.chainHash());
        if (known != null && known != entry.chainHash()) {
          throw new AssertionError("two entries committed at " + Zxid.format(entry.zxid()));
        }
        note(node.id() + " applies " + describe(entry));
      }
    } else if (effect instanceof Effect.LoadSnapshot load) {
      node.load(load.meta());
      note(node.id() + " loads the snapshot " + describe(load.meta().zxid()));
    } else if (effect instanceof Effect.RoleChanged changed) {
      ReplicaStatus status = changed.status();
      note(
          node.id()
              + " is "
              + status.role()
              + " epoch "
              + status.epoch()
              + (status.leaderId() == 0 ? "" : " of " + status.leaderId())
              + (status.serving() ? ", serves" : ""));
    } else if (effect instanceof Effect.Synced synced) {
      plans.merge(synced.plan().kind(), 1, Integer::sum);
      resumed += synced.resumedAt() == 0 ? 0 : 1;
      note(
          node.id()
              + " synchronizes "
              + synced.peer()
              + " by "
              + synced.plan().kind()
              + " "
              + describe(synced.plan().zxid())
              + (synced.resumedAt() == 0 ? "" : " from byte " + synced.resumedAt()));
    } else if (effect instanceof Effect.Confirmed confirmed) {
      node.confirmed().add(confirmed.token() + "@" + describe(confirmed.zxid()));
      note(node.id() + " confirms " + confirmed.token() + "@" + describe(confirmed.zxid()));
    } else if (effect instanceof Effect.Touched touched) {
      note(node.id() + " touches " + touched.sessionIds());
    } else if (effect instanceof Effect.Notice notice) {
      note(node.id() + " notes: " + notice.text());
    } else if (effect instanceof Effect.Halt halt) {
      note(node.id() + " halts: " + halt.reason());
      node.halt(halt.reason());
      disconnect();
    }
  }

  static String describe(long zxid) {
    return "(" + Zxid.epoch(zxid) + "," + Zxid.counter(zxid) + ")";
  }

  static String describe(LogEntry entry) {
    return describe(entry.zxid())
        + " "
        + (entry.kind() == EntryKind.COMMAND
            ? new String(entry.payload(), StandardCharsets.UTF_8)
            : entry.kind().toString());
  }

  static String describe(Message message) {
    return message.kind().toString();
  }

  // --- invariants ----------------------------------------------------------------------------

  private void check(TestNode node) {
    ReplicaStatus status = node.replica().status();
    epochMax = Math.max(epochMax, status.epoch());
    if (status.role() == ReplicaStatus.Role.LEADER) {
      Integer other = leaders.putIfAbsent(status.epoch(), node.id());
      if (other != null && other != node.id()) {
        throw new AssertionError(
            "servers " + other + " and " + node.id() + " lead epoch " + status.epoch());
      }
      if (status.serving()) {
        checkCommitted(node, status.committedZxid());
      }
    }
    if (status.durableZxid() > node.disk().ids().lastZxid()) {
      throw new AssertionError(
          "server "
              + node.id()
              + " believes "
              + describe(status.durableZxid())
              + " durable, its disk has "
              + describe(node.disk().ids().lastZxid()));
    }
  }

  private void checkCommitted(TestNode leader, long zxid) {
    LogIdentifiers ids = leader.disk().ids();
    if (!committed.isEmpty() && committed.lastKey() > zxid) {
      return;
    }
    long hash = hashAt(ids, zxid);
    if (hash == 0 || Long.valueOf(hash).equals(committed.get(zxid))) {
      // Not on its own disk yet: a quorum of the others has it; or it was checked before.
      return;
    }
    for (Map.Entry<Long, Long> entry : committed.tailMap(ids.baseZxid(), false).entrySet()) {
      if (!ids.contains(entry.getKey(), entry.getValue())) {
        throw new AssertionError(
            "leader " + leader.id() + " lacks committed " + describe(entry.getKey()));
      }
    }
    int copies = 0;
    for (TestNode node : nodes.values()) {
      boolean has = node.disk().ids().contains(zxid, hash) || isBelow(node, zxid);
      copies += configured.isVoter(node.id()) && has ? 1 : 0;
    }
    if (copies < configured.majority()) {
      throw new AssertionError(describe(zxid) + " is committed with " + copies + " copies");
    }
    for (int i = 0; i < ids.size() && ids.zxidAt(i) <= zxid; i++) {
      committed.putIfAbsent(ids.zxidAt(i), ids.hashAt(i));
    }
  }

  private static boolean isBelow(TestNode node, long zxid) {
    return node.disk().ids().baseZxid() > zxid;
  }

  private static long hashAt(LogIdentifiers ids, long zxid) {
    int index = zxid <= ids.baseZxid() ? -1 : ids.indexOf(zxid);
    return index < 0 ? 0 : ids.hashAt(index);
  }

  private void checkCut(int id, long afterZxid) {
    LogIdentifiers ids = node(id).disk().ids();
    for (Map.Entry<Long, Long> entry : committed.tailMap(afterZxid, false).entrySet()) {
      if (ids.contains(entry.getKey(), entry.getValue())) {
        throw new AssertionError("server " + id + " cuts committed " + describe(entry.getKey()));
      }
    }
  }

  /** Nobody says that more is durable than its disk has. */
  private void checkClaim(TestNode node, Message message) {
    long claimed = 0;
    if (message instanceof Message.Position position) {
      claimed = position.lastZxid();
    } else if (message instanceof Message.Ack ack) {
      claimed = ack.durableZxid();
    } else if (message instanceof Message.VoteRequest request) {
      claimed = request.lastZxid();
    }
    if (claimed > node.disk().ids().lastZxid()) {
      throw new AssertionError(
          "server " + node.id() + " claims " + describe(claimed) + " in " + message);
    }
  }
}
