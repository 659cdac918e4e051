package io.quorate.server.replication;

import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Without a history. Either the ensemble does not exist, and is founded when all its voters are
 * there and none has a history; or it exists, and this node takes its cluster id and waits to be
 * synchronized: as one that lost what it knew, whose votes do not count (R14).
 *
 * <p>The founder is the voter with the lowest id. It draws the cluster id, saves it, offers it; the
 * others save it with an incarnation of their own and grant with that; then the founder stands in
 * an ordinary election, in which the incarnations granted count. A crash at any point leaves
 * identities without a history, which the next attempt takes over or replaces.
 */
final class Unfounded implements Role {
  private final NodeState node;

  /** As founder: incarnations of those that granted; null while nothing is offered. */
  private @Nullable TreeMap<Integer, Long> grants;

  private long nextOfferNanos;

  Unfounded(NodeState node) {
    this.node = node;
  }

  @Override
  public ReplicaStatus.Role name() {
    return ReplicaStatus.Role.UNFOUNDED;
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
  public void begin() {
    evaluate();
  }

  @Override
  public void onTick() {
    if (node.founded()) {
      node.roles().becomeSearching("heard of the membership of its ensemble");
      return;
    }
    evaluate();
    if (grants != null && node.now() - nextOfferNanos >= 0) {
      sendOffers();
    }
  }

  @Override
  public void onHello(int peer) {
    evaluate();
  }

  @Override
  public void onRest() {
    evaluate();
  }

  @Override
  public void onPeerDown(int peer, String reason) {
    if (configured().isVoter(peer)) {
      grants = null;
    }
  }

  private Membership configured() {
    return node.config().configured();
  }

  /** Looks whether there is an ensemble to join, or one to found. */
  private void evaluate() {
    if (node.halted() || node.founded() || !node.atRest()) {
      return;
    }
    for (int peer : node.peers().up()) {
      Message.Hello hello = node.peers().hello(peer);
      if (hello == null) {
        continue;
      }
      if (!hello.membership().isConfiguredLike(configured())) {
        node.halt(
            "the configured servers differ: here "
                + describe(configured())
                + ", at server "
                + peer
                + " "
                + describe(hello.membership()));
        return;
      }
      if (hello.founded() && hello.clusterId() != 0) {
        join(hello.clusterId());
        return;
      }
    }
    if (grants == null && isFounder() && allVotersPresent()) {
      found();
    }
  }

  static String describe(Membership membership) {
    List<String> members = new ArrayList<>();
    for (Member member : membership.members()) {
      members.add(
          member.id()
              + "="
              + member.host()
              + ":"
              + member.peerPort()
              + (member.voter() ? "" : " (observer)"));
    }
    return members.toString();
  }

  private void join(long clusterId) {
    if (node.promises().current().clusterId() != clusterId) {
      node.reason("joins an ensemble that exists; counts after it was synchronized");
      node.promises().make(identity(clusterId), new AfterSave.Nothing());
    }
  }

  /** A new life in that ensemble; what was promised stays promised. */
  private Promise identity(long clusterId) {
    Promise known = node.promises().current();
    return new Promise(
        clusterId, node.drawIdentity(), known.epoch(), known.votedFor(), known.membership());
  }

  private int lowestVoter() {
    for (Member member : configured().members()) {
      if (member.voter()) {
        return member.id();
      }
    }
    throw new IllegalStateException("no voter is configured");
  }

  private boolean isFounder() {
    return lowestVoter() == node.id();
  }

  private boolean allVotersPresent() {
    List<Integer> missing = new ArrayList<>();
    for (Member member : configured().members()) {
      boolean present = member.id() == node.id() || node.peers().hello(member.id()) != null;
      if (member.voter() && !present) {
        missing.add(member.id());
      }
    }
    if (!missing.isEmpty()) {
      node.reason("waits for voters " + missing + " to found the ensemble");
    }
    return missing.isEmpty();
  }

  private void found() {
    node.reason("founds the ensemble");
    grants = new TreeMap<>();
    Promise known = node.promises().current();
    if (known.clusterId() == 0) {
      node.promises().make(identity(node.drawIdentity()), new AfterSave.SendFoundingOffers());
    } else {
      node.promises().make(known, new AfterSave.SendFoundingOffers());
    }
  }

  @Override
  public void onPromised(AfterSave after) {
    if (after instanceof AfterSave.SendFoundingOffers && grants != null) {
      grants.put(node.id(), node.promises().durable().incarnation());
      sendOffers();
      standIfAllGranted();
    } else if (after instanceof AfterSave.SendFoundingGrant grant) {
      sendGrant(grant.founder(), grant.clusterId());
    }
  }

  private void sendOffers() {
    nextOfferNanos = node.now() + node.config().heartbeatNanos();
    TreeMap<Integer, Long> granted = grants;
    if (granted == null || !granted.containsKey(node.id())) {
      return;
    }
    for (Member member : configured().members()) {
      if (member.voter() && !granted.containsKey(member.id())) {
        node.send(
            member.id(),
            new Message.FoundingOffer(node.promises().durable().clusterId(), configured()));
      }
    }
  }

  @Override
  public void onMessage(int from, Message message) {
    if (message instanceof Message.FoundingOffer offer) {
      onOffer(from, offer);
    } else if (message instanceof Message.FoundingGrant grant) {
      onGrant(from, grant);
    }
  }

  private void onOffer(int from, Message.FoundingOffer offer) {
    boolean legal =
        from == lowestVoter()
            && offer.clusterId() != 0
            && offer.configured().isConfiguredLike(configured())
            && configured().isVoter(node.id());
    if (!legal || node.founded() || !node.atRest()) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    AfterSave after = new AfterSave.SendFoundingGrant(from, offer.clusterId());
    Promise known = node.promises().current();
    if (known.clusterId() != offer.clusterId()) {
      node.promises().make(identity(offer.clusterId()), after);
    } else if (node.promises().durable().clusterId() == offer.clusterId()) {
      sendGrant(from, offer.clusterId());
    }
  }

  private void sendGrant(int founder, long clusterId) {
    Promise durable = node.promises().durable();
    if (durable.clusterId() == clusterId && !node.founded()) {
      node.reason("granted the founding to server " + founder);
      node.send(founder, new Message.FoundingGrant(clusterId, durable.incarnation()));
    }
  }

  private void onGrant(int from, Message.FoundingGrant grant) {
    TreeMap<Integer, Long> granted = grants;
    if (granted == null
        || grant.clusterId() != node.promises().durable().clusterId()
        || grant.incarnation() == 0
        || !configured().isVoter(from)) {
      node.drop(DropReason.OUT_OF_PHASE);
      return;
    }
    granted.put(from, grant.incarnation());
    standIfAllGranted();
  }

  private void standIfAllGranted() {
    TreeMap<Integer, Long> granted = grants;
    if (granted == null || granted.size() < configured().voterCount()) {
      return;
    }
    Invariant.check(node.log().isEmpty(), "a founder with a history");
    Membership founding = configured();
    long epoch = node.promises().current().epoch();
    for (Member member : configured().members()) {
      Long incarnation = granted.get(member.id());
      if (incarnation != null) {
        founding = founding.withIncarnation(member.id(), incarnation);
      }
      Message.Hello hello = node.peers().hello(member.id());
      epoch = hello == null ? epoch : Math.max(epoch, hello.epoch());
    }
    node.roles().becomeFoundingCandidate(epoch + 1, founding);
  }
}
