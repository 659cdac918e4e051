package io.quorate.server.replication.quorum;

import java.util.Arrays;

/** Votes of one ballot; each voter counts once, its first answer stands. Mutable, confined. */
public final class VoteTally {
  private final int voters;
  private int[] answered = new int[0];
  private int granted;
  private int refused;

  public VoteTally(int voters) {
    this.voters = voters;
  }

  /** Notes the answer of a voter; a second answer of the same voter changes nothing. */
  public void note(int voter, boolean grants) {
    for (int id : answered) {
      if (id == voter) {
        return;
      }
    }
    answered = Arrays.copyOf(answered, answered.length + 1);
    answered[answered.length - 1] = voter;
    if (grants) {
      granted++;
    } else {
      refused++;
    }
  }

  public VoteResult result() {
    return Majority.result(voters, granted, refused);
  }

  @Override
  public String toString() {
    return granted + " granted, " + refused + " refused of " + voters;
  }
}
