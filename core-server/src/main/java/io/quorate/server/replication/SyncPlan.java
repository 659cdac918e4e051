package io.quorate.server.replication;

import io.quorate.data.Zxid;

/**
 * How a follower's history becomes a prefix of the leader's.
 *
 * <p>Chosen by {@link #choose} from exact identifiers, never from a range of zxids (R1).
 *
 * @param kind the way
 * @param zxid the entry after which the leader sends: the follower's last one for {@link
 *     Kind#NOTHING} and {@link Kind#DIFF}, where to cut for both cuts, the snapshot's for {@link
 *     Kind#SNAP}
 * @param hash chain hash of that entry in the leader's history
 */
public record SyncPlan(Kind kind, long zxid, long hash) {

  /** The five ways. */
  public enum Kind {
    /** Both histories are equal. */
    NOTHING(1),
    /** The follower's history is a prefix: send what is missing. */
    DIFF(2),
    /** The follower has entries that the leader has not: cut them; then they are equal. */
    TRUNC(3),
    /** Cut, then send what is missing. */
    TRUNC_DIFF(4),
    /** The leader no longer has what connects them: send the state, then what follows it. */
    SNAP(5);

    private final byte wireNumber;

    Kind(int wireNumber) {
      this.wireNumber = (byte) wireNumber;
    }

    public byte wireNumber() {
      return wireNumber;
    }

    /** The kind with that number; refuses unknown numbers. */
    public static Kind ofWireNumber(int number) {
      for (Kind kind : values()) {
        if (kind.wireNumber == number) {
          return kind;
        }
      }
      throw new IllegalArgumentException("unknown kind of synchronization " + number);
    }
  }

  /**
   * The way for a follower with that position.
   *
   * <p>Two histories of one ensemble are equal up to some entry and share none after it. An epoch
   * has one leader, so both have the same entries of an epoch as far as both go: the greatest
   * common entry is the follower's last one of some epoch, if the leader has it, or else the
   * leader's last one of the same epoch below it. The follower verifies the hash before it cuts.
   *
   * @param leader identifiers of the leader's log
   * @param snapshotZxid of the leader's newest snapshot, {@link Zxid#NONE} if it has none
   * @param snapshotHash chain hash at that snapshot
   */
  public static SyncPlan choose(
      LogIdentifiers leader, long snapshotZxid, long snapshotHash, Message.Position position) {
    if (leader.contains(position.lastZxid(), position.lastHash())) {
      Kind kind = position.lastZxid() == leader.lastZxid() ? Kind.NOTHING : Kind.DIFF;
      return new SyncPlan(kind, position.lastZxid(), position.lastHash());
    }
    for (int i = position.boundaries().size() - 1; i >= 0; i--) {
      EpochBoundary theirs = position.boundaries().get(i);
      if (theirs.lastZxid() < leader.baseZxid()) {
        break;
      }
      EpochBoundary ours = leader.floor(theirs.lastZxid());
      boolean sameEpoch = Zxid.epoch(ours.lastZxid()) == Zxid.epoch(theirs.lastZxid());
      boolean diverged = ours.lastZxid() == theirs.lastZxid() && !ours.equals(theirs);
      if (sameEpoch && !diverged) {
        return cutTo(leader, ours);
      }
    }
    if (leader.baseZxid() == Zxid.NONE) {
      return cutTo(leader, new EpochBoundary(Zxid.NONE, leader.baseHash()));
    }
    return new SyncPlan(Kind.SNAP, snapshotZxid, snapshotHash);
  }

  private static SyncPlan cutTo(LogIdentifiers leader, EpochBoundary common) {
    Kind kind = common.lastZxid() == leader.lastZxid() ? Kind.TRUNC : Kind.TRUNC_DIFF;
    return new SyncPlan(kind, common.lastZxid(), common.chainHash());
  }
}
