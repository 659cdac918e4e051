package io.quorate.client.session;

import io.quorate.client.watch.WatchNotice;
import io.quorate.data.Credential;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.protocol.message.ClientMessage;
import org.jspecify.annotations.Nullable;

/** What a session machine wants done, in this order. */
public sealed interface SessionOutput {

  /**
   * Connect to that server, and answer with Connected or Disconnected. There is one connection at a
   * time: a Disconnect of the one before precedes.
   *
   * @param connection counts from 1
   */
  record Connect(long connection, String server) implements SessionOutput {}

  /** Only while the connection is up. */
  record Send(long connection, ClientMessage message) implements SessionOutput {}

  /** Close the connection, or give up connecting. Nothing more is wanted to be heard of it. */
  record Disconnect(long connection) implements SessionOutput {}

  /** The request has come to its end for the caller. */
  record Complete(Object handle, Outcome outcome) implements SessionOutput {}

  /** Tell a listener. */
  record Notify(WatchNotice notice) implements SessionOutput {}

  /** A session is open: the one that later outputs are about. */
  record SessionBegan(long sessionId, long timeoutMillis) implements SessionOutput {}

  /**
   * A server does not accept a credential that the client holds, on a new connection; everything
   * else goes on without its identity.
   */
  record CredentialRefused(Credential credential, ErrorCode code) implements SessionOutput {}

  /** The session is over for this client; comes before the state LOST. */
  record SessionEnded(long sessionId, String reason) implements SessionOutput {}

  /**
   * The state changed.
   *
   * @param cause for people
   */
  record StateChanged(SessionState from, SessionState to, String cause) implements SessionOutput {}

  /**
   * The machine has ended; it does nothing any more.
   *
   * @param clean whether the server has confirmed the end of the session, or there was none
   */
  record Closed(boolean clean) implements SessionOutput {}

  /** How a request ended. */
  sealed interface Outcome {}

  /**
   * The server's answer, which may be a failure.
   *
   * @param zxid of the answer, see {@code ServerMessage.Response}
   */
  record Answered(OpResult result, long zxid) implements Outcome {}

  /**
   * No answer.
   *
   * @param detail for people
   * @param refusal why the session could not be opened or moved, if a server has said so and
   *     nothing came of any other since
   */
  record Unanswered(Reason reason, String detail, @Nullable Refusal refusal) implements Outcome {
    /** No server has said why. */
    public Unanswered(Reason reason, String detail) {
      this(reason, detail, null);
    }
  }

  /**
   * What a server said when it took no session of this client.
   *
   * @param reason for people
   */
  record Refusal(String server, ErrorCode code, String reason) {}

  /** Why there is no answer. */
  enum Reason {
    /**
     * The session ended before the request was sent, or the request was a read. Nothing changed.
     */
    SESSION_LOST,
    /** A write was sent, and its answer did not come in time or before the session ended. */
    OUTCOME_UNKNOWN,
    /** No answer before the deadline; nothing changed. */
    UNAVAILABLE,
    /** Too much waits already; not sent. */
    OVERLOADED,
    /** The client is closed; nothing changed. */
    CLOSED
  }
}
