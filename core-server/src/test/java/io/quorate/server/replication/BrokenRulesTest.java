package io.quorate.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: {@link ReplicaRules} is a seam at which a break shows: random faults find each broken rule
 * within a few seeds. The simulator repeats that with the real storage.
 */
class BrokenRulesTest {
  private static final int SEEDS_MAX = 200;

  /** One broken rule each. */
  enum Broken implements ReplicaRules {
    ACK_BEFORE_FSYNC {
      @Override
      public long acknowledged(long durableZxid, long writtenZxid, long epochZxid) {
        return writtenZxid;
      }
    },
    EPOCH_RECORD_BEFORE_HISTORY {
      @Override
      public long acknowledged(long durableZxid, long writtenZxid, long epochZxid) {
        return Math.max(durableZxid, epochZxid);
      }
    },
    DIFF_BY_ZXID_RANGE {
      @Override
      public SyncPlan plan(
          LogIdentifiers leader, long snapshotZxid, long snapshotHash, Message.Position position) {
        boolean inRange =
            position.lastZxid() >= leader.baseZxid() && position.lastZxid() <= leader.lastZxid();
        return inRange
            ? new SyncPlan(
                SyncPlan.Kind.DIFF,
                leader.floor(position.lastZxid()).lastZxid(),
                leader.floor(position.lastZxid()).chainHash())
            : SyncPlan.choose(leader, snapshotZxid, snapshotHash, position);
      }
    },
    POSITION_FROM_MEMORY {
      @Override
      public long claimed(long durableZxid, long writtenZxid) {
        return writtenZxid;
      }

      @Override
      public boolean settled(int staleWrites) {
        return true;
      }
    },
    STALE_COMPLETION_ACCEPTED {
      @Override
      public long durableAfter(
          boolean current, long completedZxid, long durableZxid, long writtenZxid) {
        return current ? completedZxid : writtenZxid;
      }

      @Override
      public boolean settled(int staleWrites) {
        return true;
      }
    },
    WIPED_SERVER_COUNTS {
      @Override
      public boolean counts(Membership membership, int id, long incarnation) {
        return membership.isVoter(id);
      }
    },
    OBSERVER_COUNTS {
      @Override
      public boolean counts(Membership membership, int id, long incarnation) {
        return !membership.isVoter(id) || membership.counts(id, incarnation);
      }

      @Override
      public long reachedByQuorum(Membership membership, long[] reachedByMember) {
        long[] reached = reachedByMember.clone();
        Arrays.sort(reached);
        return reached[reached.length - membership.majority()];
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Broken.class)
  void brokenRule_isFound(Broken broken) {
    assertThat(firstSeedThatFinds(broken)).as("%s was not found", broken).isNotNull();
  }

  static @Nullable Long firstSeedThatFinds(Broken broken) {
    for (long seed = 1; seed <= SEEDS_MAX; seed++) {
      int observers = broken == Broken.OBSERVER_COUNTS ? 1 : 0;
      TestEnsemble ensemble = RandomEnsembleTest.ensemble(seed, 3, observers);
      ensemble.rules(broken);
      try {
        RandomEnsembleTest.chaos(ensemble, 3 + observers);
        RandomEnsembleTest.converge(ensemble, 3 + observers);
      } catch (AssertionError | RuntimeException e) {
        return seed;
      }
    }
    return null;
  }
}
