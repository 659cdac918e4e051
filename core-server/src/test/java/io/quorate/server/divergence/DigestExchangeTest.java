package io.quorate.server.divergence;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Zxid;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Message;
import io.quorate.server.replication.ReplicaRules;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.StateDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The leader of five voters draws conclusions from what the others answer. */
class DigestExchangeTest {
  private static final long EPOCH = 3;
  private static final int VERSION = 1;
  private static final long GOOD = 7;
  private static final long OTHER = 8;

  private final Membership membership = fiveVoters();
  private final FakePort port = new FakePort();
  private final DigestExchange exchange = new DigestExchange(1, VERSION, ReplicaRules.TRUE, port);
  private long now;

  private static Membership fiveVoters() {
    List<Member> members = new ArrayList<>();
    for (int id = 1; id <= 5; id++) {
      members.add(new Member(id, true, 100 + id, "host" + id, 2888));
    }
    return new Membership(Zxid.of(1, 0), members);
  }

  private static final class FakePort implements DigestExchange.Port {
    private StateDigest present = StateDigest.NONE;
    private final List<Message.DigestQuestion> asked = new ArrayList<>();
    private final List<Divergence> diverged = new ArrayList<>();

    @Override
    public @Nullable StateDigest present() {
      return present;
    }

    @Override
    public void send(int peer, Message message) {
      if (peer == 2) {
        asked.add((Message.DigestQuestion) message);
      }
    }

    @Override
    public void diverged(Divergence divergence) {
      diverged.add(divergence);
    }

    @Override
    public void trusted() {
      throw new AssertionError("nothing was rebuilt");
    }

    @Override
    public void alarmChanged(String text) {
      assertThat(text).isNotEmpty();
    }

    @Override
    public void raiseVersion(int version) {
      throw new AssertionError("there is one version only, raised to " + version);
    }

    @Override
    public void unsupported(int version) {
      throw new AssertionError("version " + version + " is known");
    }

    @Override
    public void notice(String text, boolean urgent) {
      assertThat(text).isNotEmpty();
    }
  }

  private void lead() {
    exchange.roleChanged(
        new ReplicaStatus(1, ReplicaStatus.Role.LEADER, 1, EPOCH, true, 0, 0, 0), now);
  }

  /**
   * Applies one more entry here and asks everybody for the state after it; returns the question.
   */
  private Message.DigestQuestion ask(long zxid, long digest) {
    port.present = new StateDigest(zxid, VERSION, digest);
    exchange.applied(zxid, VERSION, digest);
    now += DigestExchange.ROUND_NANOS;
    exchange.tick(now, membership, 101);
    return port.asked.get(port.asked.size() - 1);
  }

  private void answer(Message.DigestQuestion question, int server, long digest) {
    exchange.received(
        server,
        new Message.DigestAnswer(
            EPOCH,
            question.round(),
            100 + server,
            new StateDigest(question.zxid(), VERSION, digest),
            VERSION,
            false),
        now,
        membership,
        101);
  }

  @Test
  void majorityWithTheSameState_isAnAgreement() {
    lead();
    Message.DigestQuestion question = ask(Zxid.of(EPOCH, 1), GOOD);
    answer(question, 2, GOOD);
    assertThat(exchange.agreedZxid()).isEqualTo(Zxid.NONE);
    answer(question, 3, GOOD);
    assertThat(exchange.agreedZxid()).isEqualTo(Zxid.of(EPOCH, 1));
  }

  /** Each question is answered, so a question for each answer would never end. */
  @Test
  void differenceInARoundThatIsDecidedLate_isToldOnce() {
    lead();
    Message.DigestQuestion late = ask(Zxid.of(EPOCH, 1), GOOD);
    answer(late, 2, GOOD);
    Message.DigestQuestion later = ask(Zxid.of(EPOCH, 2), GOOD);
    answer(later, 2, GOOD);
    answer(later, 3, GOOD);
    answer(late, 3, GOOD);
    int before = port.asked.size();
    for (int i = 0; i < 10; i++) {
      answer(late, 4, OTHER);
      answer(late, 2, GOOD);
    }
    assertThat(port.asked).hasSize(before + 1);
  }

  /** What differed was deleted between the two rounds: that makes no earlier state right. */
  @Test
  void agreementAfterAnUndecidedDifference_countsNotBeforeThatIsDecided() {
    lead();
    Message.DigestQuestion disputed = ask(Zxid.of(EPOCH, 1), OTHER);
    answer(disputed, 2, OTHER);
    answer(disputed, 3, GOOD);
    answer(disputed, 4, GOOD);
    Message.DigestQuestion later = ask(Zxid.of(EPOCH, 2), GOOD);
    for (int server = 2; server <= 4; server++) {
      answer(later, server, GOOD);
    }
    assertThat(exchange.agreedZxid()).isEqualTo(Zxid.NONE);

    answer(disputed, 5, GOOD);
    assertThat(port.diverged).hasSize(1);
    assertThat(port.diverged.get(0).found().zxid()).isEqualTo(Zxid.of(EPOCH, 1));
  }

  @Test
  void differenceThatNobodyDecides_isAnAlarmAndLaterAnAgreementAgain() {
    lead();
    Message.DigestQuestion disputed = ask(Zxid.of(EPOCH, 1), OTHER);
    answer(disputed, 2, OTHER);
    answer(disputed, 3, GOOD);
    answer(disputed, 4, GOOD);
    now += DigestExchange.PATIENCE_NANOS;
    Message.DigestQuestion later = ask(Zxid.of(EPOCH, 2), GOOD);
    assertThat(exchange.alarmZxid()).isEqualTo(Zxid.of(EPOCH, 1));
    answer(later, 2, GOOD);
    answer(later, 3, GOOD);
    assertThat(exchange.agreedZxid()).isEqualTo(Zxid.of(EPOCH, 2));
  }
}
