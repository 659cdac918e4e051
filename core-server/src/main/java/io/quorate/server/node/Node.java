package io.quorate.server.node;

import io.quorate.data.ErrorCode;
import io.quorate.data.Zxid;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.codec.PeerMessageCodec;
import io.quorate.server.divergence.DigestExchange;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.replication.DiskSpace;
import io.quorate.server.replication.Effect;
import io.quorate.server.replication.Input;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Message;
import io.quorate.server.replication.PeerStatus;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.Replica;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.replication.StateDigest;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.request.Confirmations;
import io.quorate.server.request.RequestHost;
import io.quorate.server.request.RequestRouter;
import io.quorate.server.request.Shortage;
import io.quorate.server.session.SessionInfo;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.watch.WatchRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One server of the ensemble, without its threads: replication, state, watches, leases and the
 * request path in one place, driven by calls and acting through {@link NodePorts}.
 *
 * <p>A turn is any number of input calls followed by one {@link #endOfTurn}, which gives everything
 * gathered to the log, the peers and the clients in one go each: batching is where the speed comes
 * from. Inputs act at once on the replica; what they make the clients say or ask is queued until
 * the end of the turn.
 *
 * <p>Deterministic: the same calls with the same clock and random values have the same effects.
 * Confined to one thread, except {@link #status}. An exception from any method means that the node
 * must not be used any more; the thread's top hands it to the {@code FaultHandler}.
 */
public final class Node {
  /**
   * Payload of one hand-over to the replica, about: one more entry must still fit a frame between
   * peers.
   */
  private static final int PROPOSE_BYTES = 1 << 20;

  /** Messages that waited, between two looks at the clock. */
  private static final int WAITING_PER_CLOCK_LOOK = 4;

  /** Looking at messages that waited ends after so much of a turn. */
  private static final long WAITING_NANOS_MAX = 1_500_000L;

  /** Closing of connections, and forgetting of their watches, likewise. */
  private static final long LEAVING_NANOS_MAX = 1_500_000L;

  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final NodeConfig config;
  private final NodePorts ports;
  private final Replica replica;
  private final RequestRouter requests;
  private final ApplyLoop applyLoop;
  private final LeaderDuties duties;
  private final SnapshotCoordinator snapshots;
  private final PeerOutbox outbox;

  private final DiskGauge disk;
  private final MemoryGauge memory;

  /** As of the last {@link Effect.RoleChanged}. */
  private ReplicaStatus role;

  /** Gathered in this turn, in order. */
  private final List<byte[]> proposals = new ArrayList<>();

  private final List<Effect.Storage> storageWork = new ArrayList<>();

  /** Counts changes of the role, so that a batch of an earlier role is not gone on with. */
  private long roleChanges;

  /** When the leader that this node follows was last heard of. */
  private long leaderHeardNanos;

  /** Which snapshot's state is awaited while the apply loop is loading. */
  private long loadingZxid;

  private final long startedNanos;

  /** When everything that the leader committed was applied here last. */
  private long caughtUpNanos;

  /** As of the last tick or role change. */
  private List<PeerStatus> peers = List.of();

  /** Why it does not serve, as of the last tick or role change; empty if to be worked out. */
  private String reason = "";

  private final DigestExchange digests;

  /** What the present alarm says; empty if all is well. */
  private String alarm = "";

  /** What this server is short of, as of the last tick; empty if of nothing. */
  private String shortage = "";

  /** Whether what grows is refused for it. */
  private boolean refusesGrowth;

  private int appliedInTurn;

  /** What the leader had committed when this server joined it, or when it became it. */
  private long joinedAtZxid;

  /** Whether less than that was applied when the last turn ended. */
  private boolean replaying;

  /** Entries applied since. */
  private long replayed;

  /** The last epoch that this server stood for, as far as it knows. */
  private long stoodForEpoch;

  private boolean halted;
  private volatile NodeStatus status;

  public Node(NodeConfig config, Replica replica, NodePorts ports) {
    this.config = config;
    this.replica = replica;
    this.ports = ports;
    role = replica.status();
    requests =
        new RequestRouter(
            config.nodeId(),
            new Host(),
            config.limits(),
            config.watches(),
            ports.secrets(),
            ports.observer(),
            config.superDigest());
    applyLoop =
        new ApplyLoop(
            StateMachine.supporting(config.stateMachineVersionMax()),
            ports.applier(),
            ports.clock(),
            config.watches().turnSlices(),
            new Applied());
    digests =
        new DigestExchange(
            config.nodeId(), config.stateMachineVersionMax(), replica.rules(), new Digests());
    disk = new DiskGauge(config.resources(), ports.clock().monotonicNanos());
    memory = new MemoryGauge(config.resources().memoryBudgetBytes());
    duties = new LeaderDuties(ports.clock().monotonicNanos(), config.sweeps());
    snapshots = new SnapshotCoordinator(config.snapshots(), ports.snapshots(), ports.jitter());
    outbox = new PeerOutbox(ports.peers());
    startedNanos = ports.clock().monotonicNanos();
    caughtUpNanos = startedNanos;
    status = currentStatus();
  }

  // --- inputs ------------------------------------------------------------------------------------

  /** First input of all: what storage holds. */
  public void start(Recovered recovered) {
    start(recovered, null);
  }

  /** As above; {@code rebuilt} says why storage was told to leave snapshots out, or null. */
  public void start(Recovered recovered, @Nullable Divergence rebuilt) {
    if (rebuilt != null) {
      digests.rebuiltAfter(rebuilt);
    }
    Promise kept = recovered.promise();
    stoodForEpoch = kept == null ? 0 : kept.epoch();
    step(new Input.Start(recovered));
  }

  /** Time passed; every 10 ms or so. */
  public void tick() {
    duties.advance(now());
    step(new Input.Tick());
    peers = replica.peers();
    reason = "";
    if (disk.isDue(now())) {
      storageWork.add(new Effect.MeasureSpace());
    }
    if (!halted) {
      digests.tick(now(), replica.membership(), replica.incarnation());
    }
    noteShortage();
    requests.tick(now());
    if (!hearsItsLeader()) {
      requests.refuseSessions(
          ErrorCode.NOT_SERVING, "this server has not heard of its leader for a while");
    }
  }

  public void peerUp(int peer) {
    ports.peers().linkSeen(peer);
    step(new Input.PeerUp(peer));
  }

  /**
   * @param reason for people
   */
  public void peerDown(int peer, String reason) {
    digests.peerDown(peer);
    step(new Input.PeerDown(peer, reason));
  }

  /** One message body; a peer that sends what can't be understood loses its link. */
  public void peerMessage(int peer, byte[] body) {
    Message message;
    try {
      message = PeerMessageCodec.decode(body);
      if (message instanceof Message.Forward forward) {
        hear(forward.payloads());
      }
    } catch (IllegalArgumentException e) {
      String reason = "message of " + body.length + " bytes: " + e.getMessage();
      ports.observer().linkReset(peer, reason);
      ports.peers().reset(peer, reason);
      return;
    }
    if (peer == role.leaderId()) {
      leaderHeardNanos = now();
    }
    if (message instanceof Message.Forward && writesHeld()) {
      return; // kept by its sender, which proposes it again once writes go on
    }
    step(new Input.Receive(peer, message));
  }

  /** Completions, in the order of {@link StoragePort#submit}. */
  public void storageDone(List<Input> completions) {
    for (Input completion : completions) {
      if (completion instanceof Input.SpaceMeasured measured) {
        step(new Input.DiskMeasured(disk.measured(measured.usableBytes())));
      } else {
        step(completion);
      }
    }
  }

  public void clientOpened(ClientConnection connection) {
    if (!halted) {
      requests.opened(connection);
    }
  }

  public void clientReceived(ClientConnection connection, ClientMessage message) {
    clientReceived(connection, message, now());
  }

  /**
   * @param arrivedNanos when it came to this server
   */
  public void clientReceived(
      ClientConnection connection, ClientMessage message, long arrivedNanos) {
    clientReceived(connection, message, 0, arrivedNanos);
  }

  /**
   * @param bytes of which {@link ClientConnection#taken} is told once the message is looked at
   */
  public void clientReceived(
      ClientConnection connection, ClientMessage message, int bytes, long arrivedNanos) {
    if (!halted) {
      requests.received(connection, message, bytes, arrivedNanos);
    }
  }

  public void clientClosed(ClientConnection connection) {
    if (!halted) {
      requests.closed(connection);
    }
  }

  /** The snapshot asked for is written, verified and durable. */
  public void snapshotWritten(SnapshotMeta meta) {
    if (snapshots.written()) {
      step(new Input.SnapshotTaken(meta));
    }
  }

  /** The snapshot asked for does not count: its history was replaced meanwhile. */
  public void snapshotDropped() {
    snapshots.written();
  }

  /** What was to be written is not what the state was thought to be: memory was altered. */
  public void snapshotDiffers(SnapshotMeta meta, long digest) {
    snapshots.written();
    if (!halted) {
      digests.alteredInMemory(
          new StateDigest(meta.zxid(), meta.stateMachineVersion(), meta.digest()), digest);
    }
  }

  /** It could not be written; storage errors are final (R16). */
  public void snapshotFailed(String reason) {
    snapshots.written();
    halt("snapshot failed: " + reason);
  }

  /**
   * The state asked for with {@link SnapshotPort#load}. Ignored if another one was asked for since:
   * what was delivered follows that one.
   */
  public void stateLoaded(StateMachine state) {
    if (!applyLoop.isLoading() || state.appliedZxid() != loadingZxid) {
      return;
    }
    applyLoop.loaded(state);
    requests.stateLoaded(state.appliedZxid());
    duties.stateLoaded(state);
    digests.loaded(state.appliedZxid(), state.version(), state.digest());
    ports.observer().stateLoaded(state.appliedZxid(), state.digest());
    proposals.clear();
    requests.leaderChanged(now());
  }

  /**
   * Ends a session through the log as if it had timed out, for tests and operators. Ignored unless
   * this node leads and the session is open.
   */
  public void expireSession(long sessionId) {
    SessionInfo session =
        duties.isLeading() && !applyLoop.isLoading() ? applyLoop.state().session(sessionId) : null;
    if (session != null) {
      Command end = new Command.ExpireSession(sessionId, session.attachZxid());
      proposals.add(CommandCodec.encode(end));
    }
  }

  /** Whether that session is open in the state of this node. */
  public boolean isSessionOpen(long sessionId) {
    return !applyLoop.isLoading() && applyLoop.state().session(sessionId) != null;
  }

  /** Tells every client that this server closes. The driver ends the turn, then stops. */
  public void closing() {
    requests.refuseSessions(ErrorCode.CLOSING, "server " + config.nodeId() + " is closing");
    requests.leaveAll();
  }

  /**
   * Ends the turn: proposals, then confirmations, to the replica; storage work and peer messages
   * out; then a slice of what is committed applied, and what the clients get of it flushed.
   *
   * @return whether work waits that needs no input: the driver runs another turn soon
   */
  public boolean endOfTurn() {
    boolean more = false;
    if (!halted) {
      takeWaiting();
      done(TurnPart.WAITING);
      expire();
      propose();
      confirm();
      done(TurnPart.PROPOSE);
      submitStorageWork();
      outbox.flush();
      done(TurnPart.SUBMIT);
      more = apply();
      digests.advanced(replica.incarnation());
      noteReplayed();
      outbox.flush();
      done(TurnPart.APPLY);
      if (!applyLoop.isLoading() && !halted) {
        requests.appliedUpTo(applyLoop.state().appliedZxid());
        done(TurnPart.SETTLE);
        startSnapshotIfDue();
        done(TurnPart.SNAPSHOT);
      }
    }
    more |= leave();
    done(TurnPart.LEAVE);
    // Published first: whoever has an answer finds what it says in the picture, too.
    status = currentStatus();
    done(TurnPart.STATUS);
    more |= requests.flush();
    more |= requests.hasWaiting() && !applyLoop.isLoading();
    done(TurnPart.FLUSH);
    ports.observer().turnEnded(status);
    return more && !halted;
  }

  /** Closes connections that were refused; a slice of it. */
  private boolean leave() {
    long startNanos = now();
    for (int slices = 1; requests.leaveSome(); slices++) {
      if (slices >= config.watches().turnSlices() || now() - startNanos >= LEAVING_NANOS_MAX) {
        return true;
      }
    }
    return false;
  }

  private void done(TurnPart part) {
    ports.observer().turnPartDone(part);
  }

  /** What clients sent while they had to wait; a slice of it. */
  private void takeWaiting() {
    long startNanos = now();
    for (int taken = 1; requests.takeWaiting(); taken++) {
      if (taken % WAITING_PER_CLOCK_LOOK == 0 && now() - startNanos >= WAITING_NANOS_MAX) {
        return;
      }
    }
  }

  private void startSnapshotIfDue() {
    if (!disk.space().isAmple()) {
      snapshots.shortOfSpace(now());
    }
    long neededBytes = applyLoop.state().stateBytes();
    if (!snapshots.isDue() || disk.holdsSnapshot(neededBytes)) {
      snapshots.startIfDue(applyLoop.state(), replica, digests.agreedZxid());
    } else if (snapshots.postpone()) {
      ports
          .observer()
          .notice(
              "no snapshot: about %d bytes are needed, %d are usable"
                  .formatted(neededBytes, disk.space().usableBytes()),
              true);
    }
  }

  /** What keeps this server from taking what grows; null if nothing does. */
  private @Nullable Shortage shortage() {
    DiskSpace room = replica.room();
    if (!room.isAmple()) {
      return new Shortage(
          ErrorCode.INSUFFICIENT_SPACE,
          config.resources().diskReserveBytes(),
          room.usableBytes(),
          room.level() == DiskSpace.Level.SCARCE);
    }
    if (memory.exceededBy(applyLoop.state().stateBytes() + requests.pendingBytes())) {
      return new Shortage(ErrorCode.OVERLOADED, memory.budgetBytes(), memory.bytes(), false);
    }
    return null;
  }

  /** For people: what is short, and a line when refusals begin and end. */
  private void noteShortage() {
    if (halted || applyLoop.isLoading()) {
      return;
    }
    Shortage present = shortage();
    DiskSpace own = disk.space();
    if (present != null) {
      shortage = "refuses what grows: " + present.describe();
    } else if (!own.isAmple()) {
      shortage =
          "its disk is %s: %d bytes are usable"
              .formatted(own.level().name().toLowerCase(Locale.ROOT), own.usableBytes());
    } else {
      shortage = "";
    }
    if (refusesGrowth != (present != null)) {
      refusesGrowth = present != null;
      ports.observer().notice(refusesGrowth ? shortage : "takes what grows again", refusesGrowth);
    }
  }

  /** Whether there is not even room for the log of refusals and ends: what is proposed waits. */
  private boolean logsNothing() {
    return replica.room().level() == DiskSpace.Level.SCARCE;
  }

  /** Version of the state machine in force in the state of this node; 0 while one is loaded. */
  public int stateMachineVersion() {
    return applyLoop.isLoading() ? 0 : applyLoop.state().version();
  }

  /** The picture after the last turn. Any thread. */
  public NodeStatus status() {
    return status;
  }

  private boolean apply() {
    long before = now();
    appliedInTurn = 0;
    boolean more = applyLoop.run();
    if (appliedInTurn > 0) {
      ports.observer().applyRan(appliedInTurn, now() - before);
    }
    return more;
  }

  // --- the parts of a turn -----------------------------------------------------------------------

  /**
   * Before anything else of the turn goes to the log: a confirmation asked for later has an index
   * at or after the ends that are proposed here.
   */
  private void expire() {
    if (!duties.isLeading() || replays() || writesHeld() || logsNothing()) {
      return;
    }
    List<byte[]> expirations = new ArrayList<>();
    for (Command expiration : duties.expirations(applyLoop.state())) {
      expirations.add(CommandCodec.encode(expiration));
    }
    proposals.addAll(0, expirations);
    Command sweep =
        duties.sweep(applyLoop.state(), replica.rules().dueUpTo(replica.logTimeMillis()));
    if (sweep != null) {
      proposals.add(CommandCodec.encode(sweep));
    }
  }

  private void propose() {
    if (proposals.isEmpty()) {
      return;
    }
    if (!role.serving() || writesHeld()) {
      proposals.clear(); // kept by their connections, and proposed again once somebody serves
      return;
    }
    if (logsNothing()) {
      return;
    }
    List<byte[]> gathered = List.copyOf(proposals);
    proposals.clear();
    long before = roleChanges;
    int next = 0;
    // After a role change everything is in the proposals again, for the next turn.
    while (next < gathered.size() && roleChanges == before) {
      List<byte[]> batch = new ArrayList<>();
      long bytes = 0;
      while (next < gathered.size() && bytes < PROPOSE_BYTES) {
        byte[] payload = gathered.get(next++);
        batch.add(payload);
        bytes += payload.length;
      }
      ports.observer().proposed(batch.size());
      step(new Input.Propose(batch));
    }
  }

  private void confirm() {
    if (!role.serving()) {
      return;
    }
    Confirmations.Batch batch = requests.nextConfirmation();
    if (batch != null) {
      step(new Input.Confirm(batch.token(), batch.sessionIds()));
    }
  }

  private void submitStorageWork() {
    if (!storageWork.isEmpty()) {
      boolean judgedAnew = false;
      for (Effect.Storage work : storageWork) {
        if (work instanceof Effect.Append append) {
          judgedAnew |= disk.logged(append.entries());
        }
      }
      if (judgedAnew) {
        step(new Input.DiskMeasured(disk.space()));
      }
      ports.storage().submit(List.copyOf(storageWork));
      storageWork.clear();
    }
  }

  /**
   * False for a follower whose leader was silent for the time after which clients are sent
   * elsewhere (D7); shorter than the silence after which the replica looks for another leader.
   */
  private boolean hearsItsLeader() {
    boolean follows =
        role.role() == ReplicaStatus.Role.FOLLOWER || role.role() == ReplicaStatus.Role.OBSERVER;
    return !follows || now() - leaderHeardNanos < config.limits().suspendAfterNanos();
  }

  /** Commands that a follower forwards: each must be one, and their sessions are alive. */
  private void hear(List<byte[]> payloads) {
    duties.advance(now());
    for (byte[] payload : payloads) {
      if (payload.length > config.entryBytesMax()) {
        throw new IllegalArgumentException(
            "a command of "
                + payload.length
                + " bytes exceeds the limit of "
                + config.entryBytesMax());
      }
      Command command = CommandCodec.decode(payload);
      if (!applyLoop.isLoading()) {
        duties.heard(command, applyLoop.state());
      }
    }
  }

  // --- effects -----------------------------------------------------------------------------------

  private void step(Input input) {
    if (halted) {
      return;
    }
    for (Effect effect : replica.step(input, now(), ports.clock().wallMillis())) {
      execute(effect);
    }
  }

  /** A candidate promises an epoch to itself first; that it is saved again begins nothing new. */
  private void noteCandidacy(Promise promise) {
    if (promise.votedFor() == config.nodeId() && promise.epoch() > stoodForEpoch) {
      stoodForEpoch = promise.epoch();
      ports.observer().electionBegan(promise.epoch());
    }
  }

  private void execute(Effect effect) {
    if (effect instanceof Effect.Send send) {
      send(send);
    } else if (effect instanceof Effect.Storage work) {
      storageWork.add(work);
      if (work instanceof Effect.SavePromise save) {
        noteCandidacy(save.promise());
      }
    } else if (effect instanceof Effect.Deliver deliver) {
      applyLoop.deliver(deliver.entries());
    } else if (effect instanceof Effect.Confirmed confirmed) {
      requests.confirmed(confirmed.token(), confirmed.zxid());
    } else if (effect instanceof Effect.Touched touched) {
      touched(touched.sessionIds());
    } else if (effect instanceof Effect.RoleChanged changed) {
      roleChanged(changed.status(), changed.cause());
    } else if (effect instanceof Effect.LoadSnapshot load) {
      loadSnapshot(load.meta());
    } else if (effect instanceof Effect.DigestMessage digest) {
      digests.received(
          digest.from(), digest.message(), now(), replica.membership(), replica.incarnation());
    } else if (effect instanceof Effect.Synced synced) {
      ports.observer().synced(synced.peer(), synced.plan());
    } else if (effect instanceof Effect.Notice notice) {
      ports.observer().notice(notice.text(), notice.urgent());
    } else if (effect instanceof Effect.Halt halt) {
      halt(halt.reason());
    } else {
      throw new IllegalStateException("unknown effect " + effect);
    }
  }

  private void send(Effect.Send send) {
    outbox.send(send);
    if (send.message() instanceof Message.SnapshotChunk chunk) {
      ports.observer().snapshotPieceSent(send.peer(), chunk.offset(), chunk.bytes().length);
    }
  }

  private void touched(List<Long> sessionIds) {
    duties.advance(now());
    if (!applyLoop.isLoading()) {
      duties.touched(sessionIds, applyLoop.state());
    }
  }

  private void roleChanged(ReplicaStatus changed, String cause) {
    role = changed;
    roleChanges++;
    snapshots.doubted();
    leaderHeardNanos = now();
    peers = replica.peers();
    reason = "";
    ports.observer().roleChanged(changed, cause);
    duties.advance(now());
    digests.roleChanged(changed, now());
    joinedAtZxid = Math.max(changed.committedZxid(), replica.leaderCommitZxid());
    replaying = replays();
    replayed = 0;
    duties.roleChanged(changed, applyLoop.isLoading() ? null : applyLoop.state());
    proposals.clear();
    requests.leaderChanged(now());
  }

  /**
   * The state is replaced. Watches would miss what lies between, so the clients are sent elsewhere;
   * a server that needs a snapshot had not served for a while anyway.
   */
  private void loadSnapshot(SnapshotMeta meta) {
    if (meta.stateMachineVersion() > config.stateMachineVersionMax()) {
      haltForVersion(meta.stateMachineVersion(), "snapshot " + Zxid.format(meta.zxid()));
      return;
    }
    requests.refuseSessions(ErrorCode.NOT_SERVING, "this server loads a snapshot");
    ports.observer().stateLoading(meta.zxid());
    requests.stateLoading();
    applyLoop.startLoading();
    digests.loading();
    loadingZxid = meta.zxid();
    snapshots.replaced();
    ports.snapshots().load(meta);
  }

  private void halt(String reason) {
    stop(new NodeHaltedException(reason));
  }

  private void stop(RuntimeException why) {
    halted = true;
    requests.refuseSessions(ErrorCode.CLOSING, "this server stops");
    requests.leaveAll();
    ports.faults().fatal("node " + config.nodeId(), why);
  }

  /** Going on by other rules than those in force would make this state differ from the others. */
  private void haltForVersion(int version, String where) {
    halt(
        "version "
            + version
            + " of the state machine is in force at "
            + where
            + ", this server knows versions up to "
            + config.stateMachineVersionMax()
            + "; run the release that the other servers run");
  }

  /** Nobody can say whose state is right: nothing is added to the log. */
  private boolean writesHeld() {
    return digests.alarmZxid() != Zxid.NONE;
  }

  /** Whether clients are answered: in touch with a leader, with a state that can be shown. */
  private boolean servesClients() {
    return role.serving() && !replays() && digests.trusted() && !halted;
  }

  /**
   * Whether this server has a leader, or is it, but shows a state that is older than what was
   * committed when that began: after a start without a recent snapshot that lasts for seconds.
   */
  private boolean replays() {
    return role.serving()
        && (applyLoop.isLoading() || applyLoop.state().appliedZxid() < joinedAtZxid);
  }

  /** Clients are served from here on; those of a leader have had no way to be heard before. */
  private void noteReplayed() {
    if (replaying && !replays()) {
      replaying = false;
      duties.stateLoaded(applyLoop.state());
      requests.leaderChanged(now());
    }
  }

  private long now() {
    return ports.clock().monotonicNanos();
  }

  private NodeStatus currentStatus() {
    boolean loading = applyLoop.isLoading();
    return new NodeStatus(
        replica.status(),
        servesClients() && hearsItsLeader(),
        loading ? 0 : applyLoop.state().appliedZxid(),
        loading ? 0 : applyLoop.state().digest(),
        loading ? 0 : applyLoop.state().sessionCount(),
        requests.connectionCount(),
        requests.watchCount(),
        loading ? 0 : applyLoop.state().znodeCount(),
        detail(loading));
  }

  private NodeStatus.Detail detail(boolean loading) {
    long leaderZxid = replica.leaderCommitZxid();
    long now = now();
    if (!loading && role.serving() && applyLoop.state().appliedZxid() >= leaderZxid) {
      caughtUpNanos = now;
    }
    return new NodeStatus.Detail(
        now,
        startedNanos,
        caughtUpNanos,
        leaderZxid,
        loading ? 0 : applyLoop.state().logTimeMillis(),
        replica.snapshotTimeMillis(),
        loading ? 0 : applyLoop.state().version(),
        replica.tailCacheBytes(),
        reason(loading),
        digests.agreedZxid(),
        digests.alarmZxid(),
        alarm,
        shortage,
        loading ? 0 : applyLoop.state().stateBytes(),
        disk.space().equals(DiskSpace.UNKNOWN) ? -1 : disk.space().usableBytes(),
        peers);
  }

  /** Asked at every turn, worked out once a tick. */
  private String reason(boolean loading) {
    if (servesClients() && hearsItsLeader()) {
      reason = "";
    } else if (reason.isEmpty()) {
      reason = whyNotServing(loading);
    }
    return reason;
  }

  private String whyNotServing(boolean loading) {
    if (halted) {
      return "has stopped";
    }
    String replicaWaits = replica.whyNotServing();
    if (replicaWaits != null) {
      return replicaWaits;
    }
    if (loading) {
      return "loads its state from the snapshot of " + Zxid.format(loadingZxid);
    }
    if (replays()) {
      long left = replica.entriesAfter(applyLoop.state().appliedZxid(), joinedAtZxid);
      return "replays: %d of %d entries".formatted(replayed, replayed + left);
    }
    if (!digests.trusted()) {
      return "has rebuilt its state, which must be found to agree with that of the others first";
    }
    return "suspended: has not heard of leader "
        + role.leaderId()
        + " for "
        + (now() - leaderHeardNanos) / NANOS_PER_MILLI
        + " ms";
  }

  /** What the apply loop tells of each entry. */
  private final class Applied implements ApplyLoop.Listener {
    @Override
    public void applied(LogEntry entry, Command command, ApplyResult result) {
      ports.observer().commandApplied(entry.zxid(), command, result);
      duties.applied(entry.zxid(), command, applyLoop.state());
      for (String warning : applyLoop.state().takeQuotaWarnings()) {
        ports.observer().notice(warning, true);
      }
      requests.applied(entry.zxid(), command, result);
      advanced(entry);
    }

    @Override
    public boolean fansOut() {
      return requests.fansOut();
    }

    @Override
    public boolean hasWaiting() {
      return requests.hasWaiting();
    }

    @Override
    public void advanced(LogEntry entry) {
      snapshots.applied(entry.payload().length);
      StateMachine state = applyLoop.state();
      long digest = state.digest();
      digests.applied(entry.zxid(), state.version(), digest);
      appliedInTurn++;
      replayed++;
      ports.observer().applied(entry, digest);
    }

    @Override
    public void unsupported(LogEntry entry, Command command) {
      int version = command instanceof Command.RaiseVersion raise ? raise.version() : 0;
      haltForVersion(version, Zxid.format(entry.zxid()));
    }
  }

  /** What the exchange of digests wants done. */
  private final class Digests implements DigestExchange.Port {
    @Override
    public @Nullable StateDigest present() {
      if (applyLoop.isLoading()) {
        return null;
      }
      StateMachine state = applyLoop.state();
      return new StateDigest(state.appliedZxid(), state.version(), state.digest());
    }

    @Override
    public void send(int peer, Message message) {
      outbox.send(new Effect.Send(peer, message));
    }

    @Override
    public void diverged(Divergence divergence) {
      halted = true;
      status = currentStatus();
      ports.observer().diverged(divergence);
      stop(new DivergedException(divergence));
    }

    @Override
    public void alarmChanged(String text) {
      alarm = writesHeld() ? text : "";
      snapshots.doubted();
      notice(text, true);
      ports.observer().alarm(digests.alarmZxid());
      proposals.clear();
      requests.leaderChanged(now()); // once the alarm is over: what was kept is proposed
    }

    @Override
    public void trusted() {
      requests.leaderChanged(now());
    }

    @Override
    public void raiseVersion(int version) {
      notice(
          "all servers know version " + version + " of the state machine: it is raised to that",
          false);
      proposals.add(CommandCodec.encode(new Command.RaiseVersion(version)));
    }

    @Override
    public void unsupported(int version) {
      haltForVersion(version, "the leader's state");
    }

    @Override
    public void notice(String text, boolean urgent) {
      ports.observer().notice(text, urgent);
    }
  }

  /** What the request path asks for. */
  private final class Host implements RequestHost {
    @Override
    public boolean serving() {
      return servesClients();
    }

    @Override
    public boolean clientsWait(boolean unheard) {
      return replica.rules().clientsWait(unheard);
    }

    @Override
    public WatchRules watchRules() {
      return ports.watchRules();
    }

    @Override
    public boolean hearsLeader() {
      return hearsItsLeader();
    }

    @Override
    public String whyNotServing() {
      return Node.this.whyNotServing(applyLoop.isLoading());
    }

    @Override
    public String holdsWrites() {
      return writesHeld() ? "adds nothing to the log: " + alarm : "";
    }

    @Override
    public StateMachine state() {
      return applyLoop.state();
    }

    @Override
    public @Nullable Shortage shortage() {
      return Node.this.shortage();
    }

    @Override
    public long appliedZxid() {
      return applyLoop.state().appliedZxid();
    }

    @Override
    public byte @Nullable [] encode(Command command) {
      byte[] payload = CommandCodec.encode(command);
      return payload.length <= config.entryBytesMax() ? payload : null;
    }

    @Override
    public void propose(byte[] payload, long sessionId) {
      proposals.add(payload);
      if (sessionId != 0) {
        touched(List.of(sessionId));
      }
    }

    @Override
    public ServerMessage.Status status(long xid) {
      return StatusReport.of(xid, currentStatus(), now(), ports.clock().wallMillis());
    }
  }
}
