package io.quorate.recipes.discovery;

/** What an instance says of itself. */
public enum Health {
  /** Takes work. */
  UP,
  /** Takes work if nobody is {@link #UP}. */
  DEGRADED,
  /** Is there, and takes no work. */
  DOWN
}
