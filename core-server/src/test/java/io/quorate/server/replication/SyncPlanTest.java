package io.quorate.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Zxid;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: the way is right for each shape of two histories. Method: histories are written as epochs
 * with the number of their entries, {@code 1x4 2x1} = (1,0)..(1,3) (2,0); equal prefixes have equal
 * hashes, as the chain has.
 */
class SyncPlanTest {

  @ParameterizedTest
  @CsvSource({
    // leader,         purged up to, follower,        way,        at
    "1x4,              -,            1x4,             NOTHING,    1.3",
    "1x4 2x1,          -,            1x4,             DIFF,       1.3",
    "1x4 2x1,          -,            1x2,             DIFF,       1.1",
    "1x4 2x1,          -,            '',              DIFF,       0.0",
    "1x4,              -,            1x6,             TRUNC,      1.3",
    "1x4 2x1,          -,            1x6,             TRUNC_DIFF, 1.3",
    // ZOOKEEPER-1154: the follower's last entry lies inside the leader's range.
    "1x4 3x9,          -,            1x6,             TRUNC_DIFF, 1.3",
    // ZOOKEEPER-2832: an epoch that the leader never had.
    "1x3 3x1 4x1,      -,            1x3 2x2,         TRUNC_DIFF, 1.2",
    "1x3 3x1 4x1,      -,            1x3 2x1,         TRUNC_DIFF, 1.2",
    // Several lost epochs, and one that was cut short in the leader's history.
    "1x3 5x1,          -,            1x3 2x1 3x2 4x1, TRUNC_DIFF, 1.2",
    "1x2 4x3,          -,            1x5 2x1 3x1,     TRUNC_DIFF, 1.1",
    "1x9 4x3,          -,            1x5 2x1 3x1,     TRUNC_DIFF, 1.4",
    // Nothing in common but the beginning.
    "2x3,              -,            1x3,             TRUNC_DIFF, 0.0",
    // What connects them is purged.
    "1x9 2x3,          1.5,          1x9,             DIFF,       1.8",
    "1x9 2x3,          1.5,          1x6,             DIFF,       1.5",
    "1x9 2x3,          1.5,          1x5,             SNAP,       1.5",
    "1x9 2x3,          1.5,          '',              SNAP,       1.5",
    "1x3 3x9,          3.4,          1x3 2x1,         SNAP,       3.4",
    "1x9 3x3,          1.5,          1x11 2x1,        TRUNC_DIFF, 1.8",
    "1x9 3x3,          1.8,          1x11,            TRUNC_DIFF, 1.8",
  })
  void way_isRight(String leader, String purged, String follower, SyncPlan.Kind kind, String at) {
    LogIdentifiers ours = history(leader);
    if (!purged.equals("-")) {
      ours.purgeUpTo(zxid(purged));
    }
    SyncPlan plan =
        SyncPlan.choose(ours, ours.baseZxid(), ours.baseHash(), position(history(follower)));
    assertThat(plan.kind()).isEqualTo(kind);
    assertThat(plan.zxid()).isEqualTo(zxid(at));
    assertThat(ours.contains(plan.zxid(), plan.hash())).isTrue();
  }

  /** Method: all pairs of histories that one ensemble can have, a few epochs deep. */
  @Test
  void everyPair_cutsToTheGreatestCommonEntry() {
    List<LogIdentifiers> histories = new ArrayList<>();
    for (int one = 0; one <= 3; one++) {
      for (int two = 0; two <= 2; two++) {
        for (int three = 0; three <= 2; three++) {
          histories.add(history("1x" + one + " 2x" + two + " 3x" + three));
        }
      }
    }
    for (LogIdentifiers ours : histories) {
      for (LogIdentifiers theirs : histories) {
        if (!ofOneEnsemble(ours, theirs)) {
          continue;
        }
        SyncPlan plan = SyncPlan.choose(ours, 0, 0, position(theirs));
        assertThat(plan.zxid()).isEqualTo(greatestCommon(ours, theirs));
        boolean cuts =
            plan.kind() == SyncPlan.Kind.TRUNC || plan.kind() == SyncPlan.Kind.TRUNC_DIFF;
        boolean sends =
            plan.kind() == SyncPlan.Kind.DIFF || plan.kind() == SyncPlan.Kind.TRUNC_DIFF;
        assertThat(cuts).isEqualTo(theirs.lastZxid() != plan.zxid());
        assertThat(sends).isEqualTo(ours.lastZxid() != plan.zxid());
      }
    }
  }

  /**
   * An epoch has one leader, so the same zxid is the same entry with the same history before it.
   */
  private static boolean ofOneEnsemble(LogIdentifiers ours, LogIdentifiers theirs) {
    for (int i = 0; i < ours.size(); i++) {
      int index = theirs.indexOf(ours.zxidAt(i));
      if (index >= 0 && theirs.hashAt(index) != ours.hashAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static long greatestCommon(LogIdentifiers ours, LogIdentifiers theirs) {
    long common = 0;
    for (int i = 0; i < ours.size(); i++) {
      if (theirs.contains(ours.zxidAt(i), ours.hashAt(i))) {
        common = ours.zxidAt(i);
      }
    }
    return common;
  }

  private static Message.Position position(LogIdentifiers ids) {
    return new Message.Position(
        9, 1, 1, ids.lastZxid(), ids.lastHash(), ids.baseZxid(), ids.boundaries());
  }

  private static long zxid(String text) {
    String[] halves = text.split("\\.");
    return Zxid.of(Long.parseLong(halves[0]), Long.parseLong(halves[1]));
  }

  private static LogIdentifiers history(String text) {
    LogIdentifiers ids = new LogIdentifiers(0, 0);
    for (String epoch : text.isBlank() ? new String[0] : text.trim().split(" ")) {
      String[] parts = epoch.split("x");
      for (int counter = 0; counter < Integer.parseInt(parts[1]); counter++) {
        long zxid = Zxid.of(Long.parseLong(parts[0]), counter);
        ids.append(
            zxid, LogEntry.chainHash(ids.lastHash(), zxid, 0, EntryKind.COMMAND, new byte[0]));
      }
    }
    return ids;
  }
}
