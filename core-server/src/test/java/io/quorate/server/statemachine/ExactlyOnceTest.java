package io.quorate.server.statemachine;

import static io.quorate.data.ErrorCode.BAD_ARGUMENTS;
import static io.quorate.data.ErrorCode.MALFORMED;
import static io.quorate.data.ErrorCode.NO_NODE;
import static io.quorate.data.ErrorCode.OVERLOADED;
import static io.quorate.data.ErrorCode.SESSION_EXPIRED;
import static io.quorate.data.ErrorCode.SESSION_MOVED;
import static io.quorate.data.ErrorCode.SESSION_SECRET_MISMATCH;
import static io.quorate.data.ErrorCode.TOO_MANY_IN_FLIGHT;
import static io.quorate.data.ErrorCode.WRITE_GAP;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.server.session.SessionInfo;
import io.quorate.server.session.SessionLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A write sent once happens once: repeated, gapped, moved and confirmed numbers. */
class ExactlyOnceTest {
  private static final SessionLimits SMALL = new SessionLimits(3, 4, 10_000, 200_000, 2);

  private final Subject subject = new Subject(SMALL);
  private final long session = subject.session;

  private ApplyResult write(long number, long confirmed, WriteOp op) {
    return subject.entry(new Command.Write(session, session, number, confirmed, op));
  }

  private static WriteOp create(String path) {
    return new WriteOp.Create(path, null, CreateMode.PERSISTENT_SEQUENTIAL);
  }

  private SessionInfo info() {
    return subject.machine.session(session);
  }

  @Test
  void repeatedNumber_getsTheFirstAnswerAndZxid_andChangesNothing() {
    List<ApplyResult> first = new ArrayList<>();
    first.add(write(1, 0, create("/a")));
    first.add(write(2, 0, new WriteOp.Delete("/none", -1)));
    first.add(write(3, 0, new WriteOp.Multi(List.of(create("/m"), new WriteOp.Delete("/", 1)))));
    first.add(write(4, 0, new WriteOp.Multi(List.of(create("/m"), create("/m")))));
    long digest = subject.machine.digest();
    for (int number = 1; number <= 4; number++) {
      ApplyResult again = write(number, 0, create("/different"));
      assertThat(again.answer()).isEqualTo(first.get(number - 1).answer());
      assertThat(again.answerZxid()).isEqualTo(first.get(number - 1).answerZxid());
      assertThat(again.changes()).isEmpty();
    }
    assertThat(subject.machine.digest()).isEqualTo(digest);
    assertThat(info().lastNumber()).isEqualTo(4);
  }

  /** Three numbers are answered, the first is confirmed. */
  @ParameterizedTest
  @CsvSource({
    "5, 1, WRITE_GAP",
    "6, 3, WRITE_GAP",
    "9223372036854775807, 1, WRITE_GAP",
    "1, 0, MALFORMED",
    "0, 0, MALFORMED",
    "-1, -2, MALFORMED",
    "-9223372036854775808, 0, MALFORMED",
    "3, 3, MALFORMED",
    "4, 4, MALFORMED",
    "4, 9223372036854775807, MALFORMED",
  })
  void numberOutOfPlace_isRefused_andChangesNothing(long number, long confirmed, ErrorCode code) {
    write(1, 0, create("/a"));
    write(2, 0, create("/a"));
    write(3, 1, create("/a"));
    long digest = subject.machine.digest();
    ApplyResult refused = write(number, confirmed, create("/a"));
    assertThat(refused.answer()).isEqualTo(Subject.failure(code));
    assertThat(refused.answerZxid()).isEqualTo(subject.zxid());
    assertThat(refused.changes()).isEmpty();
    assertThat(subject.machine.digest()).isEqualTo(digest);
    assertThat(write(4, 1, create("/a")).answer()).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void confirmation_forgetsAnswers_alsoInARepetition() {
    write(1, 0, create("/a"));
    write(2, 0, create("/a"));
    assertThat(info().confirmedUpTo()).isZero();
    write(2, 1, create("/a"));
    assertThat(info().confirmedUpTo()).isEqualTo(1);
    write(3, -5, create("/a"));
    assertThat(info().confirmedUpTo()).isEqualTo(1);
    assertThat(write(1, 0, create("/a")).answer()).isEqualTo(Subject.failure(MALFORMED));
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
  }

  @Test
  void tooManyUnconfirmed_areRefused_untilAConfirmationComes() {
    for (int number = 1; number <= 4; number++) {
      write(number, 0, create("/a"));
    }
    long digest = subject.machine.digest();
    assertThat(write(5, 0, create("/a")).answer()).isEqualTo(Subject.failure(TOO_MANY_IN_FLIGHT));
    assertThat(subject.machine.digest()).isEqualTo(digest);
    assertThat(write(5, 1, create("/a")).answer()).isInstanceOf(OpResult.Created.class);
    assertThat(write(6, 1, create("/a")).answer()).isEqualTo(Subject.failure(TOO_MANY_IN_FLIGHT));
  }

  @Test
  void tooManyBytesUnconfirmed_areRefused() {
    WriteOp long1 = create("/" + "x".repeat(6_000));
    assertThat(write(1, 0, long1).answer()).isInstanceOf(OpResult.Created.class);
    assertThat(write(2, 0, long1).answer()).isInstanceOf(OpResult.Created.class);
    assertThat(write(3, 0, long1).answer()).isEqualTo(Subject.failure(TOO_MANY_IN_FLIGHT));
    assertThat(write(3, 1, long1).answer()).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void refusedWrite_usesUpItsNumber_andIsAnsweredAgain() {
    Command refused = new Command.RefusedWrite(session, session, 1, 0, OVERLOADED);
    ApplyResult first = subject.entry(refused);
    assertThat(first.answer()).isEqualTo(Subject.failure(OVERLOADED));
    ApplyResult again = write(1, 0, create("/a"));
    assertThat(again.answer()).isEqualTo(Subject.failure(OVERLOADED));
    assertThat(again.answerZxid()).isEqualTo(first.answerZxid());
    assertThat(write(2, 0, create("/a")).answer()).isInstanceOf(OpResult.Created.class);
    assertThat(subject.entry(new Command.RefusedWrite(session, session, 2, 0, OVERLOADED)).answer())
        .isInstanceOf(OpResult.Created.class);
    assertThat(subject.entry(new Command.RefusedWrite(session, session, 9, 0, OVERLOADED)).answer())
        .isEqualTo(Subject.failure(WRITE_GAP));
  }

  @Test
  void movedSession_refusesTheOldAttach_andKeepsItsAnswers() {
    ApplyResult first = write(1, 0, create("/a"));
    long attach =
        subject.entry(new Command.AttachSession(2, 7, session, Subject.SECRET)).answerZxid();
    assertThat(info().attachZxid()).isEqualTo(attach).isEqualTo(subject.zxid());
    for (Command old :
        List.of(
            new Command.Write(session, session, 1, 0, create("/a")),
            new Command.Write(session, session, 2, 0, create("/a")),
            new Command.RefusedWrite(session, session, 2, 0, OVERLOADED),
            new Command.CloseSession(session, session),
            new Command.ExpireSession(session, session))) {
      long digest = subject.machine.digest();
      assertThat(subject.entry(old).answer()).isEqualTo(Subject.failure(SESSION_MOVED));
      assertThat(subject.machine.digest()).isEqualTo(digest);
    }
    ApplyResult resent = subject.entry(new Command.Write(session, attach, 1, 0, create("/a")));
    assertThat(resent.answer()).isEqualTo(first.answer());
    assertThat(resent.answerZxid()).isEqualTo(first.answerZxid());
    assertThat(subject.entry(new Command.Write(session, attach, 2, 1, create("/a"))).answer())
        .isInstanceOf(OpResult.Created.class);
  }

  @Test
  void attach_asksForTheSecretOfAnOpenSession() {
    byte[] wrong = new byte[32];
    wrong[31] = 1;
    for (byte[] hash : new byte[][] {wrong, new byte[31], new byte[33], new byte[0], null}) {
      assertThat(subject.entry(new Command.AttachSession(1, 1, session, hash)).answer())
          .isEqualTo(Subject.failure(SESSION_SECRET_MISMATCH));
    }
    assertThat(subject.entry(new Command.AttachSession(1, 1, 99, Subject.SECRET)).answer())
        .isEqualTo(Subject.failure(SESSION_EXPIRED));
    assertThat(info().attachZxid()).isEqualTo(session);
  }

  @Test
  void unknownSession_isExpired() {
    for (long unknown : new long[] {0, 99, -1, Long.MIN_VALUE}) {
      assertThat(subject.entry(new Command.Write(unknown, unknown, 1, 0, create("/a"))).answer())
          .isEqualTo(Subject.failure(SESSION_EXPIRED));
      assertThat(subject.entry(new Command.CloseSession(unknown, unknown)).answer())
          .isEqualTo(Subject.failure(SESSION_EXPIRED));
    }
  }

  @Test
  void open_refusesWhatNoTableCanHold() {
    byte[] hash = Subject.SECRET;
    String name = "n".repeat(SessionLimits.CLIENT_NAME_CHARS_MAX + 1);
    for (Command bad :
        List.of(
            new Command.OpenSession(1, 1, hash, 0, "n"),
            new Command.OpenSession(1, 1, hash, -1, "n"),
            new Command.OpenSession(1, 1, hash, Long.MAX_VALUE, "n"),
            new Command.OpenSession(1, 1, new byte[31], 1, "n"),
            new Command.OpenSession(1, 1, null, 1, "n"),
            new Command.OpenSession(1, 1, hash, 1, name),
            new Command.OpenSession(1, 1, hash, 1, null))) {
      assertThat(subject.entry(bad).answer()).isEqualTo(Subject.failure(BAD_ARGUMENTS));
    }
    subject.open();
    subject.open();
    assertThat(subject.machine.sessionCount()).isEqualTo(3);
    subject.open();
    assertThat(subject.last.answer()).isEqualTo(Subject.failure(ErrorCode.QUOTA_EXCEEDED));
  }

  @Test
  void failures_areAnswersToo() {
    ApplyResult first = write(1, 0, new WriteOp.SetData("/late", null, -1));
    assertThat(first.answer()).isEqualTo(Subject.failure(NO_NODE));
    write(2, 0, new WriteOp.Create("/late", null, CreateMode.PERSISTENT));
    assertThat(write(1, 0, new WriteOp.SetData("/late", null, -1)).answer())
        .isEqualTo(Subject.failure(NO_NODE));
  }
}
