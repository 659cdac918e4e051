package io.quorate.server.replication;

import io.quorate.server.base.Invariant;
import io.quorate.server.base.RandomSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One server's part in the replicated log: Zab as a pure function of its inputs. Confined to the
 * node thread.
 *
 * <p>This class only sorts inputs; what they mean is in the roles ({@link Unfounded}, {@link
 * Looking}, {@link Follower}, {@link Leader}), in {@link Voter}, which answers candidates whatever
 * the role, and in {@link RoleTransitions}.
 */
public final class Replica {
  private final NodeState node;
  private final Voter voter;
  private boolean started;
  private @Nullable ReplicaStatus announced;
  private long announcedCount;
  private Message.@Nullable Hello said;
  private long foundingRead;

  public Replica(ReplicaConfig config, RandomSource random) {
    this(config, random, ReplicaRules.TRUE);
  }

  /** With other rules: for the simulator only. */
  public Replica(ReplicaConfig config, RandomSource random, ReplicaRules rules) {
    node = new NodeState(config, random, rules);
    voter = new Voter(node);
  }

  /**
   * One input, all that follows from it.
   *
   * @param nowNanos monotonic; never less than at the step before
   * @param wallMillis since 1970; may jump; a leader stamps it into entries
   * @return effects to execute in this order; the caller's from now on
   */
  public List<Effect> step(Input input, long nowNanos, long wallMillis) {
    if (node.halted()) {
      return List.of();
    }
    Invariant.check(
        started != input instanceof Input.Start, "Start is the first input, and no other is");
    node.advanceTo(nowNanos, wallMillis);
    boolean atRest = node.atRest();
    handle(input);
    if (!atRest && node.atRest()) {
      node.role().onRest();
      for (NodeState.Deferred deferred : node.takeDeferred()) {
        receive(deferred.from(), deferred.message());
      }
    }
    if (started && !node.halted()) {
      endStep();
    }
    return node.takeEffects();
  }

  private void endStep() {
    node.role().endStep();
    node.delivery().pump();
    sayHello(false);
    ReplicaStatus status = status();
    if (announced == null || announcedCount != node.roles().count() || differs(announced, status)) {
      announced = status;
      announcedCount = node.roles().count();
      node.emit(new Effect.RoleChanged(status, node.takeCause()));
    }
  }

  private static boolean differs(ReplicaStatus before, ReplicaStatus after) {
    return before.role() != after.role()
        || before.leaderId() != after.leaderId()
        || before.epoch() != after.epoch()
        || before.serving() != after.serving();
  }

  private void handle(Input input) {
    if (input instanceof Input.Receive receive) {
      receive(receive.from(), receive.message());
    } else if (input instanceof Input.Propose propose) {
      node.role().onPropose(propose.payloads());
    } else if (input instanceof Input.Confirm confirm) {
      node.role().onConfirm(confirm.token(), confirm.sessionIds());
    } else if (input instanceof Input.Tick) {
      onTick();
    } else if (input instanceof Input.PeerUp up) {
      onPeerUp(up.peer());
    } else if (input instanceof Input.PeerDown down) {
      onPeerDown(down.peer(), down.reason());
    } else if (input instanceof Input.Start start) {
      start(start.recovered());
    } else {
      handleCompletion(input);
    }
  }

  private void onTick() {
    if (node.pins().expire(node.now())) {
      node.emit(new Effect.Retain(node.pins().zxids()));
    }
    node.role().onTick();
  }

  private void handleCompletion(Input input) {
    if (!(input instanceof Input.SnapshotTaken)) {
      node.storage().completed(node.now());
    }
    if (input instanceof Input.Appended appended) {
      onAppended(appended);
    } else if (input instanceof Input.PromiseSaved saved) {
      AfterSave after = node.promises().saved(saved.token());
      sayHello(false);
      node.role().onPromised(after);
    } else if (input instanceof Input.Truncated truncated) {
      node.writes().completed(truncated.generation());
      settle();
    } else if (input instanceof Input.LogRead read) {
      onLogRead(read);
    } else if (input instanceof Input.SnapshotChunkRead read) {
      node.role().onSnapshotChunkRead(read);
    } else if (input instanceof Input.StageStored stored) {
      if (node.staging().stored(stored)) {
        node.role().onStageStored(stored.endOffset());
      }
    } else if (input instanceof Input.StageSealed sealed) {
      if (node.staging().sealed(sealed)) {
        node.role().onStageSealed();
      }
    } else if (input instanceof Input.HistorySwitched switched) {
      onHistorySwitched(switched);
    } else if (input instanceof Input.SnapshotTaken taken) {
      node.log().snapshotTaken(taken.meta());
      node.emit(new Effect.Retain(node.pins().zxids()));
    } else if (input instanceof Input.LogPurged purged) {
      node.log().purgedUpTo(purged.baseZxid());
    } else if (input instanceof Input.DiskMeasured measured) {
      onDiskMeasured(measured.space());
    }
  }

  // --- start ---------------------------------------------------------------------------------

  private void start(Recovered recovered) {
    started = true;
    if (refuses(recovered)) {
      return;
    }
    node.promises().recover(recovered.promise());
    node.log().recover(recovered);
    SnapshotMeta snapshot = recovered.snapshot();
    if (snapshot != null) {
      node.emit(new Effect.LoadSnapshot(snapshot));
    }
    if (node.electorate() == null && !node.log().isEmpty()) {
      // Crashed in the founding: its membership is in the first entry and nowhere else.
      foundingRead = node.nextToken();
      node.emit(new Effect.ReadLog(foundingRead, node.log().ids().baseZxid(), 1));
    }
    node.roles().becomeSearching("started");
  }

  /** Whether this start can't go on; then it says so to a person. */
  private boolean refuses(Recovered recovered) {
    if (!recovered.holes().isEmpty()) {
      node.halt(
          "the log has damaged entries, so this server does not vote and does not start; restore"
              + " the data directory, or wipe it to join anew: "
              + recovered.holes());
      return true;
    }
    if (recovered.promise() == null && !recovered.log().isEmpty()) {
      node.halt(
          "the data directory has a log up to "
              + io.quorate.data.Zxid.format(recovered.log().lastZxid())
              + " but no valid identity record, so this server can't know what it promised; wipe"
              + " the data directory to join anew");
      return true;
    }
    Membership known = recovered.promise() == null ? null : recovered.promise().membership();
    if (recovered.snapshot() != null) {
      Membership atSnapshot = recovered.snapshot().membership();
      known = known == null || known.zxid() < atSnapshot.zxid() ? atSnapshot : known;
    }
    Membership configured = node.config().configured();
    if (known != null && !known.isConfiguredLike(configured)) {
      node.halt(
          "the configured servers "
              + Unfounded.describe(configured)
              + " are not those of the ensemble "
              + Unfounded.describe(known));
      return true;
    }
    return false;
  }

  // --- links ---------------------------------------------------------------------------------

  private void onPeerUp(int peer) {
    if (peer == node.id() || node.config().configured().member(peer) == null) {
      node.drop(DropReason.UNKNOWN_PEER);
      return;
    }
    if (node.peers().isUp(peer)) {
      onPeerDown(peer, "it came up again");
    }
    node.peers().up(peer);
    node.send(peer, hello());
    if (!node.diskSpace().isAmple()) {
      node.send(peer, new Message.DiskReport(node.diskSpace()));
    }
  }

  private void onDiskMeasured(DiskSpace space) {
    boolean news = space.level() != node.diskSpace().level();
    node.diskSpace(space);
    if (news) {
      String text =
          "disk space is %s: %d bytes are usable"
              .formatted(space.level().name().toLowerCase(Locale.ROOT), space.usableBytes());
      if (space.isAmple()) {
        node.remark(text);
      } else {
        node.notice(text);
      }
    }
    if (news && !space.isAmple()) {
      // May make room: the log behind a snapshot that is sent, or was, may be all that there is.
      node.pins().clear();
      node.emit(new Effect.Retain(List.of()));
    }
    if (news || !space.isAmple()) {
      for (int peer : node.peers().up()) {
        node.send(peer, new Message.DiskReport(space));
      }
    }
  }

  private void onPeerDown(int peer, String reason) {
    if (node.peers().isUp(peer)) {
      node.peers().down(peer);
      node.forgetDeferred(peer);
      node.role().onPeerDown(peer, reason);
    }
  }

  private Message.Hello hello() {
    Promise durable = node.promises().durable();
    Membership known = durable.membership();
    return new Message.Hello(
        durable.clusterId(),
        durable.incarnation(),
        node.founded(),
        durable.epoch(),
        known == null ? node.config().configured() : known);
  }

  /** Tells all peers what is new about this node. The epoch alone is no news. */
  private void sayHello(boolean always) {
    Message.Hello now = hello();
    Message.Hello before = said;
    boolean news =
        before == null
            || before.clusterId() != now.clusterId()
            || before.incarnation() != now.incarnation()
            || before.founded() != now.founded()
            || before.membership().zxid() != now.membership().zxid();
    if (always || news) {
      said = now;
      for (int peer : node.peers().up()) {
        node.send(peer, now);
      }
    }
  }

  private void onHello(int from, Message.Hello hello) {
    node.peers().said(from, hello);
    long own = node.promises().current().clusterId();
    if (node.founded() && hello.clusterId() != 0 && hello.clusterId() != own && hello.founded()) {
      node.notice(
          "server "
              + from
              + " belongs to another ensemble ("
              + Long.toHexString(hello.clusterId())
              + ", here "
              + Long.toHexString(own)
              + "); it is ignored");
    }
    if (node.founded() && !hello.membership().isConfiguredLike(node.config().configured())) {
      node.notice(
          "the configured servers differ: here "
              + Unfounded.describe(node.config().configured())
              + ", at server "
              + from
              + " "
              + Unfounded.describe(hello.membership()));
    }
    if (node.sameCluster(from) && hello.membership().zxid() != 0) {
      // What a peer knows to be committed is committed.
      node.promises().learn(hello.membership());
    }
    node.role().onHello(from);
  }

  // --- messages ------------------------------------------------------------------------------

  private void receive(int from, Message message) {
    if (!node.peers().isUp(from)) {
      node.drop(DropReason.UNKNOWN_PEER);
      return;
    }
    if (message instanceof Message.Hello hello) {
      onHello(from, hello);
      return;
    }
    if (message instanceof Message.DiskReport report) {
      node.peers().reported(from, report.space());
      return;
    }
    boolean founding = message instanceof Message.FoundingOffer;
    if (!founding && !node.sameCluster(from)) {
      node.drop(DropReason.OTHER_CLUSTER);
      return;
    }
    if (!LegalMessages.legal(node.role().name(), message.kind())) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    dispatch(from, message);
  }

  private void dispatch(int from, Message message) {
    switch (message.kind()) {
      case PRE_VOTE -> voter.onPreVote(from, (Message.PreVote) message);
      case VOTE_REQUEST -> voter.onVoteRequest(from, (Message.VoteRequest) message);
      case NEW_LEADER -> voter.onLeader(from, ((Message.NewLeader) message).epoch());
      case HEARTBEAT -> {
        Message.Heartbeat heartbeat = (Message.Heartbeat) message;
        if (follows(from, heartbeat.epoch())) {
          node.role().onMessage(from, message);
        } else {
          voter.onLeader(from, heartbeat.epoch());
        }
      }
      case FOUNDING_OFFER -> {
        if (node.role() instanceof Looking && !node.founded()) {
          node.roles().becomeSearching("was offered another founding");
        }
        node.role().onMessage(from, message);
      }
      default -> {
        boolean belongs = belongsToRole(from, message);
        if (belongs && isAboutState(message)) {
          node.emit(new Effect.DigestMessage(from, message));
        } else if (belongs) {
          node.role().onMessage(from, message);
        } else {
          node.drop(DropReason.OLD_EPOCH);
        }
      }
    }
  }

  private static boolean isAboutState(Message message) {
    return message instanceof Message.DigestQuestion || message instanceof Message.DigestAnswer;
  }

  private boolean follows(int leader, long epoch) {
    return node.role() instanceof Follower
        && node.role().leaderId() == leader
        && node.role().epoch() == epoch;
  }

  private boolean belongsToRole(int from, Message message) {
    long epoch = node.role().epoch();
    return switch (message.kind()) {
      case SYNCHRONIZE -> follows(from, ((Message.Synchronize) message).epoch());
      case SNAPSHOT_CHUNK -> follows(from, ((Message.SnapshotChunk) message).epoch());
      case APPEND -> follows(from, ((Message.Append) message).epoch());
      case WRITE_ROOM -> follows(from, ((Message.WriteRoom) message).epoch());
      case STEPPING_DOWN -> follows(from, ((Message.SteppingDown) message).epoch());
      case CONFIRM_REPLY -> follows(from, ((Message.ConfirmReply) message).epoch());
      case EPOCH_REFUSED -> ((Message.EpochRefused) message).epoch() == epoch;
      case POSITION -> ((Message.Position) message).epoch() == epoch;
      case SNAPSHOT_ACK -> ((Message.SnapshotAck) message).epoch() == epoch;
      case ACK -> ((Message.Ack) message).epoch() == epoch;
      case FORWARD -> ((Message.Forward) message).epoch() == epoch;
      case CONFIRM_REQUEST -> ((Message.ConfirmRequest) message).epoch() == epoch;
      case DIGEST_QUESTION -> follows(from, ((Message.DigestQuestion) message).epoch());
      case DIGEST_ANSWER -> ((Message.DigestAnswer) message).epoch() == epoch;
      default -> true;
    };
  }

  // --- completions ---------------------------------------------------------------------------

  private void onAppended(Input.Appended appended) {
    boolean current = node.writes().completed(appended.generation());
    LogView log = node.log();
    long durable =
        node.rules().durableAfter(current, appended.lastZxid(), log.durableZxid(), log.lastZxid());
    if (durable > log.durableZxid()) {
      log.markDurable(durable);
      node.role().onDurable();
    }
    settle();
  }

  /** Nothing is under way any more, so all that was written is durable, whoever wrote it. */
  private void settle() {
    LogView log = node.log();
    if (node.writes().underWay() == 0 && log.durableZxid() < log.lastZxid()) {
      log.markDurable(log.lastZxid());
    }
  }

  private void onLogRead(Input.LogRead read) {
    if (read.token() == foundingRead) {
      foundingRead = 0;
      if (read.entries().isEmpty()) {
        node.halt("storage does not have the first entry of its log");
        return;
      }
      node.log().noteFounding(read.entries().get(0));
      return;
    }
    if (!node.delivery().onLogRead(read.token(), read.entries())) {
      node.role().onLogRead(read.token(), read.entries());
    }
  }

  private void onHistorySwitched(Input.HistorySwitched switched) {
    boolean current = node.writes().completed(switched.generation());
    if (refuses(switched.recovered())) {
      return;
    }
    // The old history is gone whatever the role is now.
    node.log().recover(switched.recovered());
    node.staging().switched();
    node.delivery().reset();
    SnapshotMeta snapshot = switched.recovered().snapshot();
    Invariant.check(snapshot != null, "a history without a snapshot was switched to");
    if (snapshot != null) {
      node.emit(new Effect.LoadSnapshot(snapshot));
      node.promises().learn(snapshot.membership());
    }
    if (current) {
      node.role().onHistorySwitched();
    }
  }

  // --- pictures ------------------------------------------------------------------------------

  public ReplicaStatus status() {
    Role role = node.role();
    LogView log = node.log();
    return new ReplicaStatus(
        node.id(),
        role.name(),
        role.leaderId(),
        role.epoch(),
        role.serving(),
        log.durableZxid(),
        log.committedZxid(),
        log.snapshotZxid());
  }

  /** At the leader, the time that an entry made now would have; 0 elsewhere. */
  public long logTimeMillis() {
    return node.role().logTimeMillis();
  }

  /** Room for writes in the ensemble, as far as this replica knows. */
  public DiskSpace room() {
    return node.role().room();
  }

  /** In force as far as this replica knows; as configured before the ensemble is founded. */
  public Membership membership() {
    return node.membership();
  }

  /** Of this server's present life, as promised durably; 0 as long as it has none. */
  public long incarnation() {
    return node.promises().durable().incarnation();
  }

  public ReplicaRules rules() {
    return node.rules();
  }

  /** 0 as long as none is known. */
  public long clusterId() {
    return node.promises().current().clusterId();
  }

  /** What keeps this replica from serving, for a person; null if nothing does. */
  public @Nullable String reason() {
    return node.reason();
  }

  /** Why clients are not served, in one line for a person; null if they are. */
  public @Nullable String whyNotServing() {
    if (node.halted()) {
      return "stopped itself: " + node.reason();
    }
    if (node.role().serving()) {
      return null;
    }
    String waits = node.role().waitsFor();
    String reason = waits == null ? node.reason() : waits;
    return reason == null ? "starts" : reason;
  }

  /** What the leader has committed, as far as this replica heard; 0 without a leader. */
  public long leaderCommitZxid() {
    return node.role().leaderCommitZxid();
  }

  /** Entries of the own log behind {@code afterZxid}, up to and including {@code zxid}. */
  public long entriesAfter(long afterZxid, long zxid) {
    return node.log().entriesAfter(afterZxid, zxid);
  }

  /** Time of the last entry in the newest snapshot, milliseconds since 1970; 0 without one. */
  public long snapshotTimeMillis() {
    SnapshotMeta snapshot = node.log().snapshot();
    return snapshot == null ? 0 : snapshot.timeMillis();
  }

  /** Entries held in memory for followers that are not far behind, in bytes. */
  public long tailCacheBytes() {
    return node.log().cache().bytes();
  }

  /** The other servers in the order of their ids. */
  public List<PeerStatus> peers() {
    List<PeerStatus> peers = new ArrayList<>();
    Membership membership = node.membership();
    for (Member member : membership.members()) {
      if (member.id() != node.id()) {
        peers.add(peer(member, membership));
      }
    }
    return peers;
  }

  private PeerStatus peer(Member member, Membership membership) {
    Message.Hello hello = node.peers().hello(member.id());
    Progress progress = node.role().progressOf(member.id());
    boolean counts =
        member.voter()
            && (hello == null || node.rules().counts(membership, member.id(), hello.incarnation()));
    boolean linkUp = node.peers().isUp(member.id());
    if (progress == null) {
      return new PeerStatus(
          member.id(), member.voter(), linkUp, PeerStatus.Sync.NONE, counts, 0, -1);
    }
    PeerStatus.Sync sync =
        switch (progress.mode()) {
          case ASKED -> PeerStatus.Sync.ASKED;
          case SNAPSHOT -> PeerStatus.Sync.SNAPSHOT;
          case STREAM -> PeerStatus.Sync.STREAM;
        };
    return new PeerStatus(
        member.id(),
        member.voter(),
        linkUp,
        sync,
        counts,
        progress.matchedZxid(),
        node.now() - progress.heardNanos());
  }

  /** Messages that were not acted upon for that reason, since the start. */
  public long dropped(DropReason reason) {
    return node.drops(reason);
  }

  /**
   * What a snapshot of the state after {@code zxid} says about itself.
   *
   * @param zxid delivered, not below the present snapshot
   */
  public SnapshotMeta snapshotMetaAt(long zxid, int stateMachineVersion, long digest) {
    return node.log()
        .metaAt(zxid, node.promises().durable().clusterId(), stateMachineVersion, digest);
  }
}
