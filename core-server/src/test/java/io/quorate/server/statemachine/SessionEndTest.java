package io.quorate.server.statemachine;

import static io.quorate.data.CreateMode.EPHEMERAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.server.session.SessionLimits;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ephemerals vanish exactly once, at the zxid at which their session ends. */
class SessionEndTest {
  private final Subject subject = new Subject();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void end_deletesAllEphemeralsAtOneZxid_inPathOrder(boolean expiry) {
    long session = subject.session;
    long other = subject.open();
    subject.create("/dir");
    subject.create("/z", EPHEMERAL);
    subject.create("/dir/b", EPHEMERAL);
    subject.create("/dir/a", EPHEMERAL);
    subject.create("/gone", EPHEMERAL);
    subject.write(new WriteOp.Delete("/gone", -1));
    subject.writeAs(other, 1, new WriteOp.Create("/dir/theirs", null, EPHEMERAL));
    assertThat(subject.machine.ephemerals(session)).containsExactly("/dir/a", "/dir/b", "/z");
    assertThat(subject.machine.session(session).ephemerals()).isEqualTo(3);
    subject.entry(
        expiry
            ? new Command.ExpireSession(session, session)
            : new Command.CloseSession(session, session));
    long zxid = subject.zxid();
    assertThat(subject.last.answer()).isEqualTo(new OpResult.Done());
    assertThat(subject.last.changes())
        .containsExactly(
            new ZnodeChange(WatchEvent.Type.NODE_DELETED, "/dir/a", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/dir", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_DELETED, "/dir/b", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/dir", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_DELETED, "/z", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/", zxid));
    assertThat(subject.children("/dir")).containsExactly("theirs");
    assertThat(subject.stat("/dir").cversion()).isEqualTo(5);
    assertThat(subject.stat("/dir").pzxid()).isEqualTo(zxid);
    assertThat(subject.machine.session(session)).isNull();
    assertThat(subject.machine.ephemerals(session)).isEmpty();
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
    for (Command late :
        List.of(
            new Command.CloseSession(session, session),
            new Command.ExpireSession(session, session),
            new Command.AttachSession(1, 1, session, Subject.SECRET),
            new Command.Write(
                session, session, 7, 6, new WriteOp.Create("/late", null, EPHEMERAL)))) {
      assertThat(subject.entry(late).answer())
          .isEqualTo(Subject.failure(ErrorCode.SESSION_EXPIRED));
      assertThat(subject.last.changes()).isEmpty();
    }
    assertThat(subject.stat("/late")).isNull();
  }

  @Test
  void expiry_isVoid_afterANewAttach() {
    subject.create("/e", EPHEMERAL);
    subject.entry(new Command.AttachSession(1, 1, subject.session, Subject.SECRET));
    subject.entry(new Command.ExpireSession(subject.session, subject.session));
    assertThat(subject.last.changes()).isEmpty();
    assertThat(subject.stat("/e").ephemeralOwner()).isEqualTo(subject.session);
  }

  @Test
  void ephemeralDeletedByAnotherSession_isNotDeletedAgain() {
    long other = subject.open();
    subject.create("/e", EPHEMERAL);
    subject.writeAs(other, 1, new WriteOp.Delete("/e", -1));
    subject.writeAs(other, 2, new WriteOp.Create("/e", null, EPHEMERAL));
    subject.entry(new Command.CloseSession(subject.session, subject.session));
    assertThat(subject.last.changes()).isEmpty();
    assertThat(subject.stat("/e").ephemeralOwner()).isEqualTo(other);
  }

  @Test
  void ephemeralsOfOneSession_areCapped() {
    Subject small = new Subject(new SessionLimits(9, 9, 9_999, 9_999, 2));
    small.create("/a", EPHEMERAL);
    WriteOp another = new WriteOp.Create("/x", null, EPHEMERAL);
    assertThat(small.multi(another, new WriteOp.Create("/y", null, EPHEMERAL)))
        .isEqualTo(new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 1, 0, 0));
    assertThat(small.multi(new WriteOp.Delete("/a", -1), another))
        .isInstanceOf(OpResult.MultiDone.class);
    assertThat(small.multi(another, new WriteOp.Delete("/x", -1)))
        .isEqualTo(new OpResult.Failure(ErrorCode.NODE_EXISTS, 0, 0, 0));
    small.create("/b", EPHEMERAL);
    assertThat(small.create("/c", EPHEMERAL)).isEqualTo(Subject.failure(ErrorCode.QUOTA_EXCEEDED));
    assertThat(small.machine.ephemerals(small.session)).containsExactly("/b", "/x");
  }
}
