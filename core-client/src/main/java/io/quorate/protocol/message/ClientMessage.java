package io.quorate.protocol.message;

import io.quorate.data.ReadOp;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import java.util.List;

/**
 * What a client sends. The first message of a connection is {@link OpenSession} or {@link
 * AttachSession} (or {@link StatusQuery}); nothing else is legal until it is answered. Requests are
 * answered in the order sent, pings out of that order.
 *
 * <p>{@code xid} is chosen by the client, unique among its unanswered requests on this connection,
 * and echoed.
 */
public sealed interface ClientMessage {

  /**
   * Opens a new session.
   *
   * @param timeoutMillis wish; the answer says what was granted
   * @param clientName who this is, for people ("billing-A@host7 pid 4711"); shown to those who wait
   *     for its grants
   */
  record OpenSession(long timeoutMillis, String clientName) implements ClientMessage {}

  /**
   * Goes on with a session, on this or another server.
   *
   * @param secret the 16 bytes that the opening was answered with
   * @param lastZxid the highest zxid that this client has seen; a server behind it refuses
   */
  record AttachSession(long sessionId, byte[] secret, long lastZxid) implements ClientMessage {}

  /**
   * Ends the session: its ephemerals vanish at one zxid. Answered by a {@link
   * ServerMessage.Response}, then the server closes.
   */
  record CloseSession(long xid) implements ClientMessage {}

  /**
   * Keeps the session alive. Its {@link ServerMessage.Pong} is sent only after the leader recorded
   * the touch and a quorum round that began later completed, so it extends the client's safe
   * deadline.
   *
   * @param confirmedUpTo every write number up to this one has been answered to the client
   */
  record Ping(long pingId, long confirmedUpTo) implements ClientMessage {}

  /**
   * A write. Numbers count from 1 per session without gaps; a re-sent number is answered with the
   * first answer.
   *
   * @param number position among the writes of this session
   * @param confirmedUpTo every write number up to this one has been answered to the client; its
   *     stored answer may go
   */
  record Write(long xid, long number, long confirmedUpTo, WriteOp op) implements ClientMessage {}

  /**
   * A read, after this session's earlier requests.
   *
   * @param watchId 0, or the id under which a one-shot watch is left in the same instant: DATA for
   *     a get that finds the znode, DATA or EXIST for an exists, CHILDREN for a children read that
   *     finds it. Chosen by the client, unique among its live watches
   * @param linearizable whether the answer must reflect every write acknowledged, to anybody,
   *     before the read was sent
   */
  record Read(long xid, ReadOp op, long watchId, boolean linearizable) implements ClientMessage {}

  /**
   * Answered once this server has applied every write that was acknowledged, to anybody, before the
   * sync was sent. A quorum operation.
   */
  record Sync(long xid) implements ClientMessage {}

  /**
   * Leaves a watch that fires until it is removed.
   *
   * @param kind {@link WatchKind#PERSISTENT} or {@link WatchKind#PERSISTENT_RECURSIVE}
   */
  record AddWatch(long xid, long watchId, String path, WatchKind kind) implements ClientMessage {}

  /**
   * Adds an identity to this connection, for all that follows on it. Identities belong to the
   * connection: a client sends this again after each attach, before it re-sends requests.
   *
   * @param scheme {@code digest}
   * @param credential what proves it, {@code user:password} in UTF-8; never logged
   */
  record Auth(long xid, String scheme, byte[] credential) implements ClientMessage {
    /** Without the credential. */
    @Override
    public String toString() {
      return "Auth[xid=" + xid + ", scheme=" + scheme + "]";
    }
  }

  /** Removes any watch of this client by its id; removing one that is gone is no error. */
  record RemoveWatch(long xid, long watchId) implements ClientMessage {}

  /**
   * After an attach: the watches that the client still holds, as of {@code sinceZxid}. What fired
   * since is sent at once, entry by entry, from the server's history of changes; then the answer,
   * {@link io.quorate.data.OpResult.WatchesResumed}, says whether that history reached back. Where
   * it did not, one-shot watches are judged by the stats of their znodes (a znode created and
   * deleted meanwhile is not seen), and persistent ones are left again as of now.
   */
  record ResumeWatches(long xid, long sinceZxid, List<Registration> watches)
      implements ClientMessage {
    public ResumeWatches {
      watches = List.copyOf(watches);
    }
  }

  /** One watch to resume. */
  record Registration(long watchId, String path, WatchKind kind) {}

  /** Asks what this server is and sees; needs no session and works without a quorum. */
  record StatusQuery(long xid) implements ClientMessage {}
}
