package io.quorate.server.replication;

import io.quorate.server.base.Invariant;
import io.quorate.server.replication.quorum.VoteResult;
import io.quorate.server.replication.quorum.VoteTally;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Without a leader. Asks around whether it could win (pre-vote), which promises nothing; only then
 * stands, which costs an epoch. One that does not count as a voter just waits for a leader to show
 * itself.
 */
final class Looking implements Role {
  /** What it is doing. */
  private enum Stage {
    /** Asks who would vote for it. */
    PRE_VOTE,
    /** Promised an epoch to itself; collects votes. */
    VOTE,
    /** Gave its vote to another, or may not stand: waits. */
    WAIT
  }

  private static final int NOBODY = 0;

  /** How long a server that is low on disk space lets others stand first. */
  private static final int TIMEOUTS_OF_YIELDING = 2;

  private final NodeState node;
  private final ElectionTimer timer;
  private final long startedNanos;
  private Stage stage = Stage.WAIT;

  /** The candidate that got this node's vote, as long as it is given time to show itself. */
  private int expected = NOBODY;

  private long expectedUntilNanos;

  /** Counts pre-votes; replies to earlier ones do not count. */
  private long round;

  private VoteTally tally = new VoteTally(1);

  /** In which it stands, or will stand. */
  private long epoch;

  private long greatestEpochHeard;

  /** Of the founding that this candidate stands for; null in every other election. */
  private @Nullable Membership founding;

  private boolean roll;

  private Looking(NodeState node) {
    this.node = node;
    timer = new ElectionTimer(node.random());
    startedNanos = node.now();
  }

  static Looking searching(NodeState node) {
    return new Looking(node);
  }

  static Looking voterOf(NodeState node, int candidate) {
    Looking looking = new Looking(node);
    looking.expected = candidate;
    looking.expectedUntilNanos = node.now() + node.config().electionTimeoutMinNanos();
    return looking;
  }

  static Looking candidate(NodeState node, long epoch, Membership electorate, boolean roll) {
    Looking looking = new Looking(node);
    looking.stage = Stage.VOTE;
    looking.epoch = epoch;
    looking.founding = node.founded() ? null : electorate;
    looking.roll = roll;
    return looking;
  }

  @Override
  public ReplicaStatus.Role name() {
    return ReplicaStatus.Role.LOOKING;
  }

  @Override
  public int leaderId() {
    return 0;
  }

  @Override
  public long epoch() {
    return node.promises().durable().epoch();
  }

  @Override
  public String waitsFor() {
    Membership electorate = node.membership();
    List<Integer> wiped = new ArrayList<>();
    int reachable = 0;
    int counting = 0;
    for (Member member : electorate.members()) {
      if (!member.voter()) {
        continue;
      }
      boolean self = member.id() == node.id();
      Message.Hello hello = node.peers().hello(member.id());
      if (!self && hello == null) {
        continue;
      }
      reachable++;
      long incarnation =
          self || hello == null ? node.promises().durable().incarnation() : hello.incarnation();
      boolean counts = node.rules().counts(electorate, member.id(), incarnation);
      counting += counts ? 1 : 0;
      if (!counts) {
        wiped.add(member.id());
      }
    }
    int voters = electorate.voterCount();
    String present = reachable + " of " + voters + " voters reachable";
    if (voters - wiped.size() < electorate.majority()) {
      return "a majority of the voters lost its data (servers "
          + wiped
          + " do not vote), so no leader can be elected; give one of them its data directory back,"
          + " or found a new ensemble";
    }
    if (!mayStand()) {
      return node.isVoter()
          ? "does not vote yet: it lost its data, and votes again once a leader has synchronized it"
              + " and an entry names its new incarnation; "
              + present
          : "observer that waits for a leader; " + present;
    }
    return "waits for a leader: "
        + present
        + (wiped.isEmpty() ? "" : ", of which " + wiped + " lost their data and do not vote yet")
        + (counting < electorate.majority()
            ? "; " + electorate.majority() + " that vote are needed"
            : node.lastCause().isEmpty() ? "" : "; since: " + node.lastCause());
  }

  @Override
  public boolean hearsOtherLeader(int candidate) {
    if (stage == Stage.VOTE) {
      return true;
    }
    return expected != NOBODY && expected != candidate && node.now() - expectedUntilNanos < 0;
  }

  @Override
  public void begin() {
    if (stage == Stage.VOTE) {
      stand();
    } else if (expected != NOBODY) {
      restartLong();
    } else {
      askAround();
    }
  }

  private void restartLong() {
    timer.restart(
        node.now(),
        node.config().electionTimeoutMinNanos(),
        node.config().electionTimeoutMaxNanos());
  }

  private void restartShort() {
    long min = node.config().electionTimeoutMinNanos();
    timer.restart(node.now(), min / 4, min / 2);
  }

  /** Whether it may stand: it counts, as far as it knows. */
  boolean mayStand() {
    Membership electorate = node.electorate();
    return electorate != null
        && node.rules().counts(electorate, node.id(), node.promises().durable().incarnation());
  }

  @Override
  public void onTick() {
    if (!timer.expired(node.now())) {
      return;
    }
    if (!node.founded()) {
      node.roles().becomeSearching("the founding came to nothing");
      return;
    }
    expected = NOBODY;
    askAround();
  }

  @Override
  public void onRest() {
    if (stage == Stage.WAIT && expected == NOBODY) {
      askAround();
    }
  }

  @Override
  public void onPeerDown(int peer, String reason) {
    if (peer == expected) {
      expected = NOBODY;
      if (node.founded()) {
        askAround();
      }
    }
  }

  @Override
  public void onHello(int peer) {
    if (stage == Stage.PRE_VOTE) {
      sendPreVote(peer);
    } else if (stage == Stage.VOTE && node.promises().durable().epoch() == epoch) {
      sendVoteRequest(peer);
    } else if (stage == Stage.WAIT && expected == NOBODY) {
      askAround();
    }
  }

  private void askAround() {
    restartShort();
    stage = Stage.WAIT;
    if (!mayStand()) {
      node.reason(
          node.isVoter()
              ? "does not count as a voter until its new incarnation is committed"
              : "observer without a leader");
      return;
    }
    if (yieldsForSpace()) {
      node.reason("low on disk space: lets another server stand first");
      return;
    }
    if (!node.atRest() || node.storageHangs()) {
      return;
    }
    stage = Stage.PRE_VOTE;
    round++;
    founding = null;
    roll = false;
    greatestEpochHeard = node.promises().current().epoch();
    Membership electorate = node.membership();
    tally = new VoteTally(electorate.voterCount());
    tally.note(node.id(), true);
    node.reason("looks for a leader");
    for (Member member : electorate.members()) {
      sendPreVote(member.id());
    }
    standIfWon();
  }

  /**
   * Whether another voter with more room on its disk gets the chance to lead. It may be behind, so
   * this ends after a while.
   */
  private boolean yieldsForSpace() {
    DiskSpace own = node.diskSpace();
    long patience = TIMEOUTS_OF_YIELDING * node.config().electionTimeoutMaxNanos();
    if (own.isAmple() || node.now() - startedNanos >= patience) {
      return false;
    }
    for (Member member : node.membership().members()) {
      boolean other = member.voter() && member.id() != node.id();
      if (other
          && node.peers().isUp(member.id())
          && node.peers().space(member.id()).isBetterThan(own)) {
        return true;
      }
    }
    return false;
  }

  private void sendPreVote(int peer) {
    if (peer != node.id() && node.membership().isVoter(peer) && node.sameCluster(peer)) {
      node.send(peer, new Message.PreVote(round, round == 1, node.claimedZxid()));
    }
  }

  /**
   * A peer looks for a leader too, with less claim to be it.
   *
   * @return whether it should be refused for that
   */
  boolean outranks(int peer, Message.PreVote theirs) {
    boolean ties = theirs.first() && mayStand() && stage != Stage.WAIT;
    boolean outranked = ties && theirs.lastZxid() == node.claimedZxid() && node.id() > peer;
    if ((outranked || theirs.lastZxid() < node.claimedZxid()) && stage == Stage.PRE_VOTE) {
      // It may have refused this node because it still heard of the leader then.
      sendPreVote(peer);
    }
    return outranked;
  }

  @Override
  public void onMessage(int from, Message message) {
    if (message instanceof Message.PreVoteReply reply) {
      onPreVoteReply(from, reply);
    } else if (message instanceof Message.VoteReply reply) {
      onVoteReply(from, reply);
    }
  }

  private void onPreVoteReply(int from, Message.PreVoteReply reply) {
    greatestEpochHeard = Math.max(greatestEpochHeard, reply.epoch());
    if (stage != Stage.PRE_VOTE || reply.round() != round) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    if (reply.granted() && node.rules().counts(node.membership(), from, reply.incarnation())) {
      tally.note(from, true);
      standIfWon();
    }
  }

  private void standIfWon() {
    if (tally.result() == VoteResult.WON) {
      stage = Stage.VOTE;
      epoch = Math.max(greatestEpochHeard, node.promises().current().epoch()) + 1;
      stand();
    }
  }

  private void stand() {
    restartLong();
    tally = new VoteTally(electorate().voterCount());
    node.promises().promise(epoch, node.id(), new AfterSave.AskForVotes(epoch));
  }

  private Membership electorate() {
    return founding == null ? node.membership() : founding;
  }

  @Override
  public void onPromised(AfterSave after) {
    if (after instanceof AfterSave.SendVote vote) {
      if (vote.candidate() == expected && node.promises().current().epoch() == vote.epoch()) {
        node.send(
            vote.candidate(),
            new Message.VoteReply(
                vote.epoch(),
                true,
                node.promises().durable().epoch(),
                node.promises().durable().incarnation()));
      }
    } else if (after instanceof AfterSave.AskForVotes ask) {
      if (stage == Stage.VOTE && ask.epoch() == epoch) {
        Invariant.check(node.atRest(), "stands while its own writes are under way");
        for (Member member : electorate().members()) {
          sendVoteRequest(member.id());
        }
        note(node.id(), true, node.promises().durable().incarnation());
      }
    }
  }

  private void sendVoteRequest(int peer) {
    if (peer != node.id() && electorate().isVoter(peer) && node.sameCluster(peer)) {
      node.send(peer, new Message.VoteRequest(epoch, node.claimedZxid(), roll));
    }
  }

  private void onVoteReply(int from, Message.VoteReply reply) {
    greatestEpochHeard = Math.max(greatestEpochHeard, reply.promised());
    if (stage != Stage.VOTE || reply.epoch() != epoch) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    note(from, reply.granted(), reply.incarnation());
  }

  private void note(int voter, boolean granted, long incarnation) {
    if (!node.rules().counts(electorate(), voter, incarnation)) {
      return;
    }
    tally.note(voter, granted);
    if (tally.result() == VoteResult.WON) {
      node.roles().becomeLeader(epoch, electorate(), tally.toString());
    } else if (tally.result() == VoteResult.LOST) {
      node.reason("lost the election of epoch " + epoch + ": " + tally);
      node.remark("lost the election of epoch " + epoch + ": votes " + tally);
      stage = Stage.WAIT;
      restartShort();
    }
  }
}
