package io.quorate.recipes.leader;

/** Where a participant is. */
public enum LeaderState {
  /** Not started. */
  LATENT,
  /** Queued, or about to be. */
  WAITING,
  /** Elected. */
  LEADING,
  /** Told that it leads no more, and not done with that: it is not elected again before. */
  STEPPING_DOWN,
  /** The ensemble refused it; it asks again after a pause. */
  FAILED,
  /** Closed. */
  CLOSED
}
