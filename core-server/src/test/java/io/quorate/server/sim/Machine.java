package io.quorate.server.sim;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.server.base.RandomSource;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.codec.PeerMessageCodec;
import io.quorate.server.codec.SnapshotCodec;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.node.DivergedException;
import io.quorate.server.node.Node;
import io.quorate.server.node.NodeConfig;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.node.NodePorts;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.node.ResourceLimits;
import io.quorate.server.node.SnapshotPolicy;
import io.quorate.server.node.SnapshotPort;
import io.quorate.server.node.SnapshotThread;
import io.quorate.server.node.StorageWorker;
import io.quorate.server.node.SweepPolicy;
import io.quorate.server.replication.Effect;
import io.quorate.server.replication.Input;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Message;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.Replica;
import io.quorate.server.replication.ReplicaConfig;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.request.RequestLimits;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.statemachine.StateView;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.StorageException;
import io.quorate.server.storage.file.CrashError;
import io.quorate.server.storage.file.FileStorage;
import io.quorate.server.storage.file.SimDisk;
import io.quorate.server.storage.file.StorageOptions;
import io.quorate.server.watch.WatchLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One simulated computer: a disk that outlives its processes, a clock, and one process after the
 * other, each a real {@link Node} with its log thread and snapshot thread as actors of their own.
 *
 * <p>The process can die at any disk operation, at any effect and between events; it can stand
 * still while everything it is sent waits.
 */
final class Machine {
  private static final long MILLI = SimConfig.MILLI;
  private static final long SECOND = SimConfig.SECOND;
  private static final long HEARTBEAT_NANOS = 60 * MILLI;
  private static final long ELECTION_MIN_NANOS = 350 * MILLI;
  private static final long ELECTION_MAX_NANOS = 700 * MILLI;
  private static final long TURN_NANOS_MAX = 200_000;
  private static final int SNAPSHOTS_KEPT = 1;
  private static final int SWEEP_BATCH = 3;
  private static final long UNUSED_CONTAINER_MILLIS = 300_000;

  /** Free space is measured often, so that a tiny reserve lasts. */
  private static final long MEASURE_NANOS = 100 * MILLI;

  /** What a server that was upgraded knows; the rules are the same, but for their number. */
  static final int VERSION_UPGRADED = StateMachine.VERSION + 1;

  /** The process finds that its state is wrong. */
  private static final class SelfRebuild extends Error {
    private static final long serialVersionUID = 1L;

    private final transient Divergence divergence;

    SelfRebuild(Divergence divergence) {
      super(divergence.describe(), null, false, false);
      this.divergence = divergence;
    }
  }

  /** The process ends itself, with a reason for a person. */
  private static final class SelfEnd extends Error {
    private static final long serialVersionUID = 1L;

    SelfEnd(String reason) {
      super(reason, null, false, false);
    }
  }

  private final Simulation simulation;
  private final World world;
  private final SimConfig config;
  private final int id;
  private final Xoshiro256 random;
  private final Xoshiro256 diskRandom;
  private final SimClock clock;
  private final DurableLog log = new DurableLog();

  private SimDisk disk;
  private long life;
  private boolean alive;
  private boolean keptDisk = true;
  private boolean rot;
  private boolean ioErrorInjected;
  private boolean switchUnderWay;

  /**
   * Counts how often the disk was filled, so that a later filling outlasts an earlier one's end.
   */
  private int fillings;

  /** The filling left all voters enough, and nothing but their own log has grown since. */
  private boolean reserveMustHold;

  /** What a leader sent is being installed, or was and may not be all swept away yet. */
  private boolean stages;

  private @Nullable DurableLog lostLog;
  private long incarnation;
  private long slowNanos;

  /** Of the work of the log thread that is under way; another one of it is void. */
  private long workTicket;

  private long pausedUntilNanos;
  private final ArrayDeque<Runnable> backlog = new ArrayDeque<>();
  private long effectsUntilDeath = -1;
  private long downTimeAfterDeath;
  private boolean staysDown;
  private boolean isolated;

  private long refusedWritesAtStart;
  private int knownVersion = StateMachine.VERSION;
  private @Nullable Divergence toRebuild;

  /** Whether the state was altered, ever: then it may differ until that is found. */
  private boolean wasAltered;

  // Of the present life.
  private boolean alterNext;
  private boolean altered;
  private boolean differed;
  private @Nullable Replica replica;
  private @Nullable Node node;
  private @Nullable Storage storage;
  private @Nullable StorageWorker worker;
  private final List<Effect.Storage> submitted = new ArrayList<>();
  private boolean storageBusy;
  private long lastDoneNanos;
  private boolean turnPending;
  private @Nullable ReplicaStatus seen;

  Machine(Simulation simulation, World world, SimConfig config, int id) {
    this.simulation = simulation;
    this.world = world;
    this.config = config;
    this.id = id;
    random = world.random("machine/" + id);
    diskRandom = world.random("disk/" + id);
    disk = new SimDisk(diskRandom);
    long rate = config.clockRatePpm();
    clock =
        new SimClock(
            world,
            random.between(0, 1_000_000) * SECOND,
            rate == 0 ? 0 : random.between(-rate, rate),
            random.between(-60_000, 60_000));
  }

  int id() {
    return id;
  }

  /** Counts the starts of the process; messages for an earlier life are lost. */
  long life() {
    return life;
  }

  /** Whether a node runs and can be reached. */
  boolean isUp() {
    return alive && node != null;
  }

  /** What its disk is known to hold. */
  DurableLog log() {
    return log;
  }

  boolean isVoter() {
    return config.isVoter(id);
  }

  /**
   * Whether its disk counts towards quorums: never that of an observer, and not between a wipe and
   * the readmission.
   */
  boolean counts() {
    return keptDisk && isVoter();
  }

  /**
   * Whether it runs and does not know yet that the other's present disk counts. As long as only a
   * leader that is gone knew it, the two are no quorum, however committed the readmission is (R14).
   */
  boolean disregards(Machine other) {
    Replica running = replica;
    return alive
        && running != null
        && other.incarnation != 0
        && !running.membership().counts(other.id, other.incarnation);
  }

  boolean hasRot() {
    return rot;
  }

  /** Whether it died while it exchanged its history: the disk holds the old or the new one. */
  boolean diedSwitching() {
    return switchUnderWay;
  }

  long incarnation() {
    return incarnation;
  }

  SimClock clock() {
    return clock;
  }

  @Nullable ReplicaStatus status() {
    return alive && replica != null && node != null ? replica.status() : null;
  }

  /** The time that an entry would have if this server leads; 0 if it does not. */
  long logTimeMillis() {
    return replica == null ? 0 : replica.logTimeMillis();
  }

  @Nullable Node node() {
    return alive ? node : null;
  }

  /** What the disk held that was lost last; null once it counts again. */
  @Nullable DurableLog lostLog() {
    return lostLog;
  }

  void readmitted() {
    keptDisk = true;
    lostLog = null;
  }

  /** The next session that is opened gets another name in this server's state. */
  void alterNext() {
    alterNext = true;
  }

  void alterNoMore() {
    alterNext = false;
  }

  /** Whether its state is, or may soon be, another one than it should be. */
  boolean isAltered() {
    return alterNext || altered;
  }

  /** Whether its state is not what it should be. */
  boolean differs() {
    NodeStatus status = node.status();
    Ghost ghost = simulation.ghost();
    return ghost.find(status.appliedZxid()) != null
        && status.digest() != ghost.digestAt(status.appliedZxid());
  }

  boolean wasAltered() {
    return wasAltered;
  }

  /** A name of a session is in the digest, and no client ever sees it. */
  private ApplyResult apply(StateMachine state, long zxid, long timeMillis, Command command) {
    if (!alterNext || !(command instanceof Command.OpenSession open)) {
      return simulation.mutant().applier(clock).apply(state, zxid, timeMillis, command);
    }
    alterNext = false;
    altered = true;
    wasAltered = true;
    world.marks().hit(Mark.ALTERED);
    world.note("n" + id + " applies 0x" + Long.toHexString(zxid) + " differently");
    return state.apply(
        zxid,
        timeMillis,
        new Command.OpenSession(
            open.origin(),
            open.tag(),
            open.secretHash(),
            open.timeoutMillis(),
            open.clientName() + "~"));
  }

  /**
   * Something else fills the disk for so long.
   *
   * @param reserveMustHold whether no process may end for it
   */
  void fillDisk(long usableBytes, boolean reserveMustHold, long nanos) {
    this.reserveMustHold = reserveMustHold && !stages && log.lastZxid() != 0;
    int mine = ++fillings;
    disk.fillUpTo(usableBytes);
    world.marks().hit(Mark.DISK_FILLED);
    world.after(
        nanos,
        () -> {
          if (mine == fillings) {
            freeDisk();
          }
        });
  }

  void freeDisk() {
    fillings++;
    reserveMustHold = false;
    disk.setCapacityBytes(Long.MAX_VALUE);
  }

  /** What a leader sends to be installed takes room that no reserve is meant for. */
  void staging() {
    stages = true;
    reserveMustHold = false;
  }

  /** Neither what comes nor what is under way lasts longer than usual. */
  void healDisk() {
    slowNanos = 0;
    if (storageBusy) {
      workLater(life);
    }
  }

  void slowDisk(long nanos) {
    slowNanos = nanos;
  }

  // --- life and death ----------------------------------------------------------------------------

  void start() {
    if (alive) {
      return;
    }
    alive = true;
    life++;
    stages = false;
    refusedWritesAtStart = disk.refusedWrites();
    alterNext = false;
    altered = false;
    differed = false;
    if (config.faults().upgrade() && random.chance(1, 2)) {
      knownVersion = VERSION_UPGRADED;
    }
    node = null;
    replica = null;
    seen = null;
    storageBusy = false;
    turnPending = false;
    submitted.clear();
    backlog.clear();
    pausedUntilNanos = 0;
    effectsUntilDeath = -1;
    world.trace().add(world.now(), Trace.Kind.START, id, life, 0);
    Mutant mutant = simulation.mutant();
    Storage real =
        new FileStorage(
            mutant.disk(disk, diskRandom),
            id,
            new StorageOptions(
                (int) config.segmentBytes(), SNAPSHOTS_KEPT, 0, config.diskReserveBytes()),
            text -> world.note("n" + id + " storage: " + text));
    storage = new ObservedStorage(mutant.storage(real), this);
    worker = new StorageWorker(storage);
    later(life, diskDelay(), this::recover);
  }

  private void recover() {
    Divergence rebuilt = toRebuild;
    toRebuild = null;
    Recovered found =
        rebuilt == null ? storage.recover() : storage.recoverTrusting(rebuilt.trustedZxid());
    if (found.snapshot() != null) {
      world.marks().hit(Mark.RESTART_FROM_SNAPSHOT);
    }
    long now = life;
    ReplicaConfig replicaConfig =
        ReplicaConfig.defaults(id, configured())
            .withTimings(HEARTBEAT_NANOS, ELECTION_MIN_NANOS, ELECTION_MAX_NANOS)
            .withLimits(config.tailBytes(), 600, 2_000, 700, 7);
    RandomSource replicaRandom = world.random("replica/" + id + "/" + life);
    replica = new Replica(replicaConfig, replicaRandom, simulation.mutant().rules());
    RandomSource secrets = world.random("secrets/" + id + "/" + life);
    RandomSource jitter = world.random("jitter/" + id + "/" + life);
    NodePorts ports =
        new NodePorts(
            simulation.network().transportOf(this, now),
            effects -> submit(now, effects),
            new Snapshots(now),
            clock,
            secrets,
            jitter,
            (where, cause) -> {
              if (cause instanceof DivergedException diverged) {
                throw new SelfRebuild(diverged.divergence());
              }
              throw new SelfEnd(where + ": " + cause.getMessage());
            },
            new Observer(),
            this::apply,
            simulation.mutant().watchRules());
    NodeConfig nodeConfig =
        new NodeConfig(
            id,
            NodeConfig.ENTRY_BYTES_MAX_DEFAULT,
            RequestLimits.forTimeouts(config.sessionTimeoutMillis(), 60_000),
            new SnapshotPolicy(config.snapshotEvery(), 1 << 20, 40),
            new ResourceLimits(
                config.memoryBudgetBytes(), config.diskReserveBytes(), MEASURE_NANOS),
            knownVersion,
            new SweepPolicy(
                config.dueEveryNanos(),
                config.containersEveryNanos(),
                SWEEP_BATCH,
                UNUSED_CONTAINER_MILLIS),
            null,
            new WatchLimits(
                config.historyChanges(), 1 << 20, config.sliceWork(), config.turnSlices()));
    Node fresh = new Node(nodeConfig, replica, ports);
    node = fresh;
    fresh.start(found, rebuilt);
    turn();
    simulation.network().started(id);
    later(now, 0, () -> tick(now));
  }

  private Membership configured() {
    return simulation.configured();
  }

  private void tick(long inLife) {
    node.tick();
    turn();
    later(inLife, config.tickNanos() + random.below(1_000_000), () -> tick(inLife));
  }

  /** Dies now; {@code power} also takes what was not synced. */
  void dieAndRestart(boolean power, long downTimeNanos) {
    if (alive) {
      die(power);
      restartAfter(downTimeNanos);
    }
  }

  private void restartAfter(long downTimeNanos) {
    long dead = life;
    world.after(
        downTimeNanos,
        () -> {
          if (!alive && life == dead && !staysDown) {
            start();
          }
        });
  }

  /** Deaths that were still to come do not. */
  void disarm() {
    effectsUntilDeath = -1;
    disk.setHook((operation, name) -> {});
  }

  boolean isIsolated() {
    return isolated;
  }

  void setIsolated(boolean nowIsolated) {
    isolated = nowIsolated;
  }

  /** Why it neither leads nor follows, by its own words. */
  @Nullable String reason() {
    return replica == null ? null : replica.reason();
  }

  /** Whether it may start again by itself. */
  void stayDown(boolean stays) {
    staysDown = stays;
  }

  void dieAtDiskOperation(int operations, long downTimeNanos) {
    downTimeAfterDeath = downTimeNanos;
    if (random.chance(1, 6)) {
      failSyncAfter(operations);
    } else {
      disk.crashBefore(operations);
    }
  }

  private void failSyncAfter(int operations) {
    long target = disk.operations() + operations;
    disk.setHook(
        (operation, name) -> {
          if (operation == SimDisk.Operation.SYNC && disk.operations() >= target) {
            ioErrorInjected = true;
            disk.setHook((other, file) -> {});
            throw new IOException("injected: input/output error");
          }
        });
  }

  void dieAtEffect(int effects, long downTimeNanos) {
    downTimeAfterDeath = downTimeNanos;
    effectsUntilDeath = effects;
  }

  /** Called by the ports before each effect of a node. */
  void beforeEffect(long inLife) {
    if (inLife == life && effectsUntilDeath >= 0 && effectsUntilDeath-- == 0) {
      world.marks().hit(Mark.DEATH_BETWEEN_EFFECTS);
      throw new CrashError("between effects");
    }
  }

  void die(boolean power) {
    if (!alive) {
      return;
    }
    world.trace().add(world.now(), Trace.Kind.DEATH, id, life, power ? 1 : 0);
    if (storageBusy || !submitted.isEmpty()) {
      world.marks().hit(Mark.DEATH_WITH_DISK_WORK_PENDING);
    }
    declare();
    alive = false;
    life++;
    node = null;
    replica = null;
    storage = null;
    worker = null;
    seen = null;
    submitted.clear();
    backlog.clear();
    effectsUntilDeath = -1;
    if (power) {
      disk.crash();
      world.marks().hit(Mark.UNSYNCED_LOST);
    } else {
      disk.kill();
    }
    boolean silently = power || random.chance(1, 3);
    simulation.network().died(id, silently);
    simulation.clientNetwork().died(id, silently);
  }

  /** Loses its disk, and gets an empty one. */
  void wipe(long downTimeNanos) {
    die(true);
    disk = new SimDisk(diskRandom);
    fillings++;
    reserveMustHold = false;
    if (keptDisk) {
      loseLog();
    }
    log.wiped();
    switchUnderWay = false;
    incarnation = 0;
    rot = false;
    restartAfter(downTimeNanos);
  }

  private void loseLog() {
    DurableLog lost = new DurableLog();
    lost.recovered(log.identifiers());
    lostLog = lost;
    keptDisk = false;
  }

  /** Dies, and some bytes of its disk rot meanwhile. */
  void rot(Xoshiro256 faults, long downTimeNanos) {
    List<String> files = disk.files();
    if (files.isEmpty()) {
      return;
    }
    String name = files.get(faults.below(files.size()));
    int length = disk.content(name).length;
    if (length == 0) {
      return;
    }
    die(false);
    int offset = faults.below(length);
    int count = faults.chance(1, 2) ? 1 : Math.min(length - offset, (int) faults.between(1, 64));
    boolean zero = faults.chance(1, 2);
    disk.alter(
        name,
        bytes -> {
          for (int i = offset; i < offset + count; i++) {
            bytes[i] = zero ? 0 : (byte) (bytes[i] ^ 1 << faults.below(8));
          }
          return bytes;
        });
    world
        .trace()
        .add(
            world.now(),
            Trace.Kind.FAULT,
            id,
            offset,
            count,
            (zero ? "zeros in " : "rot in ") + name);
    world.marks().hit(Mark.ROT);
    rot = true;
    loseLog();
    restartAfter(downTimeNanos);
  }

  /** Stands still for so long; what it is sent waits. */
  void pause(long nanos) {
    world.marks().hit(Mark.PAUSE);
    pausedUntilNanos = Math.max(pausedUntilNanos, world.now() + nanos);
    world.at(pausedUntilNanos, this::resume);
  }

  /** Ends a pause early. */
  void wake() {
    pausedUntilNanos = 0;
    resume();
  }

  private void resume() {
    if (world.now() < pausedUntilNanos) {
      return;
    }
    long now = life;
    while (now == life && !backlog.isEmpty() && world.now() >= pausedUntilNanos) {
      execute(backlog.removeFirst());
    }
  }

  private boolean isPaused() {
    return world.now() < pausedUntilNanos || !backlog.isEmpty();
  }

  // --- the process's threads ---------------------------------------------------------------------

  /** After a while, in this life, as one step of the process. */
  private void later(long inLife, long delayNanos, Runnable action) {
    world.after(delayNanos, () -> run(inLife, action));
  }

  /** One step of the process of that life: now, or when it no longer stands still. */
  private void run(long inLife, Runnable action) {
    if (!alive || life != inLife) {
      return;
    }
    if (isPaused()) {
      backlog.add(action);
      return;
    }
    execute(action);
  }

  private void execute(Runnable action) {
    long now = life;
    try {
      action.run();
    } catch (CrashError e) {
      if (now == life) {
        if (effectsUntilDeath != -1 || !e.getMessage().equals("between effects")) {
          world.marks().hit(Mark.DEATH_AT_DISK_OPERATION);
        }
        world.note("n" + id + " dies: " + e.getMessage());
        die(random.chance(2, 3));
        restartAfter(downTimeAfterDeath);
      }
      return;
    } catch (SelfEnd e) {
      ended(e.getMessage());
      return;
    } catch (SelfRebuild e) {
      rebuild(e.divergence);
      return;
    } catch (StorageException e) {
      if (disk.refusedWrites() > refusedWritesAtStart) {
        diskFull(e);
        return;
      }
      if (!rot && !ioErrorInjected) {
        throw new Violation("L5 StartsAfterAnyCrash", id, "storage fails: " + e.getMessage(), e);
      }
      ended(e.getMessage());
      return;
    } catch (Violation e) {
      throw e;
    } catch (RuntimeException e) {
      throw new Violation("R34 AssertionsHold", id, e.toString(), e);
    }
    if (now == life) {
      observe();
    }
  }

  /** The process found its state to be wrong, and starts again to rebuild it. */
  private void rebuild(Divergence divergence) {
    world.trace().add(world.now(), Trace.Kind.FAULT, id, 0, 0, "rebuilds: " + divergence);
    if (!wasAltered) {
      throw new Violation("R25 NoNeedlessRebuild", id, divergence.describe());
    }
    world.marks().hit(Mark.REBUILT);
    die(false);
    toRebuild = divergence;
    restartAfter(random.between(1, 200) * MILLI);
  }

  /** Nothing more fits: the process ends, and is started again and again until something does. */
  private void diskFull(StorageException e) {
    world.trace().add(world.now(), Trace.Kind.FAULT, id, 0, 0, "disk full: " + e.getMessage());
    if (reserveMustHold) {
      throw new Violation(
          "R16 ReserveKeepsRunning", id, e.getMessage() + "; files: " + disk.listing(), e);
    }
    world.marks().hit(Mark.DISK_FULL_ENDS);
    die(random.chance(1, 3));
    restartAfter(random.between(50, 2_000) * MILLI);
  }

  /** The process ended itself: an operator looks at it. */
  private void ended(String reason) {
    world.marks().hit(Mark.HALT);
    world.trace().add(world.now(), Trace.Kind.FAULT, id, 0, 0, "ends itself: " + reason);
    if (rot) {
      world.marks().hit(Mark.ROT_FOUND);
      wipe(random.between(200, 2_000) * MILLI);
    } else if (ioErrorInjected) {
      ioErrorInjected = false;
      die(true);
      restartAfter(random.between(10, 2_000) * MILLI);
    } else {
      throw new Violation("L5 NoNeedlessHalt", id, reason);
    }
  }

  /** Ends a turn of the node a moment later: what comes meanwhile belongs to the same turn. */
  private void turn() {
    if (!turnPending) {
      turnPending = true;
      long now = life;
      later(now, random.nextBelow(TURN_NANOS_MAX), this::endTurn);
    }
  }

  private void endTurn() {
    turnPending = false;
    if (node.endOfTurn()) {
      turn();
    }
  }

  private long diskDelay() {
    return random.around(config.diskDelayNanos()) + (slowNanos == 0 ? 0 : random.around(slowNanos));
  }

  private void submit(long inLife, List<Effect.Storage> effects) {
    beforeEffect(inLife);
    if (leads()) {
      for (Effect.Storage effect : effects) {
        if (effect instanceof Effect.Append append) {
          for (Checker checker : simulation.checkers()) {
            checker.proposed(this, append.entries());
          }
        }
      }
    }
    submitted.addAll(effects);
    if (!storageBusy) {
      storageBusy = true;
      workLater(inLife);
    }
  }

  /** The log thread takes all that waits, as one batch, and goes on while something does. */
  private void work(long inLife) {
    List<Effect.Storage> batch = List.copyOf(submitted);
    submitted.clear();
    world.trace().add(world.now(), Trace.Kind.DISK, id, batch.size(), disk.operations());
    List<Input> done = worker.execute(batch);
    if (!done.isEmpty()) {
      // Handed over in order, whatever each hand-over takes.
      lastDoneNanos = Math.max(lastDoneNanos, world.now() + random.below(300_000));
      later(
          inLife,
          lastDoneNanos - world.now(),
          () -> {
            node.storageDone(done);
            turn();
          });
    }
    if (submitted.isEmpty()) {
      storageBusy = false;
    } else {
      workLater(inLife);
    }
  }

  private void workLater(long inLife) {
    long ticket = ++workTicket;
    later(
        inLife,
        diskDelay(),
        () -> {
          if (ticket == workTicket) {
            work(inLife);
          }
        });
  }

  /** The snapshot thread: a write is several steps, between which the log thread may work. */
  private final class Snapshots implements SnapshotPort {
    private final long inLife;
    private long lastDoneNanos;

    Snapshots(long inLife) {
      this.inLife = inLife;
    }

    /** One after the other, in order. */
    private void next(Runnable action) {
      lastDoneNanos = Math.max(lastDoneNanos, world.now()) + diskDelay();
      world.at(lastDoneNanos, () -> run(inLife, action));
    }

    @Override
    public void write(StateView view, SnapshotMeta meta) {
      beforeEffect(inLife);
      next(
          () -> {
            Storage.SnapshotSink sink = storage.createSnapshot(meta);
            Iterator<ByteBuffer> blocks = SnapshotCodec.blocks(view);
            writeNext(sink, blocks, view, meta);
          });
    }

    private void writeNext(
        Storage.SnapshotSink sink, Iterator<ByteBuffer> blocks, StateView view, SnapshotMeta meta) {
      if (blocks.hasNext()) {
        sink.write(blocks.next());
        next(() -> writeNext(sink, blocks, view, meta));
        return;
      }
      SnapshotThread.verify(view, meta);
      boolean counted = sink.commit();
      if (counted) {
        world.marks().hit(Mark.SNAPSHOT_TAKEN);
      }
      later(
          inLife,
          random.below(300_000),
          () -> {
            if (counted) {
              node.snapshotWritten(meta);
            } else {
              node.snapshotDropped();
            }
            turn();
          });
    }

    @Override
    public void load(SnapshotMeta meta) {
      beforeEffect(inLife);
      next(
          () -> {
            StateMachine state = SnapshotThread.loadNow(storage, meta, knownVersion);
            if (state == null) {
              return;
            }
            later(
                inLife,
                random.below(300_000),
                () -> {
                  node.stateLoaded(state);
                  turn();
                });
          });
    }
  }

  // --- what the networks deliver -----------------------------------------------------------------

  void linkUp(int peer) {
    input(() -> node.peerUp(peer));
  }

  void linkDown(int peer, String reason) {
    input(() -> node.peerDown(peer, reason));
  }

  void received(int peer, byte[] body) {
    input(
        () -> {
          hear(body);
          node.peerMessage(peer, body);
        });
  }

  private boolean leads() {
    ReplicaStatus status = status();
    return status != null && status.serving() && status.role() == ReplicaStatus.Role.LEADER;
  }

  /** Sessions that a follower speaks for. */
  private void hear(byte[] body) {
    if (!leads()) {
      return;
    }
    Message message = PeerMessageCodec.decode(body);
    // One of an earlier epoch, as after a partition, is none to this leader.
    if (message instanceof Message.ConfirmRequest request
        && request.epoch() == replica.status().epoch()) {
      request.sessionIds().forEach(this::hear);
    } else if (message instanceof Message.Forward forward) {
      for (byte[] payload : forward.payloads()) {
        Command command = CommandCodec.decode(payload);
        if (command instanceof Command.Write write) {
          hear(write.sessionId());
        } else if (command instanceof Command.RefusedWrite refused) {
          hear(refused.sessionId());
        } else if (command instanceof Command.AttachSession attach) {
          hear(attach.sessionId());
        }
      }
    }
  }

  private void hear(long session) {
    for (Checker checker : simulation.checkers()) {
      checker.heard(this, session);
    }
  }

  /** A write came over a connection that speaks for that session. */
  void writeArrived(long session, long number) {
    input(
        () -> {
          if (leads()) {
            for (Checker checker : simulation.checkers()) {
              checker.writeArrived(this, session, number);
            }
          }
        });
  }

  void clientOpened(ClientConnection connection) {
    input(() -> node.clientOpened(connection));
  }

  void clientReceived(ClientConnection connection, ClientMessage message) {
    input(() -> node.clientReceived(connection, message));
  }

  void clientClosed(ClientConnection connection) {
    input(() -> node.clientClosed(connection));
  }

  private void input(Runnable call) {
    if (isUp()) {
      run(
          life,
          () -> {
            call.run();
            turn();
          });
    }
  }

  // --- what the run must know --------------------------------------------------------------------

  /** What the node says of itself, at the moment it does it. */
  private final class Observer implements NodeObserver {
    @Override
    public void alarm(long zxid) {
      world.trace().add(world.now(), Trace.Kind.FAULT, id, zxid, 0, "alarm");
      if (simulation.machines().stream().noneMatch(Machine::wasAltered)) {
        throw new Violation("R25 NoNeedlessAlarm", id, "alarm at 0x" + Long.toHexString(zxid));
      }
      world.marks().hit(Mark.ALARM);
    }

    @Override
    public void applied(LogEntry entry, long digest) {
      declare();
      appliedUpTo(entry.zxid(), digest);
    }

    @Override
    public void stateLoaded(long zxid, long digest) {
      appliedUpTo(zxid, digest);
    }

    @Override
    public void synced(int peer, SyncPlan plan) {
      simulation.synced(peer, plan.kind());
      world.note("n" + id + " synchronizes n" + peer + " by " + plan);
    }

    @Override
    public void notice(String text, boolean urgent) {
      world.note("n" + id + " says: " + text);
      if (text.startsWith("no snapshot")) {
        world.marks().hit(Mark.SNAPSHOT_POSTPONED);
      }
    }

    @Override
    public void linkReset(int peer, String reason) {
      throw new Violation("Z13 OnlyLegalMessages", id, "n" + peer + " sent a bad one: " + reason);
    }
  }

  private void appliedUpTo(long zxid, long digest) {
    world.trace().add(world.now(), Trace.Kind.APPLY, id, zxid, digest);
    boolean differsNow = digest != simulation.ghost().digestAt(zxid);
    if (differed && !differsNow) {
      world.marks().hit(Mark.DIFFERENCE_VANISHED);
    }
    differed = differsNow;
    for (Checker checker : simulation.checkers()) {
      checker.applied(this, zxid, digest);
    }
  }

  private void declare() {
    if (replica != null && node != null && !rot) {
      simulation.ghost().declared(this, replica.status().committedZxid());
    }
  }

  private void observe() {
    if (replica == null || node == null) {
      return;
    }
    ReplicaStatus now = replica.status();
    ReplicaStatus before = seen;
    seen = now;
    declare();
    if (before == null || !sameRole(before, now)) {
      world
          .trace()
          .add(
              world.now(),
              Trace.Kind.ROLE,
              id,
              now.epoch(),
              now.leaderId(),
              now.role() + (now.serving() ? " serving" : ""));
      if (before != null) {
        for (Checker checker : simulation.checkers()) {
          checker.statusChanged(this, before, now);
        }
      }
    }
  }

  private static boolean sameRole(ReplicaStatus a, ReplicaStatus b) {
    return a.role() == b.role()
        && a.epoch() == b.epoch()
        && a.leaderId() == b.leaderId()
        && a.serving() == b.serving();
  }

  // --- heard from storage ------------------------------------------------------------------------

  void recovered(Recovered found) {
    boolean keptAll =
        found.log().baseZxid() > log.lastZxid()
            || found.log().contains(log.lastZxid(), log.lastHash());
    if (rot) {
      if (!found.holes().isEmpty()) {
        world.marks().hit(Mark.ROT_FOUND);
        throw new SelfEnd("damaged: " + found.holes());
      }
      if (!keptAll) {
        throw new Violation(
            "S7 DamageIsDetected",
            id,
            String.format(
                "had 0x%x durable, found 0x%x after damage, and says nothing",
                log.lastZxid(), found.log().lastZxid()));
      }
      rot = false;
      readmitted();
    }
    for (Checker checker : simulation.checkers()) {
      checker.recovered(this, found);
    }
    switchUnderWay = false;
    log.recovered(found.log());
    world
        .trace()
        .add(world.now(), Trace.Kind.DURABLE, id, log.lastZxid(), log.lastHash(), "recovered");
    if (found.promise() != null) {
      incarnation = found.promise().incarnation();
    }
  }

  void promised(Promise promise) {
    incarnation = promise.incarnation();
    for (Checker checker : simulation.checkers()) {
      checker.promised(this, promise);
    }
  }

  void appending(List<LogEntry> entries) {
    simulation.ghost().saw(entries);
  }

  void synced() {
    log.synced();
    world.trace().add(world.now(), Trace.Kind.DURABLE, id, log.lastZxid(), log.lastHash());
  }

  void truncating(long afterZxid) {
    for (Checker checker : simulation.checkers()) {
      checker.truncating(this, afterZxid);
    }
    // From here on a death may leave either: less is what can be relied on.
    log.truncated(afterZxid);
  }

  void truncated(long afterZxid) {
    world.marks().hit(Mark.TRUNCATION);
    world
        .trace()
        .add(world.now(), Trace.Kind.DURABLE, id, log.lastZxid(), log.lastHash(), "truncated");
  }

  void switching() {
    switchUnderWay = true;
  }

  void switched(Recovered installed) {
    switchUnderWay = false;
    world.marks().hit(Mark.SNAPSHOT_INSTALLED);
    for (Checker checker : simulation.checkers()) {
      checker.replacing(this, installed);
    }
    log.replaced(installed.log());
    world
        .trace()
        .add(world.now(), Trace.Kind.DURABLE, id, log.lastZxid(), log.lastHash(), "installed");
  }
}
