package io.quorate.server.statemachine;

import static io.quorate.data.CreateMode.EPHEMERAL;
import static io.quorate.data.CreateMode.PERSISTENT;
import static io.quorate.data.CreateMode.PERSISTENT_SEQUENTIAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.server.tree.ZnodeChange;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All operations at one zxid, or none. */
class MultiTest {
  private final Subject subject = new Subject();

  private static WriteOp create(String path) {
    return new WriteOp.Create(path, null, PERSISTENT);
  }

  @Test
  void laterOperations_seeTheEffectsOfEarlierOnes() {
    OpResult done =
        subject.multi(
            create("/a"),
            new WriteOp.Create("/a/s-", null, PERSISTENT_SEQUENTIAL),
            new WriteOp.Create("/a/s-", null, PERSISTENT_SEQUENTIAL),
            new WriteOp.SetData("/a", new byte[] {1}, 0),
            new WriteOp.CheckVersion("/a", 1),
            new WriteOp.CheckCzxid("/a", subject.zxid() + 1),
            new WriteOp.Delete("/a/s-0000000000", -1));
    long zxid = subject.zxid();
    List<OpResult> results = ((OpResult.MultiDone) done).results();
    assertThat(((OpResult.Created) results.get(1)).path()).isEqualTo("/a/s-0000000000");
    assertThat(((OpResult.Created) results.get(2)).path()).isEqualTo("/a/s-0000000001");
    assertThat(((OpResult.DataSet) results.get(3)).stat().numChildren()).isEqualTo(2);
    assertThat(results.subList(4, 7))
        .containsExactly(new OpResult.Checked(), new OpResult.Checked(), new OpResult.Deleted());
    assertThat(subject.stat("/a").cversion()).isEqualTo(3);
    assertThat(subject.last.changes()).hasSize(9).allMatch(change -> change.zxid() == zxid);
    assertThat(subject.last.changes().get(6))
        .isEqualTo(new ZnodeChange(WatchEvent.Type.NODE_DATA_CHANGED, "/a", zxid));
  }

  /** An answer above the frame limit could never be given: applied, but re-sent for ever. */
  @Test
  void answerThatFitsNoFrame_isRefusedAndUndone() {
    String longName = "/" + "n".repeat(200);
    List<WriteOp> creates =
        Collections.nCopies(4_096, new WriteOp.Create(longName, null, PERSISTENT_SEQUENTIAL));

    OpResult failed = subject.multi(creates.toArray(WriteOp[]::new));

    assertThat(failed).isInstanceOf(OpResult.Failure.class);
    assertThat(((OpResult.Failure) failed).code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
    assertThat(subject.children("/")).containsExactly("zookeeper");
  }

  @Test
  void failure_namesTheFirstFailingOperation_andUndoesAll() {
    subject.create("/e", EPHEMERAL);
    subject.create("/dir");
    List<String> ephemerals = subject.machine.ephemerals(subject.session);
    List<String> children = subject.children("/");
    OpResult failed =
        subject.multi(
            create("/dir/x"),
            new WriteOp.Create("/mine", null, EPHEMERAL),
            new WriteOp.Delete("/e", -1),
            new WriteOp.SetData("/", new byte[] {9}, -1),
            new WriteOp.CheckVersion("/dir", 5),
            new WriteOp.Delete("/none", -1));
    assertThat(failed).isEqualTo(new OpResult.Failure(ErrorCode.BAD_VERSION, 4, 5, 0));
    assertThat(subject.last.changes()).isEmpty();
    assertThat(subject.children("/")).isEqualTo(children);
    assertThat(subject.stat("/dir").cversion()).isZero();
    assertThat(subject.stat("/").version()).isZero();
    assertThat(subject.machine.ephemerals(subject.session)).isEqualTo(ephemerals);
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
    assertThat(subject.create("/dir/x")).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void failureWhileAViewIsOpen_leavesTheViewAndTheTree() {
    subject.create("/dir");
    try (StateView view = subject.machine.view()) {
      long before = view.digest();
      subject.multi(create("/dir/x"), create("/dir/x"));
      assertThat(subject.stat("/dir/x")).isNull();
      subject.multi(create("/dir/y"), create("/dir/z"));
      assertThat(view.digest()).isEqualTo(before);
      assertThat(view.znodeCount()).isEqualTo(5);
    }
    assertThat(subject.children("/dir")).containsExactly("y", "z");
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
  }

  @Test
  void multisBeyondTheirLimits_areRefused() {
    WriteOp check = new WriteOp.CheckVersion("/", -1);
    assertThat(subject.write(new WriteOp.Multi(Collections.nCopies(4096, check))))
        .isInstanceOf(OpResult.MultiDone.class);
    assertThat(subject.write(new WriteOp.Multi(Collections.nCopies(4097, check))))
        .isEqualTo(Subject.failure(ErrorCode.BAD_ARGUMENTS));
    WriteOp wide = new WriteOp.Create("/" + "x".repeat(8_000), null, PERSISTENT_SEQUENTIAL);
    OpResult.Failure tooLarge =
        (OpResult.Failure) subject.write(new WriteOp.Multi(Collections.nCopies(135, wide)));
    assertThat(tooLarge.code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
    assertThat(tooLarge.opIndex()).isEqualTo(132);
    assertThat(tooLarge.found()).isGreaterThan(tooLarge.expected());
    assertThat(subject.children("/")).containsExactly("zookeeper");
  }
}
