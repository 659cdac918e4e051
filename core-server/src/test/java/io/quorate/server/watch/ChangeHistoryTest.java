package io.quorate.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.WatchEvent;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How far back the history reaches, and that it says so exactly. */
class ChangeHistoryTest {
  private static List<ZnodeChange> changes(long zxid, int count) {
    List<ZnodeChange> changes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      changes.add(new ZnodeChange(WatchEvent.Type.NODE_DATA_CHANGED, "/a" + i, zxid));
    }
    return changes;
  }

  private static List<Long> zxidsAfter(ChangeHistory history, long zxid) {
    List<Long> zxids = new ArrayList<>();
    history.after(zxid).forEach(changes -> zxids.add(changes.get(0).zxid()));
    return zxids;
  }

  @Test
  void fullHistory_dropsWholeEntriesAndRaisesTheFloorToTheNewestDropped() {
    ChangeHistory history = new ChangeHistory(new WatchLimits(5, 1 << 20));
    history.add(10, changes(10, 2));
    history.add(20, List.of()); // an entry without changes takes no room
    history.add(30, changes(30, 3));
    assertThat(history.floor()).isZero();
    history.add(40, changes(40, 1));
    assertThat(history.floor()).isEqualTo(10);
    assertThat(history.changeCount()).isEqualTo(4);
    assertThat(history.reachesBackTo(9)).isFalse();
    assertThat(history.reachesBackTo(10)).isTrue();
    assertThat(zxidsAfter(history, 10)).containsExactly(30L, 40L);
    assertThat(zxidsAfter(history, 30)).containsExactly(40L);
    assertThat(zxidsAfter(history, 40)).isEmpty();
  }

  @Test
  void entryLargerThanTheHistory_emptiesItAndIsTheFloor() {
    ChangeHistory history = new ChangeHistory(new WatchLimits(5, 1 << 20));
    history.add(10, changes(10, 2));
    history.add(20, changes(20, 6));
    assertThat(history.floor()).isEqualTo(20);
    assertThat(history.changeCount()).isZero();
    assertThat(history.bytes()).isZero();
    assertThat(history.reachesBackTo(20)).isTrue();
  }

  @Test
  void bytes_boundTheHistoryToo() {
    ChangeHistory history = new ChangeHistory(new WatchLimits(1_000, 1_000));
    for (long zxid = 1; zxid <= 100; zxid++) {
      history.add(zxid, changes(zxid, 1));
      assertThat(history.bytes()).isLessThanOrEqualTo(1_000);
    }
    assertThat(history.changeCount()).isBetween(3, 20);
    assertThat(history.floor()).isEqualTo(100 - history.changeCount());
  }

  @Test
  void loadedState_isTheFloor() {
    ChangeHistory history = new ChangeHistory(new WatchLimits(5, 1 << 20));
    history.add(10, changes(10, 2));
    history.restart(70);
    assertThat(history.reachesBackTo(69)).isFalse();
    assertThat(history.reachesBackTo(70)).isTrue();
    history.add(71, changes(71, 1));
    assertThat(zxidsAfter(history, 70)).containsExactly(71L);
    history.restart(50); // back to a snapshot
    history.add(51, changes(51, 1));
    assertThat(history.changeCount()).isEqualTo(1);
    assertThat(history.floor()).isEqualTo(50);
    assertThat(zxidsAfter(history, 50)).containsExactly(51L); // what is undone is not told
  }

  @Test
  void nothingKept_reachesBackToTheNewestChangeOnly() {
    ChangeHistory history = new ChangeHistory(new WatchLimits(0, 0));
    history.add(10, changes(10, 1));
    history.add(20, List.of());
    assertThat(history.reachesBackTo(9)).isFalse();
    assertThat(history.reachesBackTo(10)).isTrue();
  }
}
