package io.quorate.server.statemachine;

import static io.quorate.data.ErrorCode.TOO_MANY_IN_FLIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.CreateMode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.server.session.SessionLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: sessions that confirm nothing bound what they themselves may do, not what others may.
 *
 * <p>Method: the standard proportions at a hundredth of the size; reads in multis make long
 * answers.
 */
class StoredAnswersTest {
  private static final long TOTAL_BYTES = 2_560_000;
  private static final long SESSION_BYTES = 80_000;
  private static final int ANSWER_BYTES = 10_000;
  private static final SessionLimits LIMITS =
      new SessionLimits(10_000, 1024, SESSION_BYTES, TOTAL_BYTES, 2);

  private final Subject subject = new Subject(LIMITS);
  private long stored;

  private static WriteOp longAnswer() {
    return new WriteOp.Multi(List.of(new WriteOp.Read(new ReadOp.Get("/long"))));
  }

  private static WriteOp shortAnswer() {
    return new WriteOp.Create("/modest-", null, CreateMode.PERSISTENT_SEQUENTIAL);
  }

  private void createLong() {
    subject.write(new WriteOp.Create("/long", new byte[ANSWER_BYTES], CreateMode.PERSISTENT));
  }

  /** Writes without confirming anything until it is refused; how many were taken. */
  private int fill(long session, WriteOp op) {
    for (int number = 1; number <= LIMITS.storedAnswersMax(); number++) {
      OpResult answer = subject.entry(new Command.Write(session, session, number, 0, op)).answer();
      if (answer instanceof OpResult.Failure failure) {
        assertThat(failure.code()).isEqualTo(TOO_MANY_IN_FLIGHT);
        return number - 1;
      }
      stored += answer instanceof OpResult.MultiDone ? ANSWER_BYTES : 0;
    }
    return LIMITS.storedAnswersMax();
  }

  @Test
  void someGreedySessions_keepWhatEachMay() {
    createLong();
    for (int i = 0; i < 10; i++) {
      assertThat(fill(subject.open(), longAnswer())).isEqualTo((int) SESSION_BYTES / ANSWER_BYTES);
    }
  }

  @Test
  void fortyGreedySessions_leaveRoomForTheOthers() {
    createLong();
    List<Long> greedy = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      greedy.add(subject.open());
    }
    long modest = subject.open();
    greedy.forEach(session -> fill(session, longAnswer()));

    assertThat(stored).isLessThan(TOTAL_BYTES);
    for (int number = 1; number <= 100; number++) {
      int unconfirmed = 20;
      Command write =
          new Command.Write(
              modest, modest, number, Math.max(0, number - unconfirmed), shortAnswer());
      assertThat(subject.entry(write).answer()).isInstanceOf(OpResult.Created.class);
    }
    Command read = new Command.Write(modest, modest, 101, 100, longAnswer());
    assertThat(subject.entry(read).answer()).isInstanceOf(OpResult.MultiDone.class);
  }

  /** More sessions than long answers that there is room for. */
  @ParameterizedTest
  @ValueSource(ints = {300, 5_000})
  void veryManySessions_canNotPassTheRoomOfAll_norStopShortWrites(int sessions) {
    createLong();
    List<Long> greedy = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      greedy.add(subject.open());
    }
    greedy.forEach(session -> fill(session, longAnswer()));

    assertThat(stored).isLessThan(TOTAL_BYTES + ANSWER_BYTES);
    long late = subject.open();
    for (int number = 1; number <= 100; number++) {
      Command write = new Command.Write(late, late, number, number - 1, shortAnswer());
      assertThat(subject.entry(write).answer()).isInstanceOf(OpResult.Created.class);
    }
  }

  @Test
  void refusedSession_goesOnOnceItConfirms() {
    createLong();
    long session = subject.open();
    int taken = fill(session, longAnswer());

    Command next = new Command.Write(session, session, taken + 1, taken, longAnswer());

    assertThat(subject.entry(next).answer()).isInstanceOf(OpResult.MultiDone.class);
  }
}
