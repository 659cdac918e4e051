package io.quorate.server.replication;

import io.quorate.data.Zxid;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a majority of the voters has reached, as one leader sees it: entries made durable, rounds
 * answered, signs of life. Observers and servers whose present life does not count are left out of
 * every one of them.
 */
final class LeaderQuorum {
  private final NodeState node;
  private final Followers followers;
  private final long epochZxid;

  LeaderQuorum(NodeState node, Followers followers, long epochZxid) {
    this.node = node;
    this.followers = followers;
    this.epochZxid = epochZxid;
  }

  /** The greatest zxid of this leader's chain that a majority has durable. */
  long durableZxid() {
    return reached(this::durableAt);
  }

  private long durableAt(Member member) {
    if (member.id() == node.id()) {
      LogView log = node.log();
      return counts(member, node.promises().durable().incarnation())
          ? node.rules().acknowledged(log.durableZxid(), log.lastZxid(), epochZxid)
          : Zxid.NONE;
    }
    Progress follower = followers.get(member.id());
    return follower != null && counts(member, follower.incarnation())
        ? follower.matchedZxid()
        : Zxid.NONE;
  }

  /** The newest round that a majority has answered. */
  long round(Rounds rounds) {
    return reached(member -> answered(member, rounds));
  }

  private long answered(Member member, Rounds rounds) {
    if (member.id() == node.id()) {
      return rounds.begun();
    }
    Progress follower = followers.get(member.id());
    return follower != null && counts(member, follower.incarnation()) ? follower.round() : 0;
  }

  /** Whether a majority was heard of within the longest silence that an election waits for. */
  boolean heard() {
    return reached(member -> heardRecently(member) ? 1 : 0) > 0;
  }

  private boolean heardRecently(Member member) {
    if (member.id() == node.id()) {
      return true;
    }
    Progress follower = followers.get(member.id());
    boolean mayCount =
        follower == null || follower.incarnation() == 0 || counts(member, follower.incarnation());
    long silence = node.now() - followers.heardNanos(member.id());
    return mayCount && silence < node.config().electionTimeoutMaxNanos();
  }

  private boolean counts(Member member, long incarnation) {
    return node.rules().counts(node.membership(), member.id(), incarnation);
  }

  private long reached(ToLongFunction<Member> byMember) {
    Membership membership = node.membership();
    List<Member> members = membership.members();
    long[] reached = new long[members.size()];
    for (int i = 0; i < reached.length; i++) {
      reached[i] = byMember.applyAsLong(members.get(i));
    }
    return node.rules().reachedByQuorum(membership, reached);
  }
}
