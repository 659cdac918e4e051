package io.quorate.server.replication;

import io.quorate.server.base.Invariant;

/**
 * How a node answers those who want to lead, whatever its own role is.
 *
 * <p>It answers by its position only when it is at rest; until then the question waits.
 */
final class Voter {
  private final NodeState node;

  Voter(NodeState node) {
    this.node = node;
  }

  void onPreVote(int from, Message.PreVote question) {
    if (!node.isVoter()) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    if (node.role() instanceof Leader leader) {
      leader.lostFollower(from);
    }
    if (node.role() instanceof Follower && node.role().leaderId() == from) {
      // It gave up, for want of acks perhaps, which it may go on not hearing: no use in waiting.
      node.roles().becomeSearching("leader " + from + " looks for a leader itself");
    }
    boolean hears = node.role().hearsOtherLeader(from);
    if (!hears && !node.atRest()) {
      node.defer(from, question);
      return;
    }
    boolean outranked =
        !hears && node.role() instanceof Looking looking && looking.outranks(from, question);
    boolean granted = !hears && !outranked && question.lastZxid() >= node.claimedZxid();
    Promise durable = node.promises().durable();
    node.send(
        from,
        new Message.PreVoteReply(
            question.round(), granted, durable.epoch(), durable.incarnation()));
  }

  void onVoteRequest(int from, Message.VoteRequest request) {
    if (!node.isVoter()) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    if (node.role() instanceof Leader leader) {
      leader.lostFollower(from);
    }
    Promise promised = node.promises().current();
    boolean free =
        request.epoch() > promised.epoch()
            || (request.epoch() == promised.epoch() && promised.votedFor() == from);
    if (!free || node.role().hearsOtherLeader(from)) {
      refuse(from, request);
      return;
    }
    if (!node.atRest()) {
      node.defer(from, request);
      return;
    }
    if (request.lastZxid() < node.claimedZxid()) {
      refuse(from, request);
      return;
    }
    node.roles().becomeVoterOf(from, request.epoch());
  }

  private void refuse(int candidate, Message.VoteRequest request) {
    Promise durable = node.promises().durable();
    node.send(
        candidate,
        new Message.VoteReply(request.epoch(), false, durable.epoch(), durable.incarnation()));
  }

  /**
   * A server says that a quorum voted for it in that epoch. Such a claim is never a lie, so it also
   * ends a leadership of a lower epoch.
   */
  void onLeader(int from, long epoch) {
    Role role = node.role();
    Promise promised = node.promises().current();
    if (epoch < promised.epoch()) {
      Promise durable = node.promises().durable();
      if (durable.epoch() > epoch) {
        node.send(from, new Message.EpochRefused(epoch, durable.epoch(), durable.incarnation()));
      }
      node.drop(DropReason.OLD_EPOCH);
      return;
    }
    boolean ledHere = role.leaderId() != 0 && role.epoch() == epoch;
    Invariant.check(
        !ledHere || role.leaderId() == from,
        "servers %d and %d both lead epoch %d",
        role.leaderId(),
        from,
        epoch);
    if (ledHere && role instanceof Follower follower) {
      follower.askedForPosition();
      return;
    }
    node.forgetDeferred(from); // what it asked before it led
    if (epoch > promised.epoch()) {
      node.promises().promise(epoch, from, new AfterSave.SendPosition(epoch));
    }
    node.roles().becomeFollower(from, epoch);
  }
}
