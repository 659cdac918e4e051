package io.quorate.server.sim;

import io.quorate.client.session.SessionConfig;
import io.quorate.client.session.SessionInput;
import io.quorate.client.session.SessionMachine;
import io.quorate.client.session.SessionOutput;
import io.quorate.client.session.SessionRequest;
import io.quorate.client.session.SessionState;
import io.quorate.client.watch.WatchNotice;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.tree.ZnodeChange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One client process: the real session machine over a simulated connection, a workload, a lock now
 * and then. It can stand still, be cut off, die and come back as another.
 */
final class SimClient {
  private static final long MILLI = SimConfig.MILLI;

  /** A one-shot watch that a read left. */
  static final class Watch {
    final long id;
    final String path;
    WatchKind kind = WatchKind.DATA;

    /** Everything after this zxid is due. */
    long sinceZxid;

    boolean left;
    boolean fired;

    /** The connection was lost since: what came and went meanwhile may stay unseen. */
    boolean resumed;

    @Nullable Runnable then;

    Watch(long id, String path) {
      this.id = id;
      this.path = path;
    }

    /** Whether a change of that kind is what it waits for. */
    boolean isDue(ZnodeChange event) {
      return switch (kind) {
        case DATA ->
            event.type() == WatchEvent.Type.NODE_DATA_CHANGED
                || event.type() == WatchEvent.Type.NODE_DELETED;
        case EXIST -> event.type() != WatchEvent.Type.NODE_CHILDREN_CHANGED;
        case CHILDREN ->
            event.type() == WatchEvent.Type.NODE_CHILDREN_CHANGED
                || event.type() == WatchEvent.Type.NODE_DELETED;
        case PERSISTENT, PERSISTENT_RECURSIVE -> true;
      };
    }
  }

  private final Simulation simulation;
  private final World world;
  private final SimConfig config;
  private final int id;
  private final Xoshiro256 random;
  private final SimClock clock;
  private final Workload workload;
  private final LockUser lockUser;

  private @Nullable SessionMachine machine;
  private long life;
  private long sessionId;

  /** Also after the session was released: its last answers still come. */
  private long answeringSession;

  private long timeoutMillis;
  private boolean closing;
  private final TreeMap<Long, Call> outstanding = new TreeMap<>();
  private final TreeMap<Long, Watch> watches = new TreeMap<>();
  private final TreeMap<Long, Watch> watchOfCall = new TreeMap<>();
  private final List<LastingWatch> lastingWatches = new ArrayList<>();
  private long connectedAtZxid;
  private long nextWatch = 1;
  private ClientNetwork.@Nullable Connection connection;
  private int server;
  private long pausedUntilNanos;
  private final ArrayDeque<Runnable> backlog = new ArrayDeque<>();
  private long timer;
  private boolean idle;

  SimClient(Simulation simulation, World world, SimConfig config, int index) {
    this.simulation = simulation;
    this.world = world;
    this.config = config;
    this.id = SimConfig.CLIENT_ID_BASE + index;
    this.random = world.random("client/" + id);
    long rate = config.clockRatePpm();
    this.clock =
        new SimClock(
            world,
            random.between(0, 1_000_000) * SimConfig.SECOND,
            rate == 0 ? 0 : random.between(-rate, rate),
            0);
    this.workload = new Workload(id, world.random("workload/" + id));
    this.lockUser = new LockUser(simulation, this, workload, world.random("lock/" + id));
    this.timeoutMillis = config.sessionTimeoutMillis();
  }

  int id() {
    return id;
  }

  Workload workload() {
    return workload;
  }

  LockUser lockUser() {
    return lockUser;
  }

  long timeoutNanos() {
    return timeoutMillis * MILLI;
  }

  /** The session that it holds for alive; 0 if it holds none. */
  long liveSession() {
    return machine == null ? 0 : sessionId;
  }

  /** Until when, on its own clock, nothing that it holds is given away; has passed if it knows. */
  boolean isSafe() {
    return machine != null
        && sessionId != 0
        && machine.safeUntilNanos() - clock.monotonicNanos() > 0;
  }

  /** Whether it is about to notice that time has passed: this very instant. */
  boolean isTickDue() {
    return machine != null && machine.nextTickNanos() - clock.monotonicNanos() <= MILLI;
  }

  boolean isPaused() {
    return world.now() < pausedUntilNanos || !backlog.isEmpty();
  }

  /** What the server that it is connected to says of itself; null if there is none. */
  @Nullable ReplicaStatus serverStatus() {
    return connection == null ? null : simulation.machines().get(server - 1).status();
  }

  /** In whose name a call was made. */
  ReferenceModel.Asker asker(Call call) {
    return new ReferenceModel.Asker(call.session, workload.identities());
  }

  /** Calls that have not ended. */
  int outstanding() {
    return outstanding.size();
  }

  // --- life --------------------------------------------------------------------------------------

  void start() {
    if (machine != null) {
      return;
    }
    life++;
    closing = false;
    List<String> servers = new ArrayList<>();
    for (Machine server : simulation.machines()) {
      servers.add(String.valueOf(server.id()));
    }
    Xoshiro256 own = world.random("session/" + id + "/" + life);
    machine =
        new SessionMachine(
            SessionConfig.of(servers, config.sessionTimeoutMillis(), "client-" + id)
                .withCredentials(workload.credentials()),
            own::nextLong);
    run(new SessionInput.Tick());
    lastingWatches.clear();
    for (int i = random.below(4); i > 0; i--) {
      addWatch();
    }
    think();
  }

  private void addWatch() {
    boolean recursive = random.chance(2, 3);
    LastingWatch watch =
        new LastingWatch(
            nextWatch++,
            workload.watched(recursive),
            recursive ? WatchKind.PERSISTENT_RECURSIVE : WatchKind.PERSISTENT);
    lastingWatches.add(watch);
    Call call = workload.addWatch();
    call.then =
        () -> {
          if (call.outcome == Call.Outcome.ANSWERED && call.result instanceof OpResult.Done) {
            watch.held = true;
            watch.toldZxid = Math.max(watch.toldZxid, call.zxid);
          } else {
            lastingWatches.remove(watch);
          }
        };
    outstanding.put(call.number, call);
    step(
        new SessionInput.Submit(
            call,
            new SessionRequest.AddWatch(watch.id, watch.path, watch.kind, watch),
            Long.MAX_VALUE));
  }

  List<LastingWatch> lastingWatches() {
    return lastingWatches;
  }

  /** Makes no calls of its own any more. */
  void rest() {
    idle = true;
  }

  /** The process dies; another one begins later, with a session of its own. */
  void die(long downTimeNanos) {
    end();
    world.after(downTimeNanos, this::start);
  }

  /** The process dies; no other one begins by itself. */
  void fallSilent() {
    end();
  }

  private void end() {
    if (machine == null) {
      return;
    }
    life++;
    if (connection != null) {
      connection.closeByClient();
      connection = null;
    }
    machine = null;
    pausedUntilNanos = 0;
    backlog.clear();
    sessionGone();
    for (Call call : List.copyOf(outstanding.values())) {
      finish(call, call.write != null ? Call.Outcome.UNKNOWN : Call.Outcome.NOT_APPLIED);
    }
  }

  private void sessionGone() {
    sessionId = 0;
    watches.clear();
    watchOfCall.clear();
    lockUser.sessionLost();
  }

  void pause(long nanos) {
    pausedUntilNanos = Math.max(pausedUntilNanos, world.now() + nanos);
    world.at(pausedUntilNanos, this::resume);
  }

  void wake() {
    pausedUntilNanos = 0;
    resume();
  }

  private void resume() {
    if (world.now() < pausedUntilNanos) {
      return;
    }
    long now = life;
    if (random.chance(1, 2)) {
      backlog.addFirst(() -> run(new SessionInput.Tick()));
    }
    while (now == life && !backlog.isEmpty() && world.now() >= pausedUntilNanos) {
      backlog.removeFirst().run();
    }
    if (now == life && machine != null) {
      run(new SessionInput.Tick());
    }
  }

  void cut() {
    if (connection != null) {
      simulation.clientNetwork().cut(connection);
    }
  }

  void isolate(int server, boolean out, boolean in, long nanos) {
    for (Machine each : simulation.machines()) {
      if (server == 0 || each.id() == server) {
        ClientNetwork network = simulation.clientNetwork();
        network.block(id, each.id(), out, in);
        world.after(nanos, () -> network.unblock(id, each.id(), out, in));
      }
    }
  }

  // --- calls -------------------------------------------------------------------------------------

  private void think() {
    long now = life;
    world.after(
        random.around(simulation.thinkNanos()),
        () -> {
          if (now != life) {
            return;
          }
          if (!idle && !isPaused()) {
            act();
          }
          think();
        });
  }

  private void act() {
    int burst = (int) random.between(1, config.pipeline());
    for (int i = 0; i < burst && outstanding.size() < config.pipeline() && !closing; i++) {
      if (!simulation.mayCall()) {
        return;
      }
      if (random.chance(1, 12)) {
        lockUser.want();
      } else if (random.chance(1, 150)) {
        close();
      } else {
        submit(workload.next());
      }
    }
  }

  /** Asks what a deposed leader must not answer, or changes what it would answer wrongly. */
  void probe(int deposed) {
    if (machine != null && !isPaused() && connection != null && outstanding.size() < 4) {
      submit(server == deposed ? workload.probe() : workload.change());
    }
  }

  /** Writes to what a sweep may be about to delete; makes something like that if it is null. */
  void race(@Nullable String path) {
    if (machine != null && !isPaused() && connection != null && outstanding.size() < 4) {
      submit(path == null ? workload.emptiedContainer() : workload.race(path));
    }
  }

  /** Ends its session properly, and goes on with a new one. */
  private void close() {
    closing = true;
    lockUser.released();
    step(new SessionInput.Close(clock.monotonicNanos() + 3 * SimConfig.SECOND));
  }

  void submit(Call call) {
    if (machine == null || closing) {
      return;
    }
    simulation.called();
    call.calledAtNanos = world.now();
    call.acknowledgedBefore = simulation.acknowledgedZxid();
    outstanding.put(call.number, call);
    if (world.trace().isPrinted()) {
      world.trace().add(world.now(), Trace.Kind.CALL, id, call.number, 0, call.toString());
    } else {
      world.trace().add(world.now(), Trace.Kind.CALL, id, call.number, 0);
    }
    for (Checker checker : simulation.checkers()) {
      checker.called(this, call);
    }
    long deadline =
        random.chance(1, 10)
            ? clock.monotonicNanos() + random.between(100, 4_000) * MILLI
            : Long.MAX_VALUE;
    step(new SessionInput.Submit(call, request(call), deadline));
  }

  private SessionRequest request(Call call) {
    if (call.write != null) {
      return new SessionRequest.Write(call.write);
    }
    if (call.sync) {
      return new SessionRequest.Sync();
    }
    ReadOp op = call.read;
    if (!call.watch) {
      return SessionRequest.Read.plain(op, call.linearizable);
    }
    Watch watch = new Watch(nextWatch++, op.path());
    watchOfCall.put(call.number, watch);
    return new SessionRequest.Read(op, call.linearizable, watch.id, watch);
  }

  /** The watch that this answered call left; null if it left none. */
  @Nullable Watch left(Call call) {
    Watch watch = watchOfCall.get(call.number);
    return watch != null && watch.left ? watch : null;
  }

  private void finish(Call call, Call.Outcome outcome) {
    outstanding.remove(call.number);
    call.outcome = outcome;
    if (outcome == Call.Outcome.UNKNOWN) {
      world.marks().hit(Mark.OUTCOME_UNKNOWN);
    }
    if (world.trace().isPrinted()) {
      world
          .trace()
          .add(
              world.now(),
              Trace.Kind.ANSWER,
              id,
              call.number,
              call.zxid,
              outcome + " " + call.result);
    } else {
      world.trace().add(world.now(), Trace.Kind.ANSWER, id, call.number, call.zxid);
    }
    simulation.answered(this, call);
    call.then.run();
    watchOfCall.remove(call.number);
  }

  // --- the session machine -----------------------------------------------------------------------

  private void run(SessionInput input) {
    if (machine == null) {
      return;
    }
    if (world.now() < pausedUntilNanos) {
      backlog.add(() -> step(input));
      return;
    }
    step(input);
  }

  private void step(SessionInput input) {
    SessionMachine own = machine;
    if (own == null) {
      return;
    }
    long now = life;
    List<SessionOutput> outputs;
    try {
      outputs = own.step(input, clock.monotonicNanos());
    } catch (RuntimeException e) {
      throw new Violation("R34 AssertionsHold", id, e.toString(), e);
    }
    for (SessionOutput output : outputs) {
      if (now != life) {
        return;
      }
      execute(output);
    }
    if (now == life && machine != null) {
      schedule();
    }
  }

  private void schedule() {
    long mine = ++timer;
    long now = life;
    long due = machine.nextTickNanos() - clock.monotonicNanos();
    // The clock may be slow or fast by 5 %: look again a little early, then exactly.
    long delay = due <= 0 ? 1_000 : Math.min(due - due / 16 + 1_000, SimConfig.SECOND);
    world.after(
        delay,
        () -> {
          if (mine == timer && now == life && machine != null && !isPaused()) {
            if (machine.nextTickNanos() - clock.monotonicNanos() <= 0) {
              step(new SessionInput.Tick());
            } else {
              schedule();
            }
          }
        });
  }

  private void execute(SessionOutput output) {
    if (output instanceof SessionOutput.Connect connect) {
      connect(connect);
    } else if (output instanceof SessionOutput.Send send) {
      if (connection != null) {
        connection.sendToServer(NativeCodec.encode(send.message()));
      }
    } else if (output instanceof SessionOutput.Disconnect) {
      if (connection != null) {
        world.trace().add(world.now(), Trace.Kind.CONNECTION, id, 0, 0);
        connection.closeByClient();
        connection = null;
      }
    } else if (output instanceof SessionOutput.Complete complete) {
      completed((Call) complete.handle(), complete.outcome());
    } else if (output instanceof SessionOutput.Notify notify) {
      notified(notify.notice());
    } else if (output instanceof SessionOutput.SessionBegan began) {
      sessionId = began.sessionId();
      answeringSession = sessionId;
      timeoutMillis = began.timeoutMillis();
      world.trace().add(world.now(), Trace.Kind.SESSION, id, sessionId, 0, "began");
    } else if (output instanceof SessionOutput.SessionEnded ended) {
      world
          .trace()
          .add(
              world.now(),
              Trace.Kind.SESSION,
              id,
              ended.sessionId(),
              1,
              "ended: " + ended.reason());
      if (ended.reason().startsWith("SESSION_EXPIRED")) {
        requireEnded(ended.sessionId());
      }
      sessionGone();
    } else if (output instanceof SessionOutput.StateChanged changed) {
      if (changed.cause().contains("server fault")) {
        throw new Violation("Z13 OnlyLegalMessages", id, changed.cause());
      }
      world
          .trace()
          .add(
              world.now(),
              Trace.Kind.SESSION,
              id,
              sessionId,
              2 + changed.to().ordinal(),
              changed.to() + ": " + changed.cause());
      if (changed.to() == SessionState.LOST) {
        world.marks().hit(Mark.LOST);
      }
    } else if (output instanceof SessionOutput.Closed) {
      end();
      world.after(random.between(1, 300) * MILLI, this::start);
    }
  }

  private void requireEnded(long session) {
    ReferenceModel.Session known = simulation.ghost().model().session(session);
    if (known == null || known.isOpen()) {
      throw new Violation(
          "E8 ExpiredOnlyIfEnded", id, String.format("session 0x%x is open", session));
    }
  }

  private void connect(SessionOutput.Connect connect) {
    server = Integer.parseInt(connect.server());
    int dialled = server;
    long number = connect.connection();
    long now = life;
    for (Watch watch : watches.values()) {
      watch.resumed = true;
    }
    connection =
        simulation
            .clientNetwork()
            .connect(
                id,
                server,
                new ClientNetwork.Listener() {
                  @Override
                  public void opened() {
                    if (now == life) {
                      world.trace().add(world.now(), Trace.Kind.CONNECTION, id, dialled, 1);
                      connectedAtZxid = simulation.acknowledgedZxid();
                      run(new SessionInput.Connected(number));
                    }
                  }

                  @Override
                  public void received(byte[] bytes) {
                    if (now == life) {
                      try {
                        run(
                            new SessionInput.Received(
                                number, NativeCodec.decodeServer(ByteBuffer.wrap(bytes))));
                      } catch (ProtocolException e) {
                        throw new Violation("Z13 OnlyLegalMessages", dialled, e.getMessage(), e);
                      }
                    }
                  }

                  @Override
                  public void closed(String reason) {
                    if (now == life) {
                      world.trace().add(world.now(), Trace.Kind.CONNECTION, id, dialled, 0, reason);
                      run(new SessionInput.Disconnected(number, reason));
                    }
                  }
                });
  }

  private void completed(Call call, SessionOutput.Outcome outcome) {
    if (call.outcome != Call.Outcome.PENDING) {
      throw new Violation("C2 OneAnswerPerCall", id, call + " ends twice");
    }
    call.session = answeringSession;
    if (outcome instanceof SessionOutput.Answered answered) {
      call.zxid = answered.zxid();
      call.result = answered.result();
      leave(call);
      finish(call, Call.Outcome.ANSWERED);
    } else if (outcome instanceof SessionOutput.Unanswered unanswered) {
      finish(
          call,
          unanswered.reason() == SessionOutput.Reason.OUTCOME_UNKNOWN
              ? Call.Outcome.UNKNOWN
              : Call.Outcome.NOT_APPLIED);
    }
  }

  /** The answer of a watching read says whether, and for what, its watch is left. */
  private void leave(Call call) {
    Watch watch = watchOfCall.get(call.number);
    if (watch == null || call.result instanceof OpResult.Failure) {
      return;
    }
    watch.sinceZxid = call.zxid;
    watch.kind =
        call.result instanceof OpResult.ChildNames
            ? WatchKind.CHILDREN
            : call.result instanceof OpResult.Existence existence && existence.stat() == null
                ? WatchKind.EXIST
                : WatchKind.DATA;
    if (!watch.fired) {
      watch.left = true;
      watches.put(watch.id, watch);
    }
  }

  private void notified(WatchNotice notice) {
    if (notice.refusal() != null) {
      throw new Violation("W4 EveryChangeIsTold", id, "a watch is refused: " + notice);
    }
    if (notice.listener() instanceof LastingWatch lasting) {
      told(lasting, notice.event());
      return;
    }
    Watch watch = (Watch) notice.listener();
    WatchEvent event = notice.event();
    long zxid = event == null ? 0 : event.zxid();
    world.trace().add(world.now(), Trace.Kind.EVENT, id, watch.id, zxid, watch.path);
    if (event != null) {
      world.marks().hit(Mark.WATCH_FIRED);
      for (Checker checker : simulation.checkers()) {
        checker.fired(this, watch, zxid);
      }
      simulation.shown(zxid);
    }
    watch.fired = true;
    watches.remove(watch.id);
    if (watch.then != null) {
      watch.then.run();
    }
  }

  private void told(LastingWatch watch, @Nullable WatchEvent event) {
    long zxid = event == null ? 0 : event.zxid();
    world.trace().add(world.now(), Trace.Kind.EVENT, id, watch.id, zxid, watch.path);
    if (event == null) {
      for (Checker checker : simulation.checkers()) {
        checker.resynced(this, watch);
      }
      return;
    }
    if (zxid <= connectedAtZxid) {
      world.marks().hit(Mark.TOLD_FROM_HISTORY);
    }
    for (Checker checker : simulation.checkers()) {
      checker.told(this, watch, event);
    }
    simulation.shown(zxid);
  }

  /** Watches that were left and have not fired. */
  List<Watch> openWatches() {
    return new ArrayList<>(watches.values());
  }
}
