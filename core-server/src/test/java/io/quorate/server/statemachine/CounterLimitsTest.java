package io.quorate.server.statemachine;

import static io.quorate.data.CreateMode.PERSISTENT_SEQUENTIAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.ZnodeTerms;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens where counters overflow, from states that begin next to it. */
class CounterLimitsTest {

  /** A state whose znode /near has that version and that many creations and deletions. */
  private static Subject near(int version, int counter) {
    StateBuilder builder = new StateBuilder();
    byte[] none = new byte[0];
    ZnodeStat zero = new ZnodeStat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    ZnodeStat stat = new ZnodeStat(5, 6, 7, 1, 2, version, 0, 0, 0, 0, 0);
    builder.tree().add(0, "", zero, ZnodeTerms.USUAL, 1, 0, none);
    builder.tree().add(1, "near", stat, ZnodeTerms.USUAL, counter, counter, none);
    builder.tree().add(1, "zookeeper", zero, ZnodeTerms.USUAL, 0, 0, none);
    builder.tree().add(2, "config", zero, ZnodeTerms.USUAL, 0, 0, none);
    builder.tree().add(2, "quota", zero, ZnodeTerms.USUAL, 0, 0, none);
    return new Subject(builder.finish(StateMachine.VERSION, 100, 100));
  }

  @Test
  void version_wrapsAndSkipsMinusOne() {
    assertThat(versionsAfter(Integer.MAX_VALUE - 1))
        .containsExactly(Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1);
    assertThat(versionsAfter(-3)).containsExactly(-2, 0, 1);
  }

  @Test
  void sequenceNumbers_wrapAsSignedInts() {
    assertThat(namesAfter(Integer.MAX_VALUE - 1))
        .containsExactly("q2147483646", "q2147483647", "q-2147483648", "q-2147483647");
    assertThat(namesAfter(-2))
        .containsExactly("q-000000002", "q-000000001", "q0000000000", "q0000000001");
    assertThat(namesAfter(-1_000_000_000).get(0)).isEqualTo("q-1000000000");
    assertThat(namesAfter(-999_999_999).get(0)).isEqualTo("q-999999999");
  }

  @Test
  void cversion_wrapsWithIntArithmetic() {
    Subject subject = near(0, 1 << 30);
    assertThat(subject.stat("/near").cversion()).isEqualTo(Integer.MIN_VALUE);
    subject.create("/near/x");
    assertThat(subject.stat("/near").cversion()).isEqualTo(Integer.MIN_VALUE + 1);
    assertThat(subject.stat("/near").numChildren()).isEqualTo(1);
  }

  private static List<Integer> versionsAfter(int start) {
    Subject subject = near(start, 0);
    List<Integer> versions = new ArrayList<>();
    int expected = start;
    for (int i = 0; i < 3; i++) {
      subject.write(new WriteOp.SetData("/near", null, expected));
      expected = subject.stat("/near").version();
      versions.add(expected);
    }
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
    return versions;
  }

  private static List<String> namesAfter(int counter) {
    Subject subject = near(0, counter);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      OpResult created = subject.create("/near/q", PERSISTENT_SEQUENTIAL);
      names.add(((OpResult.Created) created).path().substring("/near/".length()));
    }
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
    return names;
  }
}
