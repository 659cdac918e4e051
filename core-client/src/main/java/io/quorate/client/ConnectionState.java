package io.quorate.client;

/** What the client knows of its session at the moment. */
public enum ConnectionState {
  /** A server serves the session. */
  CONNECTED,
  /**
   * No server serves the session at the moment; it may well live. Also the state of a client that
   * had no session yet.
   */
  SUSPENDED,
  /**
   * The session is over, or can no longer be relied upon: everything that it held counts as gone.
   * Stays until the next session is open.
   */
  LOST
}
