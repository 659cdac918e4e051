package io.quorate.server.replication;

import io.quorate.server.base.Invariant;

/**
 * The only place where the role changes.
 *
 * <pre>
 *   from        to          on
 *   ----------  ----------  ------------------------------------------------------------------
 *   (start)     Unfounded   no history and no membership known
 *   (start)     Looking     else
 *   Unfounded   Looking     founder: all voters granted; voter: it gave its vote to the founder
 *   Unfounded   Follower    a leader of its ensemble asks for its position
 *   Looking     Leader      a quorum voted for it
 *   Looking     Follower    a leader of an epoch not below the promised one shows itself
 *   Looking     Looking     it gives its vote to another
 *   Looking     Unfounded   the founding came to nothing
 *   Follower    Looking     its leader is gone or silent; it gives its vote to another
 *   Follower    Follower    a leader of a higher epoch shows itself
 *   Leader      Looking     no quorum answers; a quorum promised a higher epoch; epoch roll
 *   Leader      Follower    a leader of a higher epoch shows itself
 * </pre>
 *
 * <p>Each transition begins a new generation of writes, so that what the old role still has under
 * way can't speak for the new one.
 */
final class RoleTransitions {
  private final NodeState node;
  private Role current;
  private long count;

  RoleTransitions(NodeState node) {
    this.node = node;
    current = new Unfounded(node);
  }

  Role current() {
    return current;
  }

  /** Rises with each transition. */
  long count() {
    return count;
  }

  /** Without a leader: looks for one, or for an ensemble. */
  void becomeSearching(String why) {
    node.reason(why);
    node.cause(why);
    if (node.founded()) {
      become(Looking.searching(node));
    } else {
      become(new Unfounded(node));
    }
  }

  /** Gives its vote to {@code candidate} and waits for what becomes of it. */
  void becomeVoterOf(int candidate, long epoch) {
    node.reason("gave its vote to server " + candidate + " in epoch " + epoch);
    node.cause("gave its vote to server " + candidate + " in epoch " + epoch);
    become(Looking.voterOf(node, candidate));
    node.promises().promise(epoch, candidate, new AfterSave.SendVote(candidate, epoch));
  }

  /** Founder: asks for the votes of the very first epoch. */
  void becomeFoundingCandidate(long epoch, Membership founding) {
    Invariant.check(!node.founded(), "a founded node founds");
    node.reason("stands for the first epoch");
    node.cause("founds the ensemble: every voter is there and none has a history");
    become(Looking.candidate(node, epoch, founding, false));
  }

  /** A leader whose epoch comes to its end asks for the votes of the next. */
  void becomeRollingCandidate(long epoch) {
    Invariant.check(
        current instanceof Leader && epoch > current.epoch(), "no leader below epoch %d", epoch);
    String why = node.reason();
    node.cause(why == null ? "changes the epoch to " + epoch : why);
    node.reason("changes the epoch to " + epoch);
    become(Looking.candidate(node, epoch, node.membership(), true));
  }

  /**
   * A quorum voted for it.
   *
   * @param votes who, for people
   */
  void becomeLeader(long epoch, Membership electorate, String votes) {
    Invariant.check(
        current instanceof Looking, "became leader of epoch %d without an election", epoch);
    Promise promise = node.promises().durable();
    Invariant.check(
        promise.epoch() == epoch && promise.votedFor() == node.id(),
        "leader of epoch %d, but promised %d to %d",
        epoch,
        promise.epoch(),
        promise.votedFor());
    node.reason(null);
    node.cause("elected leader of epoch " + epoch + ": votes " + votes);
    node.staging().drop();
    become(new Leader(node, epoch, electorate));
  }

  /** The epoch is promised already, perhaps not yet durably. */
  void becomeFollower(int leader, long epoch) {
    Invariant.check(
        node.promises().current().epoch() == epoch,
        "follows epoch %d, but promised %d",
        epoch,
        node.promises().current().epoch());
    node.reason(null);
    node.cause("server " + leader + " leads epoch " + epoch);
    become(new Follower(node, leader, epoch));
  }

  private void become(Role next) {
    current = next;
    count++;
    node.writes().newGeneration();
    next.begin();
  }
}
