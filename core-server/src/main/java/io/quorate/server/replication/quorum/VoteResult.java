package io.quorate.server.replication.quorum;

/** What a vote stands at. */
public enum VoteResult {
  /** Neither side has a majority yet. */
  PENDING,
  /** A majority granted. */
  WON,
  /** So many refused that a majority can't be reached any more. */
  LOST
}
