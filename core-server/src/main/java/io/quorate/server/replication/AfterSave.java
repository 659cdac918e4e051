package io.quorate.server.replication;

/** What a promise was made for: done once it is durable, if it still holds then. */
sealed interface AfterSave {
  /** Nothing waits. */
  record Nothing() implements AfterSave {}

  /** Tell the candidate that it has this vote. */
  record SendVote(int candidate, long epoch) implements AfterSave {}

  /** Ask the others for their votes. */
  record AskForVotes(long epoch) implements AfterSave {}

  /** Tell the leader of that epoch the position. */
  record SendPosition(long epoch) implements AfterSave {}

  /** Tell the founder the incarnation. */
  record SendFoundingGrant(int founder, long clusterId) implements AfterSave {}

  /** Ask the others to belong to the new ensemble. */
  record SendFoundingOffers() implements AfterSave {}
}
