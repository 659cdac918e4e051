package io.quorate.server.replication;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What one leader makes of the disk space of the voters: how much room a quorum has, which it tells
 * the others, and whether another voter should lead.
 *
 * <p>The room of the ensemble is the one that a majority has at least. A voter without a link has
 * none to offer, so two of three count for what the worse of them has.
 */
final class LeaderSpace {
  /** A leader that got no chance before this many election timeouts is not to hand over at once. */
  private static final int TIMEOUTS_BEFORE_HANDOVER = 2;

  private final NodeState node;
  private final Followers followers;
  private final long epoch;
  private final long startedNanos;
  private DiskSpace room = DiskSpace.UNKNOWN;
  private DiskSpace told = DiskSpace.UNKNOWN;

  LeaderSpace(NodeState node, Followers followers, long epoch) {
    this.node = node;
    this.followers = followers;
    this.epoch = epoch;
    startedNanos = node.now();
  }

  /** What a majority of the voters has at least, as of the last tick. */
  DiskSpace room() {
    return room;
  }

  void onTick() {
    room = reachedByMajority();
    if (room.level() != told.level()) {
      tell();
    }
  }

  private DiskSpace reachedByMajority() {
    List<DiskSpace> spaces = new ArrayList<>();
    Membership membership = node.membership();
    for (Member member : membership.members()) {
      if (member.voter() && (member.id() == node.id() || node.peers().isUp(member.id()))) {
        spaces.add(spaceOf(member.id()));
      }
    }
    spaces.sort(
        Comparator.comparing(DiskSpace::level)
            .thenComparing(DiskSpace::usableBytes, Comparator.reverseOrder()));
    int needed = Math.min(membership.majority(), spaces.size());
    return needed == 0 ? node.diskSpace() : spaces.get(needed - 1);
  }

  private DiskSpace spaceOf(int id) {
    return id == node.id() ? node.diskSpace() : node.peers().space(id);
  }

  /** With each heartbeat: tells the room as long as it is not ample, and once when it is again. */
  void tell() {
    if (room.isAmple() && told.isAmple()) {
      return;
    }
    told = room;
    for (Progress follower : followers.all()) {
      node.send(follower.peer(), new Message.WriteRoom(epoch, room));
    }
  }

  /** Whether a voter that has everything has more room than this leader. */
  boolean isBetterElsewhere() {
    long patience = TIMEOUTS_BEFORE_HANDOVER * node.config().electionTimeoutMaxNanos();
    if (node.diskSpace().isAmple() || node.now() - startedNanos < patience) {
      return false;
    }
    Membership membership = node.membership();
    for (Progress follower : followers.all()) {
      if (membership.isVoter(follower.peer())
          && follower.mode() == Progress.Mode.STREAM
          && follower.matchedZxid() >= node.log().committedZxid()
          && node.rules().counts(membership, follower.peer(), follower.incarnation())
          && node.peers().space(follower.peer()).isBetterThan(node.diskSpace())) {
        return true;
      }
    }
    return false;
  }

  /** The last word of a leader that hands over: they need not wait until it is silent. */
  void sayFarewell() {
    for (Progress follower : followers.all()) {
      node.send(follower.peer(), new Message.SteppingDown(epoch));
    }
  }
}
