package io.quorate.server.sim;

import io.quorate.server.replication.ReplicaStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws faults, family by family, each with its own stream and interval, and heals what heals by
 * itself. Never more than a minority of servers has lost what its disk held.
 */
final class FaultInjector {
  private static final long MILLI = SimConfig.MILLI;
  private static final long SECOND = SimConfig.SECOND;
  private static final long PROBE_NANOS = 60 * MILLI;

  private final Simulation simulation;
  private final World world;
  private final SimConfig.Faults faults;
  private final Xoshiro256 random;
  private boolean stopped;

  FaultInjector(Simulation simulation, World world, SimConfig config) {
    this.simulation = simulation;
    this.world = world;
    this.faults = config.faults();
    this.random = world.random("faults");
  }

  void start() {
    for (Fault fault : Fault.values()) {
      long interval = faults.interval(fault);
      if (interval > 0) {
        String name = fault.name().toLowerCase(Locale.ROOT).replace('_', '-');
        again(world.random("faults/" + name), interval, () -> strike(fault));
      }
    }
  }

  private void strike(Fault fault) {
    switch (fault) {
      case DEATH -> death();
      case DEATH_AT_DISK -> deathAtDisk();
      case DEATH_BETWEEN_EFFECTS -> deathBetweenEffects();
      case KILL_ALL -> killAll();
      case PAUSE -> pause();
      case CUT -> cut();
      case BLACKHOLE -> blackhole();
      case PARTITION -> partition();
      case DEPOSE -> depose();
      case CLIENT_CUT -> clientCut();
      case CLIENT_PAUSE -> clientPause();
      case CLIENT_ISOLATION -> clientIsolation();
      case CLIENT_DEATH -> clientDeath();
      case WIPE -> wipe();
      case ROT -> rot();
      case CLOCK_LEAP -> clockLeap();
      case SLOW_DISK -> slowDisk();
      case HUNG_DISK -> hungDisk();
      case ALTERATION -> alteration();
      case FULL_DISK -> fullDisk();
    }
  }

  /** No further faults; those that last are undone by {@link Simulation}. */
  void stop() {
    stopped = true;
    simulation.machines().forEach(Machine::alterNoMore);
  }

  private void again(Xoshiro256 own, long interval, Runnable fault) {
    world.after(
        own.around(interval),
        () -> {
          if (!stopped) {
            fault.run();
            again(own, interval, fault);
          }
        });
  }

  private void tell(int who, String text) {
    world.trace().add(world.now(), Trace.Kind.FAULT, who, text.length(), 0, text);
  }

  private Machine any() {
    List<Machine> candidates = new ArrayList<>();
    for (Machine machine : simulation.machines()) {
      boolean synchronizing =
          machine.isUp()
              && machine.status() != null
              && machine.status().role() == ReplicaStatus.Role.FOLLOWER
              && !machine.status().serving();
      if (synchronizing) {
        candidates.add(machine);
      }
    }
    if (faults.syncPhaseOnly() && !candidates.isEmpty()) {
      return candidates.get(random.below(candidates.size()));
    }
    // The leader is a third of the targets: that is where most depends on it.
    Machine leader = simulation.leader();
    if (leader != null && random.chance(1, 3)) {
      return leader;
    }
    return simulation.machines().get(random.below(simulation.machines().size()));
  }

  private long downTime() {
    return random.chance(1, 3) ? random.between(1, 6) * SECOND : random.between(1, 600) * MILLI;
  }

  private void death() {
    Machine machine = any();
    if (machine.isUp()) {
      tell(machine.id(), "death");
      machine.dieAndRestart(random.chance(1, 2), downTime());
    }
  }

  private void deathAtDisk() {
    Machine machine = any();
    if (machine.isUp()) {
      tell(machine.id(), "death at a disk operation to come");
      machine.dieAtDiskOperation(random.below(24), downTime());
    }
  }

  private void deathBetweenEffects() {
    Machine machine = any();
    if (machine.isUp()) {
      tell(machine.id(), "death between effects to come");
      machine.dieAtEffect(random.below(40), downTime());
    }
  }

  private void killAll() {
    tell(0, "death of all");
    boolean power = random.chance(1, 2);
    for (Machine machine : simulation.machines()) {
      if (machine.isUp()) {
        machine.dieAndRestart(power, downTime());
      }
    }
    world.marks().hit(Mark.ALL_DEAD);
  }

  private void pause() {
    Machine machine = any();
    long nanos =
        random.chance(1, 3) ? random.between(1, 5) * SECOND : random.between(1, 400) * MILLI;
    tell(machine.id(), "pause of " + nanos / MILLI + " ms");
    machine.pause(nanos);
  }

  private void cut() {
    int first = any().id();
    int second = other(first);
    if (second != 0) {
      tell(first, "cut from n" + second);
      world.marks().hit(Mark.LINK_CUT);
      simulation.network().cut(first, second);
    }
  }

  private int other(int id) {
    int count = simulation.machines().size();
    if (count == 1) {
      return 0;
    }
    int drawn = 1 + random.below(count - 1);
    return drawn >= id ? drawn + 1 : drawn;
  }

  private void blackhole() {
    int from = any().id();
    int to = other(from);
    if (to != 0) {
      long nanos = random.between(50, 6_000) * MILLI;
      tell(from, "blackhole towards n" + to + " for " + nanos / MILLI + " ms");
      world.marks().hit(Mark.BLACKHOLE);
      blockFor(from, to, nanos);
    }
  }

  private void blockFor(int from, int to, long nanos) {
    PeerNetwork network = simulation.network();
    network.block(from, to);
    world.after(nanos, () -> network.unblock(from, to));
  }

  private void partition() {
    int count = simulation.machines().size();
    if (count == 1) {
      return;
    }
    world.marks().hit(Mark.PARTITION);
    long nanos = random.between(300, 8_000) * MILLI;
    boolean[] left = new boolean[count + 1];
    int bridge = 0;
    switch (random.below(3)) {
      case 0 -> left[any().id()] = true;
      case 1 -> {
        for (int id = 1; id <= count; id++) {
          left[id] = random.chance(1, 2);
        }
      }
      default -> {
        for (int id = 1; id <= count; id++) {
          left[id] = random.chance(1, 2);
        }
        bridge = 1 + random.below(count);
      }
    }
    boolean oneWay = random.chance(1, 4);
    StringBuilder text = new StringBuilder("partition");
    for (int from = 1; from <= count; from++) {
      for (int to = 1; to <= count; to++) {
        if (left[from] && !left[to] && from != bridge && to != bridge) {
          text.append(' ').append(from).append('|').append(to);
          blockFor(from, to, nanos);
          if (!oneWay) {
            blockFor(to, from, nanos);
          }
        }
      }
    }
    tell(0, text.append(oneWay ? " one way" : "").append(" for ").append(nanos / MILLI) + " ms");
  }

  /**
   * The leader loses its office without knowing it, and clients on both sides go on: those that it
   * still serves read, the others write.
   */
  private void depose() {
    Machine leader = simulation.leader();
    if (leader == null || simulation.machines().size() == 1) {
      return;
    }
    long nanos = random.between(400, 2_500) * MILLI;
    if (random.chance(1, 3)) {
      tell(leader.id(), "the leader stands still for " + nanos / MILLI + " ms");
      leader.pause(nanos);
    } else {
      tell(leader.id(), "the leader is cut off for " + nanos / MILLI + " ms");
      for (Machine peer : simulation.machines()) {
        if (peer != leader) {
          blockFor(leader.id(), peer.id(), nanos);
          blockFor(peer.id(), leader.id(), nanos);
        }
      }
    }
    probe(leader.id(), world.now() + nanos + 200 * MILLI);
  }

  private void probe(int deposed, long untilNanos) {
    if (stopped || world.now() >= untilNanos) {
      return;
    }
    for (SimClient client : simulation.clients()) {
      client.probe(deposed);
    }
    world.after(random.around(PROBE_NANOS), () -> probe(deposed, untilNanos));
  }

  private SimClient anyClient() {
    return simulation.clients().get(random.below(simulation.clients().size()));
  }

  private void clientCut() {
    SimClient client = anyClient();
    tell(client.id(), "cut from its server");
    client.cut();
  }

  private void clientPause() {
    SimClient client = anyClient();
    long nanos =
        random.chance(1, 2)
            ? client.timeoutNanos() + random.between(100, 4_000) * MILLI
            : random.between(10, 1_500) * MILLI;
    tell(client.id(), "pause of " + nanos / MILLI + " ms");
    client.pause(nanos);
  }

  private void clientIsolation() {
    SimClient client = anyClient();
    long nanos =
        random.chance(1, 2)
            ? client.timeoutNanos() + random.between(100, 4_000) * MILLI
            : random.between(10, 1_500) * MILLI;
    int server = random.chance(1, 3) ? 0 : 1 + random.below(simulation.machines().size());
    boolean out = random.chance(2, 3);
    boolean in = !out || random.chance(2, 3);
    tell(client.id(), "isolation from n" + server + " for " + nanos / MILLI + " ms");
    client.isolate(server, out, in, nanos);
  }

  private void clientDeath() {
    SimClient client = anyClient();
    tell(client.id(), "death");
    client.die(random.between(50, 3_000) * MILLI);
  }

  private void wipe() {
    Machine machine = any();
    if (simulation.mayLoseDisk(machine)) {
      tell(machine.id(), "wipe");
      world.marks().hit(Mark.WIPE);
      machine.wipe(downTime());
    }
  }

  private void rot() {
    Machine machine = any();
    if (simulation.mayLoseDisk(machine)) {
      machine.rot(random, downTime());
    }
  }

  private void alteration() {
    Machine machine = any();
    // One that is being rebuilt is left alone: twice in a row means that it is past help (R25).
    boolean serves = machine.isUp() && machine.node() != null && machine.node().status().serving();
    if (serves && simulation.mayLoseDisk(machine)) {
      tell(machine.id(), "its state is to be altered");
      machine.alterNext();
    }
  }

  private void clockLeap() {
    Machine machine = any();
    if (!machine.clock().mayLeap()) {
      return;
    }
    long nanos = random.between(100, 60_000) * MILLI;
    tell(machine.id(), "clock leaps by " + nanos / MILLI + " ms");
    world.marks().hit(Mark.CLOCK_LEAP);
    machine.clock().leap(nanos);
    machine.clock().setWall(random.between(-7_200_000, 7_200_000));
  }

  private void hungDisk() {
    Machine machine = simulation.leader();
    if (machine != null) {
      long nanos = random.between(1_000, 6_000) * MILLI;
      tell(machine.id(), "disk hangs for about " + nanos / MILLI + " ms");
      world.marks().hit(Mark.LEADERS_DISK_HANGS);
      machine.slowDisk(nanos);
      world.after(nanos, () -> machine.slowDisk(0));
    }
  }

  /**
   * Below the reserve, mostly: what servers log themselves takes the rest. On all disks it is the
   * reserve that must keep the processes alive; a single one may be filled to its last byte.
   */
  private void fullDisk() {
    long reserve = simulation.reserveBytes();
    boolean all = random.chance(2, 3);
    boolean toTheLast = random.chance(1, 4);
    long usable =
        toTheLast ? random.between(0, 400) : random.between(reserve / 8, reserve + reserve / 4);
    long nanos = random.between(300, 9_000) * MILLI;
    Machine one = any();
    for (Machine machine : simulation.machines()) {
      if (all || machine == one) {
        tell(machine.id(), "disk filled up to " + usable + " bytes for " + nanos / MILLI + " ms");
        machine.fillDisk(usable, all && usable >= reserve / 2, nanos);
      }
    }
  }

  private void slowDisk() {
    Machine machine = any();
    long nanos = random.between(5, 400) * MILLI;
    tell(machine.id(), "disk slower by " + nanos / MILLI + " ms");
    machine.slowDisk(nanos);
    world.after(random.between(1, 8) * SECOND, () -> machine.slowDisk(0));
  }
}
