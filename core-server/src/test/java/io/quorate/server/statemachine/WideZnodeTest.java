package io.quorate.server.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.CreateMode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A znode with very many children, at a hundredth of the million that {@code bin/million-children}
 * measures on a whole server.
 */
class WideZnodeTest {
  private static final int CHILDREN = 10_000;
  private static final int PAGE = 700;

  @Test
  void manyChildren_areCreated_pagedInNameOrder_countedAndDeleted() {
    Subject subject = new Subject();
    subject.create("/wide");
    for (int i = 0; i < CHILDREN; i++) {
      subject.write(
          new WriteOp.Create("/wide/n-", new byte[100], CreateMode.PERSISTENT_SEQUENTIAL));
    }
    assertThat(subject.machine.read(new ReadOp.SubtreeCount("/wide")))
        .isEqualTo(new OpResult.Count(CHILDREN));
    List<String> names = new ArrayList<>();
    OpResult.ChildNames page;
    do {
      String after = names.isEmpty() ? "" : names.get(names.size() - 1);
      page = (OpResult.ChildNames) subject.machine.read(new ReadOp.Children("/wide", after, PAGE));
      names.addAll(page.names());
    } while (page.more());
    assertThat(names).hasSize(CHILDREN).isSorted().doesNotHaveDuplicates();
    for (String name : names) {
      assertThat(subject.write(new WriteOp.Delete("/wide/" + name, 0)))
          .isEqualTo(new OpResult.Deleted());
    }
    assertThat(subject.stat("/wide").numChildren()).isZero();
    assertThat(subject.stat("/wide").cversion()).isEqualTo(2 * CHILDREN);
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
  }
}
