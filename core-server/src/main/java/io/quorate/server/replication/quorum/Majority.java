package io.quorate.server.replication.quorum;

import io.quorate.server.base.Invariant;
import java.util.Arrays;

/** The rules of a majority of a fixed number of voters. */
public final class Majority {
  private Majority() {}

  /** Smallest number of voters of which any two sets have one in common. */
  public static int size(int voters) {
    Invariant.check(voters > 0, "a majority of %d voters does not exist", voters);
    return voters / 2 + 1;
  }

  /**
   * The greatest value that a majority has reached.
   *
   * @param reached what each voter has reached, in any order; one that does not count, or has
   *     reached nothing, stands at the least value
   */
  public static long reachedByMajority(long[] reached) {
    long[] sorted = reached.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length - size(sorted.length)];
  }

  /** The result of a vote of {@code voters}. */
  public static VoteResult result(int voters, int granted, int refused) {
    Invariant.check(
        granted >= 0 && refused >= 0 && granted + refused <= voters,
        "%d granted and %d refused of %d voters",
        granted,
        refused,
        voters);
    if (granted >= size(voters)) {
      return VoteResult.WON;
    }
    return voters - refused < size(voters) ? VoteResult.LOST : VoteResult.PENDING;
  }
}
