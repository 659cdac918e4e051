package io.quorate.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.Zxid;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.server.base.NodeClock;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.PeerStatus;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a node does, as meters. Called on the node thread; gauges are worked out when they are read,
 * from the picture of the last turn.
 */
public final class NodeMeters implements NodeObserver {
  private final MeterRegistry registry;
  private final NodeClock clock;
  private final Tags tags;
  private final RequestMeters requests;
  private final Timer turn;
  private final Timer turnCpu;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  /** Of the node thread, at the end of its last turn; negative if not known. */
  private long processorNanos = -1;

  private final Timer apply;
  private final DistributionSummary turnEvents;
  private final Counter roleChanges;
  private final Counter leaderChanges;
  private final Counter electionsWon;
  private final Counter electionsLost;
  private final Counter divergences;
  private final Map<SyncPlan.Kind, Counter> syncs = new EnumMap<>(SyncPlan.Kind.class);
  private final Map<ErrorCode, Counter> refusals = new EnumMap<>(ErrorCode.class);

  /** Counted by the node thread alone; read by whoever scrapes. */
  private final Count proposals = new Count();

  private final Count committed = new Count();
  private final Count applied = new Count();
  private final Count pongs = new Count();
  private final Count events = new Count();
  private final Count opened = new Count();
  private final Count attached = new Count();
  private final Count closed = new Count();
  private final Count expired = new Count();

  private volatile @Nullable NodeStatus status;
  private long committedZxid;

  /** It has stood, and what came of it is not known yet. */
  private boolean stands;

  private int lastLeader;
  private ReplicaStatus.Role lastRole = ReplicaStatus.Role.UNFOUNDED;

  /** A number that one thread raises and others read. */
  private static final class Count {
    private volatile long value;

    /** By the node thread only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // it has one writer
    void add(long more) {
      value += more;
    }

    double value() {
      return value;
    }
  }

  /**
   * @param peers ids of the other servers
   */
  public NodeMeters(MeterRegistry registry, NodeClock clock, int serverId, List<Integer> peers) {
    this.registry = registry;
    this.clock = clock;
    tags = Tags.of("server", String.valueOf(serverId));
    requests = new RequestMeters(registry, tags);
    turn =
        ServerMeters.histogram(
                Timer.builder("quorate.server.turn"),
                "Time that a turn of the node thread took: nothing else is decided meanwhile.")
            .tags(tags)
            .register(registry);
    apply =
        ServerMeters.histogram(
                Timer.builder("quorate.server.apply"),
                "Time to apply what was committed, of turns in which something was.")
            .tags(tags)
            .register(registry);
    turnCpu =
        ServerMeters.histogram(
                Timer.builder("quorate.server.turn.cpu"),
                "Processor time that the node thread used for a turn: without pauses of the JVM.")
            .tags(tags)
            .register(registry);
    turnEvents =
        DistributionSummary.builder("quorate.server.turn.events")
            .description("Events that a turn took from the inbox of the node.")
            .tags(tags)
            .register(registry);
    roleChanges = counter("quorate.server.role.changes", "Changes of role, epoch or phase.");
    leaderChanges =
        counter("quorate.server.leader.changes", "Times that this server got another leader.");
    divergences =
        counter(
            "quorate.server.divergences",
            "Times that this server's state differed from the others' and was rebuilt.");
    electionsWon = counter("quorate.server.elections.won", "Elections that this server won.");
    electionsLost =
        counter(
            "quorate.server.elections.lost",
            "Elections in which this server stood and did not win: it stood again, or followed"
                + " another.");
    for (SyncPlan.Kind kind : SyncPlan.Kind.values()) {
      syncs.put(
          kind,
          Counter.builder("quorate.server.synchronizations")
              .description(
                  "Peers synchronized by this leader, by the way chosen (nothing, diff, trunc,"
                      + " trunc_diff, snap).")
              .tags(tags)
              .tag("way", kind.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    refusal(ErrorCode.NOT_SERVING);
    registerCounts();
    registerPosition();
    registerState();
    for (int peer : peers) {
      registerPeer(peer);
    }
  }

  /**
   * @param length events that wait for the node thread; any thread
   */
  public void registerInbox(IntSupplier length) {
    Gauge.builder("quorate.server.inbox", length::getAsInt)
        .description("Events that wait for the node thread; clients are held back at 65,536.")
        .tags(tags)
        .register(registry);
  }

  /** Suppliers are asked at each scrape, by its thread; they give bytes, or -1 for unknown. */
  public void registerFiles(LongSupplier log, LongSupplier snapshots) {
    files("log", log);
    files("snapshots", snapshots);
  }

  private void files(String what, LongSupplier bytes) {
    Gauge.builder("quorate.server.disk.used", bytes::getAsLong)
        .description("Files of the log, and complete snapshots, in the data directory.")
        .baseUnit("bytes")
        .tags(tags)
        .tag("what", what)
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).tags(tags).register(registry);
  }

  private void count(String name, Count count, String description) {
    FunctionCounter.builder(name, count, Count::value)
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private void registerCounts() {
    count("quorate.server.proposals", proposals, "Commands given to the log from this server.");
    count("quorate.server.entries.committed", committed, "Entries known here to be committed.");
    count("quorate.server.entries.applied", applied, "Entries applied to the state.");
    count("quorate.server.pings", pongs, "Pings answered, each after a quorum round.");
    count("quorate.server.watch.events", events, "Events sent to the watches on this server.");
    count("quorate.server.sessions.opened", opened, "Sessions opened, in the whole ensemble.");
    count(
        "quorate.server.sessions.attached",
        attached,
        "Sessions attached to another connection, in the whole ensemble: reconnects and moves.");
    ended("close", closed);
    ended("expiry", expired);
  }

  private void ended(String how, Count count) {
    FunctionCounter.builder("quorate.server.sessions.ended", count, Count::value)
        .description("Sessions ended in the whole ensemble, by close or by expiry.")
        .tags(tags)
        .tag("how", how)
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<NodeStatus> value) {
    Gauge.builder(name, () -> of(value)).description(description).tags(tags).register(registry);
  }

  private double of(ToDoubleFunction<NodeStatus> value) {
    NodeStatus present = status;
    return present == null ? 0 : value.applyAsDouble(present);
  }

  private void age(String name, String description, ToDoubleFunction<NodeStatus> nanos) {
    TimeGauge.builder(name, () -> of(nanos), TimeUnit.NANOSECONDS)
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private void registerPosition() {
    for (ReplicaStatus.Role role : ReplicaStatus.Role.values()) {
      Gauge.builder("quorate.server.role", () -> of(s -> s.replica().role() == role ? 1 : 0))
          .description("1 for the role that this server has, 0 for the others.")
          .tags(tags)
          .tag("role", role.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    gauge("quorate.server.serving", "1 while clients are served.", s -> s.serving() ? 1 : 0);
    gauge("quorate.server.leader", "Id of the leader, 0 without.", s -> s.replica().leaderId());
    gauge("quorate.server.epoch", "Epoch followed, led or promised.", s -> s.replica().epoch());
    zxid("durable", s -> s.replica().durableZxid());
    zxid("committed", s -> s.replica().committedZxid());
    zxid("applied", NodeStatus::appliedZxid);
    zxid("leader", s -> s.more().leaderZxid());
    zxid("snapshot", s -> s.replica().snapshotZxid());
    gauge(
        "quorate.server.lag.entries",
        "Entries that the leader committed and this server has not applied; -1 without a leader.",
        NodeStatus::lagEntries);
    age(
        "quorate.server.lag",
        "Time for which this server has not been up to date; 0 while it is.",
        s -> s.lagNanos(clock.monotonicNanos()));
    age(
        "quorate.server.turn.age",
        "Time since the last turn of the node thread ended; grows if it hangs.",
        s -> clock.monotonicNanos() - s.more().atNanos());
  }

  private void zxid(String which, ToDoubleFunction<NodeStatus> value) {
    Gauge.builder("quorate.server.zxid", () -> of(value))
        .description(
            "Positions in the log (epoch x 2^32 + counter): durable, committed, applied here;"
                + " committed at the leader; of the newest snapshot.")
        .tags(tags)
        .tag("position", which)
        .register(registry);
  }

  private void registerState() {
    gauge("quorate.server.sessions", "Open sessions of the ensemble.", NodeStatus::sessions);
    gauge(
        "quorate.server.clients",
        "Connections of clients that the node knows.",
        NodeStatus::connections);
    gauge("quorate.server.watches", "Watches held by this server.", NodeStatus::watches);
    gauge("quorate.server.znodes", "Znodes in the tree.", NodeStatus::znodes);
    gauge(
        "quorate.server.alarm",
        "1 while something waits for a person; the status says what.",
        s -> s.more().alarm().isEmpty() && s.more().shortage().isEmpty() ? 0 : 1);
    Gauge.builder("quorate.server.tail.cache", () -> of(s -> s.more().tailCacheBytes()))
        .description("Newest entries held in memory for followers that are not far behind.")
        .baseUnit("bytes")
        .tags(tags)
        .register(registry);
    Gauge.builder("quorate.server.state", () -> of(s -> s.more().stateBytes()))
        .description("Estimate of what the state takes in memory; 0 while it is loaded.")
        .baseUnit("bytes")
        .tags(tags)
        .register(registry);
    Gauge.builder("quorate.server.disk.usable", () -> of(s -> s.more().usableBytes()))
        .description("Free on the disk of the data directory; -1 while it is not measured.")
        .baseUnit("bytes")
        .tags(tags)
        .register(registry);
    TimeGauge.builder("quorate.server.snapshot.age", this::snapshotAgeMillis, TimeUnit.MILLISECONDS)
        .description("Time since the last entry in the newest snapshot was stamped; 0 without one.")
        .tags(tags)
        .register(registry);
  }

  private double snapshotAgeMillis() {
    return of(
        s ->
            s.more().snapshotTimeMillis() == 0
                ? 0
                : Math.max(0, clock.wallMillis() - s.more().snapshotTimeMillis()));
  }

  private void registerPeer(int peer) {
    Tags of = tags.and("peer", String.valueOf(peer));
    Gauge.builder("quorate.server.peer.linked", () -> ofPeer(peer, p -> p.linkUp() ? 1 : 0))
        .description("1 while there is a link with that server.")
        .tags(of)
        .register(registry);
    TimeGauge.builder(
            "quorate.server.peer.ack.age",
            () -> ofPeer(peer, p -> Math.max(0, p.ackAgeNanos())),
            TimeUnit.NANOSECONDS)
        .description("At the leader: time since that server was heard of; 0 elsewhere.")
        .tags(of)
        .register(registry);
    Gauge.builder("quorate.server.peer.behind", () -> ofPeer(peer, this::behind))
        .description(
            "At the leader: entries that it committed and that server has not acknowledged as"
                + " durable, counted in the present epoch; 0 elsewhere.")
        .tags(of)
        .register(registry);
  }

  private double ofPeer(int id, ToDoubleFunction<PeerStatus> value) {
    return of(
        s -> {
          for (PeerStatus peer : s.more().peers()) {
            if (peer.id() == id) {
              return value.applyAsDouble(peer);
            }
          }
          return 0;
        });
  }

  private double behind(PeerStatus peer) {
    if (peer.sync() == PeerStatus.Sync.NONE) {
      return 0;
    }
    long commit = Math.round(of(s -> s.replica().committedZxid()));
    boolean sameEpoch = Zxid.epoch(peer.matchZxid()) == Zxid.epoch(commit);
    return Math.max(0, Zxid.counter(commit) + (sameEpoch ? -Zxid.counter(peer.matchZxid()) : 1));
  }

  // --- what the node says ------------------------------------------------------------------------

  @Override
  public void electionBegan(long epoch) {
    if (stands) {
      electionsLost.increment();
    }
    stands = true;
  }

  @Override
  public void roleChanged(ReplicaStatus now, String cause) {
    roleChanges.increment();
    if (now.leaderId() != 0 && now.leaderId() != lastLeader) {
      lastLeader = now.leaderId();
      leaderChanges.increment();
    }
    if (now.role() == ReplicaStatus.Role.LEADER && lastRole != ReplicaStatus.Role.LEADER) {
      electionsWon.increment();
      stands = false;
    } else if (stands && now.leaderId() != 0) {
      electionsLost.increment();
      stands = false;
    }
    lastRole = now.role();
  }

  @Override
  public void diverged(Divergence divergence) {
    divergences.increment();
  }

  @Override
  public void synced(int peer, SyncPlan plan) {
    Counter counter = syncs.get(plan.kind());
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void applied(LogEntry entry, long digest) {
    applied.add(1);
  }

  @Override
  public void commandApplied(long zxid, Command command, ApplyResult result) {
    if (result.answer() instanceof OpResult.Failure) {
      return;
    }
    switch (command.kind()) {
      case OPEN_SESSION -> opened.add(1);
      case ATTACH_SESSION -> attached.add(1);
      case CLOSE_SESSION -> closed.add(1);
      case EXPIRE_SESSION -> expired.add(1);
      default -> {
        // Counted by the server that answers it.
      }
    }
  }

  @Override
  public void applyRan(int entries, long nanos) {
    apply.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void turnTaken(int taken, long nanos) {
    turn.record(nanos, TimeUnit.NANOSECONDS);
    noteProcessorTime();
    turnEvents.record(taken);
  }

  /** What the node thread worked since the last turn: no pause of the collector is in it. */
  private void noteProcessorTime() {
    long now = threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : -1;
    if (now >= 0 && processorNanos >= 0) {
      turnCpu.record(now - processorNanos, TimeUnit.NANOSECONDS);
    }
    processorNanos = now;
  }

  @Override
  public void proposed(int commands) {
    proposals.add(commands);
  }

  @Override
  public void turnEnded(NodeStatus now) {
    status = now;
    requests.turnEnded(now.more().atNanos());
    long commit = now.replica().committedZxid();
    if (commit > committedZxid) {
      boolean sameEpoch = Zxid.epoch(commit) == Zxid.epoch(committedZxid);
      committed.add(Zxid.counter(commit) + (sameEpoch ? -Zxid.counter(committedZxid) : 1));
    }
    committedZxid = commit;
  }

  @Override
  public void answered(ClientMessage request, OpResult result, long arrivedNanos) {
    requests.answered(request, result, arrivedNanos);
  }

  @Override
  public void ponged() {
    pongs.add(1);
  }

  @Override
  public void fired(int watches) {
    events.add(watches);
  }

  @Override
  public void refused(ErrorCode code, String reason, String remoteAddress) {
    refusal(code).increment();
  }

  private Counter refusal(ErrorCode code) {
    return refusals.computeIfAbsent(
        code,
        key ->
            Counter.builder("quorate.server.refusals")
                .description(
                    "Clients that were told why they are not served here any more, by error code.")
                .tags(tags)
                .tag("code", key.name().toLowerCase(Locale.ROOT))
                .register(registry));
  }
}
