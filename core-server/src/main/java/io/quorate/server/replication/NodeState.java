package io.quorate.server.replication;

import io.quorate.server.base.RandomSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a node knows and owns whatever its role is. Confined to the node thread. */
final class NodeState {
  /** A message that waits until this node's own writes have come to rest. */
  record Deferred(int from, Message message) {}

  private final ReplicaConfig config;
  private final RandomSource random;
  private final ReplicaRules rules;
  private final LogView log;
  private final PromiseBook promises = new PromiseBook(this);
  private final Peers peers = new Peers();
  private final Writes writes = new Writes();
  private final StorageProgress storage = new StorageProgress();
  private final Staging staging = new Staging(this);
  private final SnapshotPins pins;
  private final RoleClock clock;
  private final Delivery delivery = new Delivery(this);
  private final RoleTransitions roles = new RoleTransitions(this);
  private final Deque<Deferred> deferred = new ArrayDeque<>();
  private final long[] drops = new long[DropReason.values().length];
  private List<Effect> effects = new ArrayList<>();
  private long wallMillis;
  private long tokens;
  private DiskSpace diskSpace = DiskSpace.UNKNOWN;
  private boolean halted;
  private @Nullable String reason;

  /** Of the role changes that were not announced yet, in order. */
  private final List<String> causes = new ArrayList<>();

  /** Of the last role change that was announced. */
  private String lastCause = "";

  NodeState(ReplicaConfig config, RandomSource random, ReplicaRules rules) {
    this.config = config;
    this.random = random;
    this.rules = rules;
    log = new LogView(config.tailCacheBytesMax());
    pins = new SnapshotPins(config.snapshotPinNanos());
    clock = new RoleClock(config.electionTimeoutMinNanos() / 2);
  }

  ReplicaConfig config() {
    return config;
  }

  int id() {
    return config.nodeId();
  }

  RandomSource random() {
    return random;
  }

  /** Random, never 0. */
  long drawIdentity() {
    while (true) {
      long drawn = random.nextLong();
      if (drawn != 0) {
        return drawn;
      }
    }
  }

  ReplicaRules rules() {
    return rules;
  }

  LogView log() {
    return log;
  }

  PromiseBook promises() {
    return promises;
  }

  Peers peers() {
    return peers;
  }

  Writes writes() {
    return writes;
  }

  StorageProgress storage() {
    return storage;
  }

  /** Whether storage has hung for longer than a leader may wait for it. */
  boolean storageHangs() {
    return storage.silenceNanos(now()) >= config.storageStallNanos();
  }

  Staging staging() {
    return staging;
  }

  SnapshotPins pins() {
    return pins;
  }

  Delivery delivery() {
    return delivery;
  }

  RoleTransitions roles() {
    return roles;
  }

  Role role() {
    return roles.current();
  }

  void advanceTo(long monotonicNanos, long newWallMillis) {
    clock.advanceTo(monotonicNanos);
    wallMillis = newWallMillis;
  }

  long now() {
    return clock.nowNanos();
  }

  long wallMillis() {
    return wallMillis;
  }

  long nextToken() {
    return ++tokens;
  }

  void emit(Effect effect) {
    if (effect instanceof Effect.Storage work && work.completes()) {
      storage.begun(now());
    }
    effects.add(effect);
  }

  /** Sends if the link is up; else it would be lost anyway. */
  void send(int peer, Message message) {
    if (peers.isUp(peer)) {
      emit(new Effect.Send(peer, message));
    }
  }

  List<Effect> takeEffects() {
    List<Effect> taken = effects;
    effects = new ArrayList<>();
    return taken;
  }

  void halt(String why) {
    halted = true;
    reason = why;
    emit(new Effect.Halt(why));
  }

  boolean halted() {
    return halted;
  }

  /** A person should act. */
  void notice(String text) {
    emit(new Effect.Notice(text, true));
  }

  /** A person may want to know. */
  void remark(String text) {
    emit(new Effect.Notice(text, false));
  }

  @Nullable String reason() {
    return reason;
  }

  void reason(@Nullable String why) {
    reason = why;
  }

  /** The role, or what is known of it, changes for this reason; told with the change. */
  void cause(String why) {
    causes.add(why);
  }

  /** What led to the change that is announced now. */
  String takeCause() {
    lastCause = String.join("; ", causes);
    causes.clear();
    return lastCause;
  }

  String lastCause() {
    return lastCause;
  }

  void drop(DropReason why) {
    drops[why.ordinal()]++;
  }

  long drops(DropReason why) {
    return drops[why.ordinal()];
  }

  /** Room of this server's disk, as measured last. */
  DiskSpace diskSpace() {
    return diskSpace;
  }

  void diskSpace(DiskSpace space) {
    diskSpace = space;
  }

  /** Whether it has a history, or knows a membership of one. */
  boolean founded() {
    return !log.isEmpty() || promises.current().membership() != null;
  }

  /**
   * The membership by which votes and acks count: the newest that is known to be committed, or the
   * one of the founding, before which nothing could be committed. Null if neither is known.
   */
  @Nullable Membership electorate() {
    Membership newest = promises.current().membership();
    Membership delivered = log.deliveredMembership();
    if (delivered != null && (newest == null || delivered.zxid() > newest.zxid())) {
      newest = delivered;
    }
    return newest == null ? log.founding() : newest;
  }

  /** In force, or as configured. */
  Membership membership() {
    Membership inForce = electorate();
    return inForce == null ? config.configured() : inForce;
  }

  boolean isVoter() {
    return membership().isVoter(id());
  }

  /** Whether the peer said that it belongs to this node's ensemble. */
  boolean sameCluster(int peer) {
    Message.Hello hello = peers.hello(peer);
    return hello != null
        && hello.clusterId() != 0
        && hello.clusterId() == promises.current().clusterId();
  }

  /** Whether nothing that changes the history is under way: the position is a fact. */
  boolean atRest() {
    return rules.settled(writes.underWay());
  }

  /** The last entry that this node claims to have. */
  long claimedZxid() {
    return rules.claimed(log.durableZxid(), log.lastZxid());
  }

  /** Keeps a message until this node is at rest; a newer one of the same kind replaces it. */
  void defer(int from, Message message) {
    deferred.removeIf(other -> other.from() == from && other.message().kind() == message.kind());
    deferred.add(new Deferred(from, message));
  }

  void forgetDeferred(int from) {
    deferred.removeIf(other -> other.from() == from);
  }

  List<Deferred> takeDeferred() {
    List<Deferred> taken = new ArrayList<>(deferred);
    deferred.clear();
    return taken;
  }
}
