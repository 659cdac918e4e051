package io.quorate.server.divergence;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import io.quorate.server.divergence.DigestRound.Verdict;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Message;
import io.quorate.server.replication.ReplicaRules;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.StateDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares this server's state with that of the others, at equal zxids, all the time.
 *
 * <pre>
 *   leader    every 200 ms, and at once when a state was found to differ: question
 *             (zxid that it has applied; the newest state that a majority agrees on; alarm)
 *   others    when they have applied that zxid: answer (state after it)
 *   all       compare the state agreed on with their own after the same zxid
 * </pre>
 *
 * <p>Each server judges itself: whoever differs from what a majority of all voters agrees on stops
 * and rebuilds, whether it leads, follows or observes. The leader raises the alarm if no majority
 * can agree, or a server differs again after it was rebuilt. While the alarm lasts nothing is
 * proposed; it ends with a round in which nobody differs.
 *
 * <p>What is compared was applied, so it is committed: one zxid means one prefix of the log on
 * every server. A server that loads a snapshot, or has not come so far, does not answer yet. The
 * version in force is part of the state. Confined to the node thread; time is monotonic, in
 * nanoseconds.
 */
public final class DigestExchange {
  /** Between two questions of a leader. */
  public static final long ROUND_NANOS = 200_000_000L;

  /** For so long a difference may wait for the answers that could decide it. */
  public static final long PATIENCE_NANOS = 500_000_000L;

  /** A round without a majority and without a difference is forgotten after so long. */
  static final long ROUND_NANOS_MAX = 5_000_000_000L;

  /** Questions that wait until this server has applied what they ask for. */
  static final int WAITING_MAX = 16;

  /** Applied entries that can be looked back upon. */
  static final int RING_ENTRIES = 16_384;

  /** A proposed version is given so long to be applied before it is proposed again. */
  private static final long RAISE_NANOS = 1_000_000_000L;

  /** What the exchange wants done. */
  public interface Port {
    /** The state as it is at this moment; null while one is loaded. */
    @Nullable StateDigest present();

    void send(int peer, Message message);

    /** This server's state is wrong: stop, and rebuild it. Nothing of this object matters then. */
    void diverged(Divergence divergence);

    /** A rebuilt state was found to agree: it may be shown. */
    void trusted();

    /** {@link #alarmZxid} changed. */
    void alarmChanged(String text);

    /** As leader: all members know this version, which is above the one in force. */
    void raiseVersion(int version);

    /** The ensemble's version in force is not known here: stop. */
    void unsupported(int version);

    /**
     * For people.
     *
     * @param urgent whether somebody should act
     */
    void notice(String text, boolean urgent);
  }

  private final int nodeId;
  private final int supportedVersion;
  private final ReplicaRules rules;
  private final Port port;
  private final DigestRing ring = new DigestRing(RING_ENTRIES);
  private final VersionSupport support = new VersionSupport();

  // --- what is known of the own state ---

  /** Why the present life began with a rebuild; null if it did not. */
  private @Nullable Divergence rebuilt;

  /**
   * Snapshot that the state was loaded from; {@link Zxid#NONE} if it began empty. It was found to
   * agree before it was written.
   */
  private long loadedZxid = Zxid.NONE;

  /** Newest zxid at which the own state was the one agreed on, in this life. */
  private long agreedZxid = Zxid.NONE;

  private boolean stillDiffers;
  private boolean over;

  // --- as leader ---

  private boolean leading;
  private long epoch;
  private long rounds;
  private long nextRoundNanos;
  private long nextRaiseNanos;
  private final List<DigestRound> open = new ArrayList<>();

  /** Newest state that a majority agreed on. */
  private StateDigest agreed = StateDigest.NONE;

  private long alarmZxid = Zxid.NONE;
  private long alarmNanos;

  // --- as follower ---

  private final List<Waiting> waiting = new ArrayList<>();

  private record Waiting(int leader, Message.DigestQuestion question) {}

  /**
   * @param supportedVersion newest version of the state machine that this server knows
   */
  public DigestExchange(int nodeId, int supportedVersion, ReplicaRules rules, Port port) {
    this.nodeId = nodeId;
    this.supportedVersion = supportedVersion;
    this.rules = rules;
    this.port = port;
  }

  // --- the own state -----------------------------------------------------------------------------

  /** This life begins with a state that was rebuilt because it had diverged. */
  public void rebuiltAfter(Divergence divergence) {
    rebuilt = divergence;
  }

  /** An entry was applied; this is the state after it. */
  public void applied(long zxid, int version, long digest) {
    ring.add(zxid, version, digest);
  }

  /** The state is being replaced by that of a snapshot. */
  public void loading() {
    ring.clear();
    agreedZxid = Zxid.NONE;
  }

  /** The state is that of a snapshot now. */
  public void loaded(long zxid, int version, long digest) {
    ring.clear();
    ring.add(zxid, version, digest);
    loadedZxid = zxid;
  }

  /** A walk over the state after {@code view} gave another digest than the rolling one. */
  public void alteredInMemory(StateDigest view, long walkedDigest) {
    if (!over) {
      diverged(view, walkedDigest);
    }
  }

  /** Whether the state may be shown: a rebuilt one only once it was found to agree. */
  public boolean trusted() {
    return rebuilt == null;
  }

  /** Newest zxid at which this server's state was the one agreed on; {@link Zxid#NONE} if none. */
  public long agreedZxid() {
    return agreedZxid;
  }

  /**
   * The first zxid at which states were seen to differ without anybody being able to say who is
   * right; {@link Zxid#NONE} if all is well. Nothing may be proposed meanwhile.
   */
  public long alarmZxid() {
    return alarmZxid;
  }

  private @Nullable StateDigest stateAfter(long zxid) {
    StateDigest present = port.present();
    if (present == null) {
      return null;
    }
    // The present one as it is: memory may have changed since it was noted.
    return present.zxid() == zxid ? present : ring.find(zxid);
  }

  private void judgeSelf(StateDigest expected) {
    StateDigest own = stateAfter(expected.zxid());
    if (own == null || over) {
      return;
    }
    Divergence before = rebuilt;
    if (!rules.mustRebuild(own, expected)) {
      agreedZxid = Math.max(agreedZxid, own.zxid());
      stillDiffers = false;
      if (before != null && own.zxid() >= before.found().zxid()) {
        rebuilt = null;
        port.trusted();
        port.notice(
            "the rebuilt state agrees with the others at " + Zxid.format(own.zxid()), false);
      }
      return;
    }
    if (before == null) {
      diverged(own, expected.digest());
    } else if (!stillDiffers) {
      stillDiffers = true;
      port.notice(
          "differs from the others after its rebuild too: "
              + new Divergence(own, expected.digest(), Zxid.NONE).describe(),
          true);
    }
  }

  private void diverged(StateDigest own, long expectedDigest) {
    over = true;
    long trusted = rules.trustedUpTo(Math.max(agreedZxid, loadedZxid));
    port.diverged(new Divergence(own, expectedDigest, trusted));
  }

  // --- roles -------------------------------------------------------------------------------------

  public void roleChanged(ReplicaStatus status, long nowNanos) {
    boolean leads = status.role() == ReplicaStatus.Role.LEADER && status.serving();
    if (leads && leading && epoch == status.epoch()) {
      return;
    }
    leading = leads;
    epoch = status.epoch();
    open.clear();
    waiting.clear();
    support.clear();
    agreed = StateDigest.NONE;
    nextRoundNanos = nowNanos;
    nextRaiseNanos = nowNanos;
    alarmNanos = nowNanos;
  }

  /** The link with that peer is gone. */
  public void peerDown(int peer) {
    support.gone(peer);
  }

  // --- the leader asks ---------------------------------------------------------------------------

  /** Time passed. */
  public void tick(long nowNanos, Membership membership, long incarnation) {
    StateDigest present = port.present();
    if (!leading || over || present == null) {
      return;
    }
    closeRounds(nowNanos, membership);
    if (nowNanos - nextRoundNanos >= 0) {
      nextRoundNanos = nowNanos + ROUND_NANOS;
      DigestRound round = new DigestRound(rules, ++rounds, present.zxid(), nowNanos);
      open.add(round);
      answered(round, nodeId, ownAnswer(present, membership, incarnation), nowNanos, membership);
      if (!over) {
        ask(round, membership);
        raise(present, nowNanos, membership);
      }
    }
  }

  private DigestRound.Answer ownAnswer(
      StateDigest present, Membership membership, long incarnation) {
    boolean counts = rules.counts(membership, nodeId, incarnation);
    return new DigestRound.Answer(present, counts, stillDiffers);
  }

  private void ask(DigestRound round, Membership membership) {
    for (Member member : membership.members()) {
      if (member.id() != nodeId) {
        port.send(
            member.id(),
            new Message.DigestQuestion(epoch, round.number(), round.zxid(), agreed, alarmZxid));
      }
    }
  }

  private void raise(StateDigest present, long nowNanos, Membership membership) {
    int known = support.knownToAll(membership, nodeId, supportedVersion);
    if (known > present.version() && nowNanos - nextRaiseNanos >= 0) {
      nextRaiseNanos = nowNanos + RAISE_NANOS;
      port.raiseVersion(known);
    }
  }

  /** Draws the conclusions from the rounds that were open for long enough. */
  private void closeRounds(long nowNanos, Membership membership) {
    Iterator<DigestRound> rest = open.iterator();
    while (rest.hasNext()) {
      DigestRound round = rest.next();
      long age = nowNanos - round.startedNanos();
      if (age < PATIENCE_NANOS) {
        return; // all later ones are younger
      }
      Verdict verdict = round.verdict(membership.voterCount());
      if (verdict == Verdict.OPEN && age < ROUND_NANOS_MAX) {
        continue;
      }
      rest.remove();
      if (verdict == Verdict.AGREED) {
        endAlarm(round, membership);
      } else if (verdict != Verdict.OPEN) {
        alarm(round.zxid(), nowNanos, "no majority has the same state");
      }
    }
  }

  private void endAlarm(DigestRound round, Membership membership) {
    StateDigest state = Invariant.present(round.agreed(membership.voterCount()), "no majority");
    if (alarmZxid != Zxid.NONE
        && round.startedNanos() - alarmNanos > 0
        && round.differing(state).isEmpty()) {
      alarmZxid = Zxid.NONE;
      port.alarmChanged(
          "the states agree again at " + Zxid.format(state.zxid()) + ", writes go on");
    }
  }

  private void alarm(long zxid, long nowNanos, String why) {
    alarmNanos = nowNanos;
    if (alarmZxid == Zxid.NONE) {
      alarmZxid = zxid;
      port.alarmChanged(
          "ALARM: the states of the servers differ at "
              + Zxid.format(zxid)
              + " and "
              + why
              + "; writes stop, reads go on");
    }
  }

  private void answered(
      DigestRound round,
      int server,
      DigestRound.Answer answer,
      long nowNanos,
      Membership membership) {
    round.put(server, answer);
    int voters = membership.voterCount();
    if (round.verdict(voters) == Verdict.SPLIT) {
      alarm(round.zxid(), nowNanos, "no majority has the same state (digests " + round + ")");
      return;
    }
    StateDigest state = round.agreed(voters);
    if (state == null || isDisputedBefore(round, voters)) {
      return;
    }
    if (state.zxid() >= agreed.zxid()) {
      agreed = state;
    }
    if (round.rebuiltInVain(state)) {
      alarm(
          round.zxid(),
          nowNanos,
          "servers " + round.differing(state) + " still differ after a rebuild");
    } else if (!round.differing(state).isEmpty() && round.tellOnce()) {
      port.notice(
          "servers " + round.differing(state) + " differ from the majority: digests " + round,
          true);
      ask(round, membership); // tells them now what the majority has
    }
    judgeSelf(state);
  }

  /**
   * Whether an earlier round is undecided and its answers differ. Until it is decided, an agreement
   * at a later zxid does not count: what differed may have been deleted in between, and whoever
   * kept a snapshot from before would take it for proved.
   */
  private boolean isDisputedBefore(DigestRound round, int voters) {
    for (DigestRound earlier : open) {
      if (earlier.number() < round.number() && earlier.verdict(voters) == Verdict.DISPUTED) {
        return true;
      }
    }
    return false;
  }

  // --- the others answer -------------------------------------------------------------------------

  /**
   * A question of the leader that is followed, or an answer to the leader that this server is, of
   * the present epoch.
   */
  public void received(
      int from, Message message, long nowNanos, Membership membership, long incarnation) {
    if (over) {
      return;
    }
    if (message instanceof Message.DigestQuestion question) {
      asked(from, question, incarnation);
    } else if (message instanceof Message.DigestAnswer answer && leading) {
      support.said(from, answer.supportedVersion());
      for (DigestRound round : open) {
        if (round.number() == answer.round() && round.zxid() == answer.state().zxid()) {
          boolean counts = rules.counts(membership, from, answer.incarnation());
          answered(
              round,
              from,
              new DigestRound.Answer(answer.state(), counts, answer.rebuilt()),
              nowNanos,
              membership);
          return;
        }
      }
    }
  }

  private void asked(int leader, Message.DigestQuestion question, long incarnation) {
    if (question.agreed().version() > supportedVersion) {
      over = true;
      port.unsupported(question.agreed().version());
      return;
    }
    if (question.alarmZxid() != alarmZxid) {
      alarmZxid = question.alarmZxid();
      port.alarmChanged(
          alarmZxid == Zxid.NONE
              ? "the leader says that the states agree again, writes go on"
              : "ALARM: the leader says that the states of the servers differ at "
                  + Zxid.format(alarmZxid)
                  + "; writes stop, reads go on");
    }
    Waiting asked = new Waiting(leader, question);
    if (!waiting.isEmpty() || !answer(asked, incarnation)) {
      if (waiting.size() < WAITING_MAX) {
        waiting.add(asked);
      }
    }
  }

  /** More was applied: answers what waited for it. */
  public void advanced(long incarnation) {
    while (!over && !waiting.isEmpty() && answer(waiting.get(0), incarnation)) {
      waiting.remove(0);
    }
  }

  /** Judges and answers, if all that this needs is applied; whether that is so. */
  private boolean answer(Waiting asked, long incarnation) {
    Message.DigestQuestion question = asked.question();
    StateDigest present = port.present();
    if (present == null || present.zxid() < Math.max(question.zxid(), question.agreed().zxid())) {
      return false;
    }
    if (question.agreed().zxid() != Zxid.NONE) {
      judgeSelf(question.agreed());
    }
    StateDigest state = stateAfter(question.zxid());
    if (state != null && !over) {
      port.send(
          asked.leader(),
          new Message.DigestAnswer(
              question.epoch(),
              question.round(),
              incarnation,
              Objects.requireNonNull(state),
              supportedVersion,
              stillDiffers));
    }
    return true;
  }
}
