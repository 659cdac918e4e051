package io.quorate.recipes.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LockQueueTest {

  @Test
  void onlyWaiter_hasNobodyBefore() {
    LockQueue queue = LockQueue.of(List.of("lock-0000000007"), "lock-0000000007");

    assertThat(queue).isEqualTo(new LockQueue("lock-0000000007", null, 0, true));
  }

  @Test
  void thirdWaiter_watchesTheSecondAndNotTheFirst() {
    LockQueue queue =
        LockQueue.of(
            List.of("lock-0000000003", "lock-0000000001", "lock-0000000002"), "lock-0000000003");

    assertThat(queue).isEqualTo(new LockQueue("lock-0000000001", "lock-0000000002", 2, true));
  }

  @Test
  void namesOfPeople_areIgnored() {
    LockQueue queue =
        LockQueue.of(
            List.of("README", "lock-", "lock-12", "lock-0000000009", "a"), "lock-0000000009");

    assertThat(queue).isEqualTo(new LockQueue("lock-0000000009", null, 0, true));
  }

  @Test
  void ownZnodeDeleted_isNoticed() {
    LockQueue queue = LockQueue.of(List.of("lock-0000000008"), "lock-0000000009");

    assertThat(queue.present()).isFalse();
  }

  @Test
  void counterWrapped_orderIsThatOfCreation() {
    LockQueue queue =
        LockQueue.of(
            List.of("lock--2147483648", "lock-2147483646", "lock-2147483647"), "lock--2147483648");

    assertThat(queue).isEqualTo(new LockQueue("lock-2147483646", "lock-2147483647", 2, true));
  }

  @Test
  void ownNameWithoutNumber_isRefused() {
    assertThatThrownBy(() -> LockQueue.of(List.of(), "lock-x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lock-x");
  }
}
