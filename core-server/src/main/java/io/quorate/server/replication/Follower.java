package io.quorate.server.replication;

import io.quorate.data.Zxid;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Has a leader, as a voter or as an observer. Tells it its position, is made equal to a prefix of
 * it, then takes what it appends and acknowledges what is durable.
 */
final class Follower implements Role {
  /** Where it is between hearing of its leader and following its stream. */
  private enum Phase {
    /** The promise is not durable, or own writes are under way: no position can be told yet. */
    SETTLING,
    /** Position told; the leader chooses the way. */
    POSITION_TOLD,
    /**
     * Takes a snapshot beside its old history, then the entries after it up to the epoch record;
     * see {@link Staging}.
     */
    STAGING,
    /** Storage makes the staged history the history. */
    SWITCHING,
    /** Its history is a prefix of the leader's, and entries are appended as they come. */
    STREAM
  }

  private static final long NO_SYNC = 0;
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final NodeState node;
  private final int leader;
  private final long epoch;
  private final ElectionTimer timer;
  private Phase phase = Phase.SETTLING;
  private long syncId = NO_SYNC;
  private long lastContactNanos;
  private long round;
  private long acknowledgedRound;
  private boolean ackDue;

  /** Whether it served since it follows; a new synchronization is a new start. */
  private boolean served;

  /** Committed at the leader, as far as heard in this synchronization. */
  private long leaderCommitZxid;

  /** Room for writes in the ensemble, as the leader said last. */
  private DiskSpace room = DiskSpace.UNKNOWN;

  private SyncPlan plan = new SyncPlan(SyncPlan.Kind.NOTHING, Zxid.NONE, 0);

  /** Entries received in this synchronization until it served. */
  private long syncedEntries;

  /** Their payload and the pieces of a snapshot. */
  private long syncedBytes;

  /** Last entry received while the staged history becomes the history. */
  private long receivedZxid;

  private long receivedHash;

  /** Log time of the staged history's last entry. */
  private long switchedTimeMillis;

  /** Entries after the epoch record that came before the switch; bounded by the leader's window. */
  private final List<LogEntry> afterSwitch = new ArrayList<>();

  Follower(NodeState node, int leader, long epoch) {
    this.node = node;
    this.leader = leader;
    this.epoch = epoch;
    timer = new ElectionTimer(node.random());
  }

  @Override
  public ReplicaStatus.Role name() {
    return node.isVoter() ? ReplicaStatus.Role.FOLLOWER : ReplicaStatus.Role.OBSERVER;
  }

  @Override
  public int leaderId() {
    return leader;
  }

  @Override
  public long epoch() {
    return epoch;
  }

  private long epochZxid() {
    return Zxid.of(epoch, 0);
  }

  @Override
  public boolean serving() {
    return phase == Phase.STREAM && node.log().committedZxid() >= epochZxid();
  }

  @Override
  public long leaderCommitZxid() {
    return leaderCommitZxid;
  }

  @Override
  public String waitsFor() {
    String why = node.reason() == null ? "" : " (" + node.reason() + ")";
    return switch (phase) {
      case SETTLING -> "follows server " + leader + ", and saves its promise first" + why;
      case POSITION_TOLD ->
          "follows server " + leader + ", which chooses how to synchronize it" + why;
      case STAGING -> node.staging().describe() + " from server " + leader + why;
      case SWITCHING -> "goes over to the snapshot of server " + leader + why;
      case STREAM ->
          String.format(
              Locale.ROOT,
              "catches up with server %d: has 0x%x, the epoch begins at 0x%x%s",
              leader,
              node.log().durableZxid(),
              epochZxid(),
              why);
    };
  }

  @Override
  public boolean hearsOtherLeader(int candidate) {
    return candidate != leader
        && node.now() - lastContactNanos < node.config().electionTimeoutMinNanos();
  }

  @Override
  public DiskSpace room() {
    return room;
  }

  @Override
  public void begin() {
    contact();
    tellPosition();
  }

  private void contact() {
    lastContactNanos = node.now();
    timer.restart(
        node.now(),
        node.config().electionTimeoutMinNanos(),
        node.config().electionTimeoutMaxNanos());
  }

  @Override
  public void onTick() {
    if (timer.expired(node.now())) {
      long silentMillis = (node.now() - lastContactNanos) / NANOS_PER_MILLI;
      node.roles()
          .becomeSearching(
              "leader lost: heard nothing of server " + leader + " for " + silentMillis + " ms");
    }
  }

  @Override
  public void onPeerDown(int peer, String reason) {
    if (peer == leader) {
      node.roles()
          .becomeSearching(
              "leader lost: the link with server "
                  + leader
                  + " is down"
                  + (reason.isEmpty() ? "" : ": " + reason));
    }
  }

  @Override
  public void onPromised(AfterSave after) {
    tellPosition();
  }

  @Override
  public void onRest() {
    tellPosition();
  }

  /** The leader wants the position: at first, and whenever it lost track of this follower. */
  void askedForPosition() {
    contact();
    if (phase != Phase.SETTLING && phase != Phase.POSITION_TOLD) {
      synchronizeAnew("asked by the leader");
    }
  }

  private void synchronizeAnew(String why) {
    node.reason("synchronizes anew: " + why);
    if (served) {
      node.cause("synchronizes anew: " + why);
    }
    served = false;
    phase = Phase.SETTLING;
    syncId = NO_SYNC;
    afterSwitch.clear();
    ackDue = false;
    node.writes().newGeneration();
    tellPosition();
  }

  /** Tells what is durable, as soon as that is a fact and may be told. */
  private void tellPosition() {
    boolean promised = node.promises().durable().epoch() == epoch;
    if (phase != Phase.SETTLING || !promised || !node.atRest()) {
      return;
    }
    LogView log = node.log();
    phase = Phase.POSITION_TOLD;
    syncId = node.nextToken();
    leaderCommitZxid = Zxid.NONE;
    long last = node.claimedZxid();
    node.send(
        leader,
        new Message.Position(
            epoch,
            syncId,
            node.promises().durable().incarnation(),
            last,
            log.ids().floor(last).chainHash(),
            log.floorZxid(),
            log.boundaries(last),
            node.staging().told()));
  }

  @Override
  public void onMessage(int from, Message message) {
    contact();
    if (message instanceof Message.Append append) {
      onAppend(append);
    } else if (message instanceof Message.Heartbeat heartbeat) {
      onHeartbeat(heartbeat);
    } else if (message instanceof Message.Synchronize synchronize) {
      onSynchronize(synchronize);
    } else if (message instanceof Message.SnapshotChunk chunk) {
      onSnapshotChunk(chunk);
    } else if (message instanceof Message.WriteRoom told) {
      room = told.space();
    } else if (message instanceof Message.SteppingDown) {
      node.roles().becomeSearching("leader lost: server " + leader + " stepped down");
    } else if (message instanceof Message.ConfirmReply reply) {
      node.emit(new Effect.Confirmed(reply.token(), reply.zxid()));
    }
  }

  private boolean ofThisSync(long messageSyncId) {
    boolean current = syncId != NO_SYNC && messageSyncId == syncId;
    if (!current) {
      node.drop(DropReason.OLD_SYNC);
    }
    return current;
  }

  private void onSynchronize(Message.Synchronize message) {
    if (!ofThisSync(message.syncId()) || phase != Phase.POSITION_TOLD) {
      return;
    }
    plan = message.plan();
    syncedEntries = 0;
    syncedBytes = 0;
    switch (plan.kind()) {
      case NOTHING, DIFF -> {
        phase = Phase.STREAM;
        node.staging().drop();
      }
      case TRUNC, TRUNC_DIFF -> {
        node.staging().drop();
        truncate();
      }
      case SNAP -> {
        if (!beginSnapshot(message.resumed())) {
          return;
        }
      }
    }
    ackDue = true;
  }

  /** False if it can't. */
  private boolean beginSnapshot(boolean resumed) {
    LogView log = node.log();
    Staging staging = node.staging();
    if (resumed && !staging.isUnderWay()) {
      synchronizeAnew("what the leader would go on with is gone");
      return false;
    }
    if (!resumed && plan.zxid() <= log.floorZxid() && !log.isEmpty()) {
      node.halt(refusal("was offered a snapshot at", "which is not above what it must keep"));
      return false;
    }
    phase = Phase.STAGING;
    node.writes().newGeneration();
    if (!resumed) {
      staging.begin(plan);
    } else if (staging.isSealed()) {
      onSealed();
    }
    return true;
  }

  private String refusal(String what, String why) {
    return String.format(
        Locale.ROOT,
        "%s 0x%x (hash %x) by leader %d of epoch %d, %s: floor 0x%x, durable 0x%x",
        what,
        plan.zxid(),
        plan.hash(),
        leader,
        epoch,
        why,
        node.log().floorZxid(),
        node.log().durableZxid());
  }

  private void truncate() {
    LogView log = node.log();
    if (plan.zxid() < log.floorZxid()) {
      node.halt(refusal("was told to cut after", "below what is committed or in a snapshot"));
      return;
    }
    if (!log.ids().contains(plan.zxid(), plan.hash())) {
      node.halt(refusal("was told to cut after", "which is not in its log with that hash"));
      return;
    }
    phase = Phase.STREAM;
    log.truncateAfter(plan.zxid());
    node.writes().newGeneration();
    node.writes().begun();
    node.emit(new Effect.Truncate(node.writes().generation(), plan.zxid(), plan.hash()));
  }

  private void onAppend(Message.Append message) {
    if (!ofThisSync(message.syncId())) {
      return;
    }
    count(message.entries());
    switch (phase) {
      case STREAM -> {
        if (follow(node.log().lastZxid(), node.log().lastHash(), message)) {
          appendToLog(message.entries());
          heardOfCommit(message.commitZxid());
        }
      }
      case STAGING -> {
        Staging staging = node.staging();
        if (!staging.isSealed()) {
          node.drop(DropReason.OUT_OF_PHASE);
        } else if (follow(staging.lastZxid(), staging.lastHash(), message)) {
          stage(message.entries());
        }
      }
      case SWITCHING -> {
        if (follow(receivedZxid, receivedHash, message)) {
          keepForAfterSwitch(message.entries());
        }
      }
      default -> node.drop(DropReason.OUT_OF_PHASE);
    }
  }

  private void count(List<LogEntry> entries) {
    if (served) {
      return;
    }
    syncedEntries += entries.size();
    for (LogEntry entry : entries) {
      syncedBytes += entry.payload().length;
    }
  }

  /** Whether the entries continue the history after that last one, each by its hash (R5). */
  private boolean follow(long lastZxid, long lastHash, Message.Append message) {
    boolean linked = message.prevZxid() == lastZxid && message.prevHash() == lastHash;
    long hash = lastHash;
    long zxid = lastZxid;
    for (LogEntry entry : message.entries()) {
      linked = linked && entry.zxid() > zxid && entry.follows(hash);
      hash = entry.chainHash();
      zxid = entry.zxid();
    }
    if (!linked) {
      synchronizeAnew(
          String.format(
              Locale.ROOT,
              "entries after 0x%x were sent, but 0x%x is the last one here",
              message.prevZxid(),
              lastZxid));
    }
    return linked;
  }

  private void appendToLog(List<LogEntry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    node.log().append(entries);
    node.writes().begun();
    node.emit(new Effect.Append(node.writes().generation(), entries));
    acknowledgeByRule();
  }

  /** Only a broken rule has something to acknowledge before it is durable. */
  private void acknowledgeByRule() {
    ackDue = ackDue || acknowledgedZxid() != node.log().durableZxid();
  }

  private long acknowledgedZxid() {
    return node.rules().acknowledged(node.log().durableZxid(), node.log().lastZxid(), epochZxid());
  }

  private void stage(List<LogEntry> entries) {
    List<LogEntry> staged = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (entry.zxid() <= epochZxid()) {
        staged.add(entry);
      }
    }
    if (!staged.isEmpty()) {
      node.staging().append(staged);
    }
    if (node.staging().lastZxid() == epochZxid()) {
      switchHistory();
      keepForAfterSwitch(entries.subList(staged.size(), entries.size()));
    }
    ackDue = true;
  }

  /** The staged history reaches into the leader's epoch: it can be the history. */
  private void switchHistory() {
    Staging staging = node.staging();
    phase = Phase.SWITCHING;
    receivedZxid = staging.lastZxid();
    receivedHash = staging.lastHash();
    switchedTimeMillis = staging.lastTimeMillis();
    staging.becomeHistory();
  }

  private void keepForAfterSwitch(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      afterSwitch.add(entry);
      receivedZxid = entry.zxid();
      receivedHash = entry.chainHash();
    }
  }

  @Override
  public void onHistorySwitched() {
    if (phase != Phase.SWITCHING) {
      return;
    }
    phase = Phase.STREAM;
    node.log().noteLastTime(switchedTimeMillis);
    List<LogEntry> kept = new ArrayList<>(afterSwitch);
    afterSwitch.clear();
    appendToLog(kept);
    ackDue = true;
    advanceCommit();
  }

  private void onSnapshotChunk(Message.SnapshotChunk chunk) {
    if (!ofThisSync(chunk.syncId())) {
      return;
    }
    if (phase != Phase.STAGING || !node.staging().take(chunk)) {
      synchronizeAnew("a piece of the snapshot does not fit");
      return;
    }
    syncedBytes += chunk.bytes().length;
  }

  @Override
  public void onStageStored(long endOffset) {
    if (phase == Phase.STAGING) {
      node.send(leader, new Message.SnapshotAck(epoch, syncId, endOffset, false));
    }
  }

  @Override
  public void onStageSealed() {
    if (phase != Phase.STAGING) {
      return;
    }
    if (node.staging().isSealed()) {
      onSealed();
    } else {
      synchronizeAnew("the snapshot does not verify");
    }
  }

  private void onSealed() {
    node.send(leader, new Message.SnapshotAck(epoch, syncId, node.staging().length(), true));
    if (node.staging().lastZxid() >= epochZxid()) {
      switchHistory(); // taken in this epoch: the epoch record is behind it
    }
  }

  private void onHeartbeat(Message.Heartbeat message) {
    round = Math.max(round, message.round());
    if (!ofThisSync(message.syncId()) || phase != Phase.STREAM) {
      return;
    }
    if (message.sentZxid() != Zxid.NONE && message.sentZxid() != node.log().lastZxid()) {
      synchronizeAnew(
          String.format(
              Locale.ROOT,
              "0x%x was sent, but 0x%x is the last one here",
              message.sentZxid(),
              node.log().lastZxid()));
      return;
    }
    heardOfCommit(message.commitZxid());
  }

  private void heardOfCommit(long commitZxid) {
    leaderCommitZxid = Math.max(leaderCommitZxid, commitZxid);
    advanceCommit();
  }

  /**
   * What the leader committed, as far as it is durable here: the same chain, so the same entries.
   */
  private void advanceCommit() {
    if (phase == Phase.STREAM) {
      node.log().commit(Math.min(leaderCommitZxid, node.log().durableZxid()));
      if (serving() && !served) {
        served = true;
        node.reason(null);
        node.cause(
            "synchronized by server %d (%s): %d entries, %d bytes received"
                .formatted(leader, plan.kind(), syncedEntries, syncedBytes));
      }
    }
  }

  @Override
  public void onDurable() {
    if (phase == Phase.STREAM) {
      ackDue = true;
      advanceCommit();
    }
  }

  @Override
  public void onPropose(List<byte[]> payloads) {
    if (!serving()) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    // After a change of leader everything pending comes at once; no frame could carry it.
    List<byte[]> part = new ArrayList<>();
    long partBytes = 0;
    for (byte[] payload : payloads) {
      if (!part.isEmpty() && partBytes + payload.length > node.config().appendBytesMax()) {
        node.send(leader, new Message.Forward(epoch, part));
        part = new ArrayList<>();
        partBytes = 0;
      }
      part.add(payload);
      partBytes += payload.length;
    }
    if (!part.isEmpty()) {
      node.send(leader, new Message.Forward(epoch, part));
    }
  }

  @Override
  public void onConfirm(long token, List<Long> sessionIds) {
    if (serving()) {
      node.send(leader, new Message.ConfirmRequest(epoch, token, sessionIds));
    } else {
      node.drop(DropReason.OUT_OF_PHASE);
    }
  }

  @Override
  public void endStep() {
    // A round counts although no position was told yet: it proves that this node still follows.
    if (!ackDue && round == acknowledgedRound) {
      return;
    }
    ackDue = false;
    acknowledgedRound = round;
    boolean stream = phase == Phase.STREAM;
    long received =
        switch (phase) {
          case STREAM -> node.log().lastZxid();
          case STAGING -> node.staging().isSealed() ? node.staging().lastZxid() : Zxid.NONE;
          case SWITCHING -> receivedZxid;
          case SETTLING, POSITION_TOLD -> Zxid.NONE;
        };
    node.send(
        leader,
        new Message.Ack(
            epoch,
            syncId,
            node.promises().durable().incarnation(),
            round,
            stream ? acknowledgedZxid() : Zxid.NONE,
            received));
  }
}
