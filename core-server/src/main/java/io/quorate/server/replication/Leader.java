package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Leads an epoch: appends its record, makes the others equal, appends and commits. Serves once a
 * quorum has the epoch record durable; what was appended before commits with it.
 */
final class Leader implements Role {
  /** Where it is. */
  private enum Phase {
    /** Reads its last entry, whose time the epoch record must not precede. */
    OPENING,
    /** The epoch record is appended and not committed. */
    SYNCHRONIZING,
    /** Serves. */
    ESTABLISHED,
    /** Stamps nothing any more; changes the epoch once all is committed. */
    DRAINING
  }

  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final NodeState node;
  private final long epoch;
  private final Membership electorateAtStart;
  private final Followers followers;
  private final LeaderQuorum quorum;

  /** Members that promised a higher epoch, and which. */
  private final TreeMap<Integer, Message.EpochRefused> refusals = new TreeMap<>();

  private final Rounds rounds;
  private final LeaderSpace space;
  private Phase phase = Phase.OPENING;

  /** Null until the time of the last entry is known. */
  private @Nullable LogClock clock;

  /** Draining ends in another leader, not in another epoch of this one. */
  private boolean handsOver;

  private long lastTimeRead;
  private long nextHeartbeatNanos;
  private long refusedSinceNanos;

  /** A membership entry that is appended and not delivered. */
  private long pendingMembershipZxid = Zxid.NONE;

  Leader(NodeState node, long epoch, Membership electorate) {
    this.node = node;
    this.epoch = epoch;
    electorateAtStart = electorate;
    rounds = new Rounds(node.config().confirmsMax());
    followers = new Followers(node, epoch);
    quorum = new LeaderQuorum(node, followers, epochZxid());
    space = new LeaderSpace(node, followers, epoch);
    nextHeartbeatNanos = node.now() + node.config().heartbeatNanos();
  }

  @Override
  public ReplicaStatus.Role name() {
    return ReplicaStatus.Role.LEADER;
  }

  @Override
  public int leaderId() {
    return node.id();
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
    return phase == Phase.ESTABLISHED;
  }

  @Override
  public long leaderCommitZxid() {
    return node.log().committedZxid();
  }

  @Override
  public @Nullable Progress progressOf(int peer) {
    return followers.get(peer);
  }

  @Override
  public DiskSpace room() {
    return space.room();
  }

  @Override
  public boolean hearsOtherLeader(int candidate) {
    return candidate != node.id();
  }

  @Override
  public void begin() {
    LogView log = node.log();
    Invariant.check(node.atRest(), "leads while older writes are under way");
    if (log.lastTimeKnown()) {
      open();
    } else {
      lastTimeRead = node.nextToken();
      node.emit(new Effect.ReadLog(lastTimeRead, log.beforeLastZxid(), 1));
    }
  }

  private void open() {
    phase = Phase.SYNCHRONIZING;
    clock = new LogClock(node.log().lastTimeMillis(), node.now());
    node.reason("waits for a quorum to have the record of epoch " + epoch);
    Membership founding = node.log().isEmpty() ? electorateAtStart : null;
    EpochRecord record =
        new EpochRecord(node.promises().durable().clusterId(), node.id(), founding);
    append(EntryKind.EPOCH, epochZxid(), record.encode());
    for (int peer : node.peers().up()) {
      ask(peer);
    }
  }

  private void append(EntryKind kind, long zxid, byte[] payload) {
    append(List.of(stamped(node.log().lastHash(), zxid, kind, payload)));
  }

  private LogEntry stamped(long previousHash, long zxid, EntryKind kind, byte[] payload) {
    return LogEntry.following(previousHash, zxid, logTimeMillis(), kind, payload);
  }

  @Override
  public long logTimeMillis() {
    LogClock known = clock;
    return known == null ? 0 : known.millis(node.wallMillis(), node.now());
  }

  private void append(List<LogEntry> entries) {
    node.log().append(entries);
    node.writes().begun();
    node.emit(new Effect.Append(node.writes().generation(), List.copyOf(entries)));
  }

  // --- peers ---------------------------------------------------------------------------------

  private void ask(int peer) {
    if (phase != Phase.OPENING) {
      followers.ask(peer);
    }
  }

  @Override
  public void onHello(int peer) {
    if (followers.get(peer) == null) {
      ask(peer);
    }
  }

  /** It looks for a leader, so it does not follow: whatever was thought of it is void. */
  void lostFollower(int peer) {
    ask(peer);
  }

  @Override
  public void onPeerDown(int peer, String reason) {
    followers.down(peer);
    refusals.remove(peer);
  }

  @Override
  public void onMessage(int from, Message message) {
    if (message instanceof Message.Ack ack) {
      onAck(from, ack);
    } else if (message instanceof Message.Forward forward) {
      propose(forward.payloads());
    } else if (message instanceof Message.ConfirmRequest request) {
      confirm(from, request.token(), request.sessionIds());
    } else if (message instanceof Message.Position position) {
      onPosition(from, position);
    } else if (message instanceof Message.SnapshotAck ack) {
      followers.onSnapshotAck(from, ack);
    } else if (message instanceof Message.EpochRefused refused) {
      onRefused(from, refused);
    }
  }

  private void onPosition(int from, Message.Position position) {
    Progress follower = followers.get(from);
    if (follower == null || phase == Phase.OPENING) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    refusals.remove(from);
    followers.synchronize(follower, position);
    advanceCommit();
  }

  private void onAck(int from, Message.Ack ack) {
    Progress follower = followers.get(from);
    if (follower == null) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    followers.heard(follower);
    follower.answeredRound(ack.round());
    confirmRounds();
    if (follower.mode() == Progress.Mode.ASKED || ack.syncId() != follower.syncId()) {
      node.drop(DropReason.OLD_SYNC);
      return;
    }
    if (follower.mode() == Progress.Mode.STREAM
        && !follower.acknowledged(ack.durableZxid(), ack.receivedZxid())) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    advanceCommit();
  }

  private void onRefused(int from, Message.EpochRefused refused) {
    if (refused.promised() <= epoch) {
      return;
    }
    if (refusals.isEmpty()) {
      refusedSinceNanos = node.now();
    }
    refusals.put(from, refused);
    Membership membership = node.membership();
    int counted = 0;
    for (Map.Entry<Integer, Message.EpochRefused> refusal : refusals.entrySet()) {
      long incarnation = refusal.getValue().incarnation();
      counted += node.rules().counts(membership, refusal.getKey(), incarnation) ? 1 : 0;
    }
    if (counted >= membership.majority()) {
      node.roles().becomeSearching("leadership lost: a quorum promised an epoch above " + epoch);
    }
  }

  @Override
  public void onLogRead(long token, List<LogEntry> entries) {
    if (phase == Phase.OPENING && token == lastTimeRead) {
      onLastEntryRead(entries);
      return;
    }
    followers.onLogRead(token, entries);
  }

  private void onLastEntryRead(List<LogEntry> entries) {
    LogView log = node.log();
    if (entries.isEmpty() || entries.get(0).zxid() != log.lastZxid()) {
      node.halt("storage does not have the last entry " + Zxid.format(log.lastZxid()));
      return;
    }
    log.noteLastTime(entries.get(0).timeMillis());
    open();
  }

  @Override
  public void onSnapshotChunkRead(Input.SnapshotChunkRead read) {
    followers.onSnapshotChunkRead(read);
  }

  // --- commit --------------------------------------------------------------------------------

  @Override
  public void onDurable() {
    advanceCommit();
  }

  /**
   * Commits what a quorum of those that count has durable, and nothing before the epoch record is
   * among it: an entry of an earlier epoch on a quorum may still be cut by another leader.
   */
  private void advanceCommit() {
    if (phase == Phase.OPENING) {
      return;
    }
    long committed = quorum.durableZxid();
    if (committed >= epochZxid() && node.log().commit(committed)) {
      if (phase == Phase.SYNCHRONIZING) {
        phase = Phase.ESTABLISHED;
        node.reason(null);
        node.cause("established: a quorum has the record of epoch " + epoch);
      }
    }
  }

  @Override
  public void onPropose(List<byte[]> payloads) {
    propose(payloads);
  }

  private void propose(List<byte[]> payloads) {
    if (phase != Phase.ESTABLISHED || payloads.isEmpty()) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    LogView log = node.log();
    List<LogEntry> entries = new ArrayList<>(payloads.size());
    long zxid = log.lastZxid();
    long hash = log.lastHash();
    for (byte[] payload : payloads) {
      if (Zxid.counter(zxid) >= node.config().counterLimit()) {
        drain("changes the epoch: the counter of epoch " + epoch + " comes to its end");
        break;
      }
      zxid++;
      LogEntry entry = stamped(hash, zxid, EntryKind.COMMAND, payload);
      hash = entry.chainHash();
      entries.add(entry);
    }
    if (!entries.isEmpty()) {
      append(entries);
    }
  }

  private void drain(String why) {
    phase = Phase.DRAINING;
    node.reason(why);
    node.cause(why);
  }

  /** A server that lost what it knew is equal again: an entry lets its new life count. */
  private void proposeMembership() {
    Membership inForce = node.membership();
    boolean pending =
        pendingMembershipZxid > node.log().deliveredZxid()
            || node.log().deliveredZxid() < epochZxid();
    if (phase != Phase.ESTABLISHED
        || pending
        || Zxid.counter(node.log().lastZxid()) >= node.config().counterLimit()) {
      return;
    }
    for (Progress follower : followers.all()) {
      Member member = inForce.member(follower.peer());
      boolean synchronizedNow =
          follower.mode() == Progress.Mode.STREAM
              && follower.matchedZxid() >= epochZxid()
              && follower.sentZxid() == node.log().lastZxid();
      if (member != null
          && member.voter()
          && follower.incarnation() != 0
          && member.incarnation() != follower.incarnation()
          && synchronizedNow) {
        long zxid = node.log().lastZxid() + 1;
        pendingMembershipZxid = zxid;
        append(
            EntryKind.MEMBERSHIP,
            zxid,
            inForce.withIncarnation(member.id(), follower.incarnation()).at(zxid).encode());
        return;
      }
    }
  }

  // --- rounds --------------------------------------------------------------------------------

  @Override
  public void onConfirm(long token, List<Long> sessionIds) {
    confirm(0, token, sessionIds);
  }

  private void confirm(int peer, long token, List<Long> sessionIds) {
    if (phase != Phase.ESTABLISHED) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    if (!rounds.add(peer, token, node.log().lastZxid())) {
      node.drop(DropReason.LIMIT);
      return;
    }
    if (!sessionIds.isEmpty()) {
      node.emit(new Effect.Touched(sessionIds));
    }
  }

  private void beginRound() {
    rounds.begin();
    nextHeartbeatNanos = node.now() + node.config().heartbeatNanos();
    followers.beginRound(rounds.begun());
    confirmRounds();
  }

  private void confirmRounds() {
    rounds.confirm(node.rules().confirmedRound(quorum.round(rounds), rounds.begun()));
    Rounds.Waiting confirmed = rounds.poll();
    while (confirmed != null) {
      if (confirmed.peer() == 0) {
        node.emit(new Effect.Confirmed(confirmed.token(), confirmed.zxid()));
      } else {
        node.send(
            confirmed.peer(), new Message.ConfirmReply(epoch, confirmed.token(), confirmed.zxid()));
      }
      confirmed = rounds.poll();
    }
  }

  // --- time ----------------------------------------------------------------------------------

  @Override
  public void onTick() {
    if (node.storageHangs()) {
      long millis = node.storage().silenceNanos(node.now()) / 1_000_000;
      node.roles().becomeSearching("its storage has completed nothing for " + millis + " ms");
      return;
    }
    if (!quorum.heard()) {
      node.roles()
          .becomeSearching("leadership lost: heard of no quorum in epoch " + epoch + silence());
      return;
    }
    space.onTick();
    followers.askStalled();
    boolean refusedForLong =
        !refusals.isEmpty()
            && node.now() - refusedSinceNanos >= node.config().electionTimeoutMinNanos();
    if (phase == Phase.ESTABLISHED && refusedForLong) {
      drain("changes the epoch: servers " + refusals.keySet() + " promised a higher one");
    }
    if (phase == Phase.ESTABLISHED && space.isBetterElsewhere()) {
      handsOver = true;
      drain("hands over, because another server has more disk space");
    }
    if (node.now() - nextHeartbeatNanos >= 0 && phase != Phase.OPENING) {
      beginRound();
      space.tell();
    }
  }

  /** Who was heard when, for a person. */
  private String silence() {
    StringBuilder text = new StringBuilder();
    for (Member member : node.membership().members()) {
      if (member.voter() && member.id() != node.id()) {
        text.append("; server ").append(member.id());
        text.append(node.peers().isUp(member.id()) ? "" : " has no link,").append(" heard ");
        text.append((node.now() - followers.heardNanos(member.id())) / NANOS_PER_MILLI);
        text.append(" ms ago");
      }
    }
    return text.toString();
  }

  @Override
  public void endStep() {
    proposeMembership();
    for (Progress follower : followers.all()) {
      followers.pump(follower);
    }
    followers.tellCommit(rounds.begun());
    if (rounds.wanted()) {
      beginRound();
    }
    boolean drained = node.log().committedZxid() == node.log().lastZxid() && node.atRest();
    if (phase == Phase.DRAINING && drained && handsOver) {
      space.sayFarewell();
      node.roles().becomeSearching("leadership handed over: another server has more disk space");
    } else if (phase == Phase.DRAINING && drained) {
      long greatest = epoch;
      for (Message.EpochRefused refused : refusals.values()) {
        greatest = Math.max(greatest, refused.promised());
      }
      node.roles().becomeRollingCandidate(greatest + 1);
    }
  }
}
