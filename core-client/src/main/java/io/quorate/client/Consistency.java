package io.quorate.client;

/** What a read must reflect. */
public enum Consistency {
  /**
   * Everything that this session did or saw before. Answered by one server from its own state;
   * cheap.
   */
  SESSION,
  /**
   * Every write acknowledged to anybody before the read was sent. Costs a round of the quorum,
   * shared with other such reads.
   */
  LINEARIZABLE
}
