package io.quorate.client.session;

import io.quorate.protocol.message.ServerMessage;

/**
 * What can happen to a session machine. Inputs about a connection name it by the number of the
 * {@link SessionOutput.Connect} that asked for it; those about an earlier one are ignored.
 */
public sealed interface SessionInput {

  /** The connection is up, and the magic is sent. */
  record Connected(long connection) implements SessionInput {}

  record Received(long connection, ServerMessage message) implements SessionInput {}

  /**
   * The connection is gone, or did not come up.
   *
   * @param cause for people
   */
  record Disconnected(long connection, String cause) implements SessionInput {}

  /**
   * A caller wants something. Answered by one {@link SessionOutput.Complete} with the same handle.
   *
   * @param handle opaque
   * @param deadlineNanos when the caller gives up; {@link Long#MAX_VALUE} for never
   */
  record Submit(Object handle, SessionRequest request, long deadlineNanos)
      implements SessionInput {}

  /** Time has passed; due at {@link SessionMachine#nextTickNanos} at the latest. */
  record Tick() implements SessionInput {}

  /**
   * The client is to end, its session first. What was submitted before is carried out first;
   * answered by {@link SessionOutput.Closed}.
   *
   * @param deadlineNanos when to give up waiting for that
   */
  record Close(long deadlineNanos) implements SessionInput {}
}
