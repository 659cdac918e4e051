package io.quorate.server.sim;

import io.quorate.data.ReadOp;
import io.quorate.server.node.Node;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run from its seed to its verdict: warm-up, a phase of faults in which only safety counts, a
 * healed core that must come to rest, final reads, a restart of everything from disk.
 */
final class Simulation {
  private static final long SECOND = SimConfig.SECOND;
  private static final long WARM_UP_NANOS_MAX = 60 * SECOND;
  private static final long SETTLE_NANOS_MAX = 120 * SECOND;
  private static final long SWEPT_NANOS_MAX = 10 * SECOND;
  private static final long ALARM_NANOS_MAX = 10 * SECOND;
  private static final long ROOM_NANOS_MAX = 10 * SECOND;
  private static final int PORT = 2888;

  /** Of the leader's clock: a race may begin so long before a znode is due. */
  private static final long RACE_AHEAD_MILLIS = 10;

  private static final long RACE_EVERY_NANOS = 8 * SimConfig.MILLI;
  private static final int RACES_MAX = 80;

  private final World world;
  private final SimConfig config;
  private final Mutant mutant;
  private final List<Machine> machines = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final List<Checker> checkers = new ArrayList<>();
  private final Ghost ghost;
  private final PeerNetwork network;
  private final ClientNetwork clientNetwork;
  private final FaultInjector faults;
  private final Xoshiro256 random;
  private final ExpiryNotTooLate expiryNotTooLate;
  private long acknowledgedZxid;
  private boolean healed;
  private int calls;
  private int callsMax;
  private long alarmSinceNanos;

  private Simulation(World world, SimConfig config, Mutant mutant) {
    this.world = world;
    this.config = config;
    this.mutant = mutant;
    random = world.random("phases");
    Machine[] byId = new Machine[config.servers() + 1];
    for (int id = 1; id <= config.servers(); id++) {
      byId[id] = new Machine(this, world, config, id);
      machines.add(byId[id]);
    }
    network = new PeerNetwork(world, config, byId);
    clientNetwork = new ClientNetwork(world, config, byId);
    ghost = new Ghost(world, machines, checkers);
    expiryNotTooLate = new ExpiryNotTooLate(this);
    checkers.add(new OneLeaderPerEpoch(world));
    checkers.add(new ObserversOnlyFollow(world));
    checkers.add(new LeaderCompleteness(ghost));
    checkers.add(new TruncateNeverBelowCommitted(ghost));
    checkers.add(new RecoveryKeepsDurable(ghost));
    checkers.add(new Monotone());
    checkers.add(new AppliedIsCommitted(ghost));
    checkers.add(new SessionsEndForGood(world, ghost));
    checkers.add(new ClientSignalsLostBeforeExpiry(this));
    checkers.add(new ExpiryNotEarly(ghost));
    checkers.add(expiryNotTooLate);
    checkers.add(new RefusalsOnlyOfGrowth(this));
    checkers.add(new RepliesMatchModel(world, ghost));
    checkers.add(new SessionOrder());
    checkers.add(new LinearizableReads(this));
    checkers.add(new WatchBeforeRead(world, ghost));
    checkers.add(new EveryChangeIsTold(world, ghost));
    checkers.add(new ExactlyOnce(ghost));
    checkers.add(new FenceNeverGoesBack(world));
    for (int i = 0; i < config.clients(); i++) {
      clients.add(new SimClient(this, world, config, i));
    }
    faults = new FaultInjector(this, world, config);
  }

  /**
   * Runs one seed.
   *
   * @param log where to print the trace; null for nowhere
   */
  static RunResult run(SimConfig config, long seed, Mutant mutant, @Nullable PrintStream log) {
    World world = new World(seed, log);
    Simulation simulation = new Simulation(world, config, mutant);
    Violation violation = null;
    try {
      simulation.run();
    } catch (Violation e) {
      violation = e;
    }
    return new RunResult(
        seed,
        config,
        mutant,
        violation,
        world.steps(),
        world.trace().count(),
        world.now(),
        world.trace().hash(),
        simulation.ghost.size(),
        world.marks());
  }

  private void run() {
    phase(0);
    for (Machine machine : machines) {
      world.after(random.between(1, 300) * SimConfig.MILLI, machine::start);
    }
    settle("L1 FoundsItself", WARM_UP_NANOS_MAX, () -> leader() != null);
    found();

    phase(1);
    callsMax = config.calls();
    for (SimClient client : clients) {
      client.start();
    }
    faults.start();
    long end = world.now() + config.safetyNanos();
    world.at(end, () -> {});
    race(world.random("races"), end, RACES_MAX);
    while (world.now() < end) {
      step();
    }
    faults.stop();

    phase(2);
    callsMax = 0;
    List<Machine> core = chooseCore();
    settle("L1 CoreComesToRest", SETTLE_NANOS_MAX, () -> isAtRest(core));

    phase(3);
    for (Machine machine : machines) {
      revive(machine);
    }
    settle("L2 AllComeToRest", SETTLE_NANOS_MAX, () -> isAtRest(machines));
    settle("M4 WhatIsDueGoes", SWEPT_NANOS_MAX, this::isSwept);
    clients.get(random.below(clients.size())).fallSilent();
    expiryNotTooLate.begin();
    settle(expiryNotTooLate.rule(), expiryNotTooLate.nanosMax(), expiryNotTooLate::noneIsLeft);
    settle("R16 ThereIsRoomAgain", ROOM_NANOS_MAX, this::hasRoom);
    healed = true;
    finalReads();
    settle("L1 ReadsAreAnswered", SETTLE_NANOS_MAX, () -> isAtRest(machines));

    phase(4);
    for (Machine machine : machines) {
      machine.die(random.chance(1, 2));
    }
    world.marks().hit(Mark.ALL_DEAD);
    for (Machine machine : machines) {
      world.after(random.between(1, 500) * SimConfig.MILLI, machine::start);
    }
    settle("S5 SameAfterRestart", SETTLE_NANOS_MAX, () -> isAtRest(machines));
    for (Checker checker : checkers) {
      checker.ended(this);
    }
  }

  private void phase(int number) {
    world.trace().add(world.now(), Trace.Kind.PHASE, 0, number, 0);
  }

  /**
   * Now and then a client writes to what is about to be swept, so that some such writes come
   * between the leader's look and its sweep.
   */
  private void race(Xoshiro256 own, long end, int left) {
    world.after(
        own.around(RACE_EVERY_NANOS),
        () -> {
          if (world.now() < end && left > 0) {
            race(own, end, left - raceOnce(own));
          }
        });
  }

  private int raceOnce(Xoshiro256 own) {
    Machine leader = leader();
    List<String> ending =
        leader == null
            ? List.of()
            : ghost.model().leavable(leader.logTimeMillis() + RACE_AHEAD_MILLIS);
    if (ending.isEmpty() ? !own.chance(1, 50) : own.chance(1, 4)) {
      return 0;
    }
    String path = ending.isEmpty() ? null : ending.get(own.below(ending.size()));
    clients.get(own.below(clients.size())).race(path);
    return 1;
  }

  private void step() {
    if (!world.step()) {
      throw new Violation("L1 Progress", 0, "nothing will ever happen again");
    }
  }

  /**
   * What a person does who is told of an alarm that does not end: a server that differs after its
   * rebuild, too (it was altered once more) does not rebuild again by itself.
   */
  private void operate() {
    Machine leader = leader();
    NodeStatus status = leader == null ? null : leader.node().status();
    if (status == null || status.more().alarmZxid() == 0) {
      alarmSinceNanos = world.now();
    } else if (world.now() - alarmSinceNanos > ALARM_NANOS_MAX) {
      alarmSinceNanos = world.now();
      for (Machine machine : machines) {
        if (machine.isUp() && machine.differs()) {
          world.marks().hit(Mark.OPERATOR_RESTARTS);
          machine.dieAndRestart(false, random.between(1, 500) * SimConfig.MILLI);
        }
      }
    }
  }

  /** Lets time pass until {@code condition}; a violation of {@code rule} if it takes too long. */
  private void settle(String rule, long nanosMax, BooleanSupplier condition) {
    long end = world.now() + nanosMax;
    while (!condition.getAsBoolean()) {
      if (world.now() >= end) {
        throw new Violation(rule, 0, "not within " + nanosMax / SECOND + " s: " + describe());
      }
      long next = world.now() + 10 * SimConfig.MILLI;
      world.at(next, () -> {});
      while (world.now() < next) {
        step();
      }
      operate();
    }
  }

  private void found() {
    SimClient first = clients.get(0);
    first.start();
    settle("L1 OpensSession", WARM_UP_NANOS_MAX, () -> first.liveSession() != 0);
    callsMax = 0;
    for (String path : Workload.foundation()) {
      first.submit(first.workload().found(path));
    }
    settle("L1 AnswersCalls", WARM_UP_NANOS_MAX, () -> first.outstanding() == 0);
    calls = 0;
  }

  private List<Machine> chooseCore() {
    List<Machine> counted = new ArrayList<>();
    List<Machine> others = new ArrayList<>();
    for (Machine machine : machines) {
      (machine.counts() && !machine.isAltered() ? counted : others).add(machine);
    }
    int majority = config.voters() / 2 + 1;
    for (Machine machine : List.copyOf(counted)) {
      boolean disregarded = counted.stream().anyMatch(other -> other.disregards(machine));
      if (disregarded && counted.size() > majority) {
        counted.remove(machine);
        others.add(machine);
      }
    }
    while (counted.size() > majority) {
      others.add(counted.remove(random.below(counted.size())));
    }
    List<Machine> core = new ArrayList<>(counted);
    for (Machine machine : others) {
      switch (random.below(3)) {
        case 0 -> {
          machine.stayDown(true);
          machine.die(random.chance(1, 2));
        }
        case 1 -> isolate(machine, true);
        default -> core.add(machine);
      }
    }
    for (Machine machine : core) {
      revive(machine);
    }
    return core;
  }

  private void isolate(Machine machine, boolean isolate) {
    machine.setIsolated(isolate);
    for (Machine peer : machines) {
      if (peer != machine) {
        if (isolate) {
          network.block(machine.id(), peer.id());
          network.block(peer.id(), machine.id());
        } else {
          network.unblock(machine.id(), peer.id());
          network.unblock(peer.id(), machine.id());
        }
      }
    }
  }

  private void revive(Machine machine) {
    if (machine.isIsolated()) {
      isolate(machine, false);
    }
    machine.disarm();
    machine.stayDown(false);
    machine.wake();
    machine.healDisk();
    machine.freeDisk();
    machine.start();
  }

  /** Nothing is left that is due by the time that the leader would stamp now. */
  private boolean isSwept() {
    Machine leader = leader();
    return leader != null && ghost.model().leavable(leader.logTimeMillis()).isEmpty();
  }

  /** Nobody refuses anything for want of disk space any more. */
  private boolean hasRoom() {
    for (Machine machine : machines) {
      Node node = machine.node();
      if (node == null || node.status().more().shortage().contains("disk")) {
        return false;
      }
    }
    return true;
  }

  /** All answered, and the same state everywhere: everything that was committed. */
  private boolean isAtRest(List<Machine> core) {
    for (SimClient client : clients) {
      if (client.outstanding() > 0) {
        return false;
      }
    }
    for (Machine machine : core) {
      NodeStatus status = machine.node() == null ? null : machine.node().status();
      if (status == null
          || !status.serving()
          || status.appliedZxid() != ghost.lastZxid()
          || status.digest() != ghost.digestAt(ghost.lastZxid())
          || status.more().alarmZxid() != 0) {
        return false;
      }
    }
    return true;
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    text.append(String.format("committed 0x%x", ghost.lastZxid()));
    for (Machine machine : machines) {
      text.append("; n").append(machine.id()).append(' ');
      if (machine.node() == null) {
        text.append("down");
      } else {
        NodeStatus status = machine.node().status();
        text.append(
            String.format(
                "%s epoch %d leader n%d%s durable 0x%x committed 0x%x applied 0x%x",
                status.replica().role(),
                status.replica().epoch(),
                status.replica().leaderId(),
                status.serving() ? " serving" : "",
                status.replica().durableZxid(),
                status.replica().committedZxid(),
                status.appliedZxid()));
        if (machine.reason() != null) {
          text.append(" (").append(machine.reason()).append(')');
        }
      }
      text.append(machine.counts() ? "" : " uncounted").append(machine.hasRot() ? " rotten" : "");
    }
    for (SimClient client : clients) {
      if (client.outstanding() > 0) {
        text.append("; c").append(client.id()).append(" waits for ").append(client.outstanding());
      }
    }
    return text.toString();
  }

  private void finalReads() {
    for (SimClient client : clients) {
      client.wake();
      client.start();
      client.submit(client.workload().change());
      for (String path : Workload.foundation()) {
        client.submit(client.workload().read(new ReadOp.Get(path), true, false));
        client.submit(client.workload().read(new ReadOp.Children(path, "", 1_000), false, false));
      }
    }
  }

  // --- what the parts ask ------------------------------------------------------------------------

  World world() {
    return world;
  }

  Mutant mutant() {
    return mutant;
  }

  List<Machine> machines() {
    return machines;
  }

  List<SimClient> clients() {
    return clients;
  }

  List<Checker> checkers() {
    return checkers;
  }

  Ghost ghost() {
    return ghost;
  }

  PeerNetwork network() {
    return network;
  }

  ClientNetwork clientNetwork() {
    return clientNetwork;
  }

  long reserveBytes() {
    return config.diskReserveBytes();
  }

  long timeoutNanos() {
    return config.sessionTimeoutMillis() * SimConfig.MILLI;
  }

  /** Whether everything is healed, for good. */
  boolean isHealed() {
    return healed;
  }

  /** The servers as every configuration names them. */
  Membership configured() {
    List<Member> members = new ArrayList<>();
    for (Machine machine : machines) {
      members.add(new Member(machine.id(), machine.isVoter(), 0, "server-" + machine.id(), PORT));
    }
    return new Membership(0, members);
  }

  /** A server that leads and serves; null if there is none. */
  @Nullable Machine leader() {
    for (Machine machine : machines) {
      ReplicaStatus status = machine.status();
      if (status != null && status.serving() && status.role() == ReplicaStatus.Role.LEADER) {
        return machine;
      }
    }
    return null;
  }

  /**
   * Whether this server may lose its disk or its state: an observer at any time, a voter if a
   * majority keeps theirs.
   */
  boolean mayLoseDisk(Machine candidate) {
    if (candidate.hasRot() || candidate.isAltered()) {
      return false;
    }
    return candidate.isVoter() ? candidate.counts() && mayLoseOneMoreDisk() : true;
  }

  private boolean mayLoseOneMoreDisk() {
    int lost = 1;
    for (Machine machine : machines) {
      boolean whole = machine.counts() && !machine.hasRot() && !machine.isAltered();
      lost += !machine.isVoter() || whole ? 0 : 1;
    }
    return lost <= (config.voters() - 1) / 2;
  }

  /** Mean time between two bursts of a client, so that the calls spread over the phase. */
  long thinkNanos() {
    long burst = (1L + config.pipeline()) / 2;
    return config.safetyNanos() * config.clients() * burst / config.calls();
  }

  boolean mayCall() {
    return calls < callsMax;
  }

  void called() {
    calls++;
  }

  /** The greatest zxid of a write that anybody was answered, or of anything anybody was shown. */
  long acknowledgedZxid() {
    return acknowledgedZxid;
  }

  void answered(SimClient client, Call call) {
    for (Checker checker : checkers) {
      checker.answered(client, call);
    }
    if (call.outcome == Call.Outcome.ANSWERED) {
      shown(call.zxid);
    }
  }

  /** Somebody learned that the ensemble was at that zxid. */
  void shown(long zxid) {
    acknowledgedZxid = Math.max(acknowledgedZxid, zxid);
  }

  void lockTaken(SimClient taker) {
    OneHolder.check(this, taker);
  }

  void synced(int follower, SyncPlan.Kind kind) {
    if (kind == SyncPlan.Kind.SNAP && !config.isVoter(follower)) {
      world.marks().hit(Mark.OBSERVER_SNAP);
    }
    world
        .marks()
        .hit(
            switch (kind) {
              case NOTHING -> Mark.SYNC_NOTHING;
              case DIFF -> Mark.SYNC_DIFF;
              case TRUNC -> Mark.SYNC_TRUNC;
              case TRUNC_DIFF -> Mark.SYNC_TRUNC_DIFF;
              case SNAP -> Mark.SYNC_SNAP;
            });
  }
}
