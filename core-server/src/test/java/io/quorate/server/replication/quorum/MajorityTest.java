package io.quorate.server.replication.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.base.InvariantViolation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: the rules of a majority hold for every subset of up to five voters. */
class MajorityTest {
  private static final int VOTERS_MAX = 5;

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,2", "4,3", "5,3", "7,4"})
  void size_isTheLeastMajority(int voters, int size) {
    assertThat(Majority.size(voters)).isEqualTo(size);
  }

  @Test
  void anyTwoMajorities_haveAVoterInCommon() {
    for (int voters = 1; voters <= VOTERS_MAX; voters++) {
      for (int a = 0; a < 1 << voters; a++) {
        for (int b = 0; b < 1 << voters; b++) {
          boolean both =
              Integer.bitCount(a) >= Majority.size(voters)
                  && Integer.bitCount(b) >= Majority.size(voters);
          assertThat(!both || (a & b) != 0).isTrue();
        }
      }
    }
  }

  /** Method: every assignment of 0..3 to up to five voters, against counting. */
  @Test
  void reachedByMajority_isTheGreatestValueThatAMajorityReached() {
    for (int voters = 1; voters <= VOTERS_MAX; voters++) {
      for (int assignment = 0; assignment < (1 << (2 * voters)); assignment++) {
        long[] reached = new long[voters];
        for (int i = 0; i < voters; i++) {
          reached[i] = (assignment >> (2 * i)) & 3;
        }
        long result = Majority.reachedByMajority(reached);
        assertThat(reachedAtLeast(reached, result)).isGreaterThanOrEqualTo(Majority.size(voters));
        assertThat(reachedAtLeast(reached, result + 1)).isLessThan(Majority.size(voters));
      }
    }
  }

  private static int reachedAtLeast(long[] reached, long value) {
    int count = 0;
    for (long each : reached) {
      count += each >= value ? 1 : 0;
    }
    return count;
  }

  @Test
  void result_isWonOrLostExactlyWhenNothingCanChangeIt() {
    for (int voters = 1; voters <= VOTERS_MAX; voters++) {
      for (int granted = 0; granted <= voters; granted++) {
        for (int refused = 0; granted + refused <= voters; refused++) {
          int open = voters - granted - refused;
          VoteResult expected =
              granted >= Majority.size(voters)
                  ? VoteResult.WON
                  : granted + open < Majority.size(voters) ? VoteResult.LOST : VoteResult.PENDING;
          assertThat(Majority.result(voters, granted, refused)).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void moreAnswersThanVoters_areRefused() {
    assertThatThrownBy(() -> Majority.result(3, 2, 2)).isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(() -> Majority.size(0)).isInstanceOf(InvariantViolation.class);
  }

  @Test
  void secondAnswerOfAVoter_doesNotCount() {
    VoteTally tally = new VoteTally(3);
    tally.note(1, true);
    tally.note(1, true);
    assertThat(tally.result()).isEqualTo(VoteResult.PENDING);
    tally.note(2, false);
    tally.note(2, true);
    assertThat(tally.result()).isEqualTo(VoteResult.PENDING);
    tally.note(3, true);
    assertThat(tally.result()).isEqualTo(VoteResult.WON);
  }
}
