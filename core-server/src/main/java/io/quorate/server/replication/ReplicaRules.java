package io.quorate.server.replication;

import io.quorate.server.replication.quorum.Majority;

/**
 * The few decisions on which safety hangs, one method each, so that the simulator can put a broken
 * one in their place and prove that it finds it. Production uses {@link #TRUE}; nothing else
 * belongs here.
 */
public interface ReplicaRules {
  /** The rules as they must be. */
  ReplicaRules TRUE = new ReplicaRules() {};

  /**
   * Up to which zxid a node may say that its log is durable: in an ack, in its position, and as a
   * leader to itself.
   *
   * @param durableZxid what storage has confirmed
   * @param writtenZxid last entry handed to storage
   * @param epochZxid epoch record of the epoch that is led or followed, received or not
   */
  default long acknowledged(long durableZxid, long writtenZxid, long epochZxid) {
    return durableZxid;
  }

  /**
   * Whether clients get no answer for now.
   *
   * @param unheard whether it is not worked out yet which events precede whatever shows the newest
   *     entry
   */
  default boolean clientsWait(boolean unheard) {
    return unheard;
  }

  /**
   * Up to which time a leader takes znodes for due.
   *
   * @param logMillis what it would stamp into an entry now
   */
  default long dueUpTo(long logMillis) {
    return logMillis;
  }

  /** The way to synchronize a follower; see {@link SyncPlan#choose}. */
  default SyncPlan plan(
      LogIdentifiers leader, long snapshotZxid, long snapshotHash, Message.Position position) {
    return SyncPlan.choose(leader, snapshotZxid, snapshotHash, position);
  }

  /**
   * The last entry that a node claims, in a position or an election.
   *
   * @param durableZxid what storage has confirmed
   * @param writtenZxid last entry handed to storage
   */
  default long claimed(long durableZxid, long writtenZxid) {
    return durableZxid;
  }

  /**
   * Whether a node may claim a position although writes of an earlier role are still under way. A
   * double that breaks {@link #claimed} or {@link #durableAfter} breaks this too: otherwise they
   * never see such a write.
   *
   * @param staleWrites number of those writes
   */
  default boolean settled(int staleWrites) {
    return staleWrites == 0;
  }

  /**
   * What is durable after a completed append.
   *
   * @param current whether the append belongs to the present role
   * @param completedZxid last entry of the append
   * @param durableZxid durable so far
   * @param writtenZxid last entry handed to storage
   */
  default long durableAfter(
      boolean current, long completedZxid, long durableZxid, long writtenZxid) {
    return current ? completedZxid : durableZxid;
  }

  /** Whether two servers have the same state after the same zxid. */
  default boolean sameState(StateDigest one, StateDigest other) {
    return one.digest() == other.digest() && one.version() == other.version();
  }

  /** Whether a server whose state is the first must rebuild it; the other is a majority's. */
  default boolean mustRebuild(StateDigest own, StateDigest expected) {
    return !sameState(own, expected);
  }

  /**
   * Whether a snapshot of the state after that zxid may be kept.
   *
   * @param agreedZxid newest zxid at which the state was known to agree with the others
   */
  default boolean mayKeepSnapshot(long zxid, long agreedZxid) {
    return zxid <= agreedZxid;
  }

  /**
   * Up to which zxid a server that diverged may use its own snapshots to rebuild its state.
   *
   * @param agreedZxid newest zxid at which its state was known to agree with the others
   */
  default long trustedUpTo(long agreedZxid) {
    return agreedZxid;
  }

  /** Whether votes and acks of that life of a server count. */
  default boolean counts(Membership membership, int id, long incarnation) {
    return membership.counts(id, incarnation);
  }

  /**
   * Up to which round those who wait for one are answered.
   *
   * @param answeredRound newest one that a majority of the voters has answered
   * @param begunRound newest one begun
   */
  default long confirmedRound(long answeredRound, long begunRound) {
    return answeredRound;
  }

  /**
   * What a majority of the voters has reached: an entry made durable, a round answered.
   *
   * @param reachedByMember in the order of {@code membership.members()}; observers are among them
   *     and must not count
   */
  default long reachedByQuorum(Membership membership, long[] reachedByMember) {
    long[] reached = new long[membership.voterCount()];
    int voter = 0;
    for (int i = 0; i < reachedByMember.length; i++) {
      if (membership.members().get(i).voter()) {
        reached[voter++] = reachedByMember[i];
      }
    }
    return Majority.reachedByMajority(reached);
  }
}
