package io.quorate.recipes.leader;

/** What a leader does when its client loses contact. */
public enum LeaderPolicy {
  /**
   * Leads on until the session is lost, or can't be ruled out to be: a short interruption changes
   * nothing, and nobody else is elected meanwhile.
   */
  KEEP_UNTIL_UNSAFE,
  /** Steps down as soon as no server is in contact, and queues again. */
  STEP_DOWN_WHEN_SUSPENDED
}
