package io.quorate.client.session;

/** What the client knows of its session. */
public enum SessionState {
  /** A server serves the session. */
  CONNECTED,
  /** No server serves it at the moment, or there was none yet. */
  SUSPENDED,
  /** It is over for this client; stays until the next one is open. */
  LOST
}
