package io.quorate.server.transport.client;

/** What the limits say to a new connection. */
public enum Admission {
  /** Serve it. */
  ADMITTED,
  /** One too many: tell it so in its own protocol, and close. */
  SHED,
  /** One too many even of those that are told so: close at once. */
  DROPPED
}
