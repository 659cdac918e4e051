package io.quorate.protocol.message;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import java.util.List;

/**
 * What a server sends: replies and events in one ordered stream. An event always precedes any reply
 * that shows its change; all events of one zxid for this connection travel in one {@link Events}.
 */
public sealed interface ServerMessage {

  /**
   * The session is open on this connection.
   *
   * @param secret 16 bytes that re-attach the session; never logged
   * @param timeoutMillis what was granted
   * @param zxid of the opening; also the first attach
   * @param maxInFlight how many writes the session may have unconfirmed
   */
  record SessionOpened(
      long sessionId, byte[] secret, long timeoutMillis, long zxid, int maxInFlight, int serverId)
      implements ServerMessage {}

  /**
   * The session goes on here. The client now re-sends every unanswered request, writes under their
   * old numbers, in order.
   *
   * @param zxid of this attach
   */
  record SessionAttached(
      long sessionId, long timeoutMillis, long zxid, int maxInFlight, int serverId)
      implements ServerMessage {}

  /**
   * No, and why. The server closes the connection afterwards; unless {@code code} says otherwise,
   * another server may serve.
   */
  record Refused(ErrorCode code, String reason) implements ServerMessage {}

  /**
   * Answer to a ping.
   *
   * @param zxid applied here; every event up to it has been sent before
   * @param logTimeMillis the leader's wall clock in the newest applied entry
   */
  record Pong(long pingId, long zxid, long logTimeMillis) implements ServerMessage {}

  /**
   * Answer to a request.
   *
   * @param zxid for a write, of its entry; for a read, applied by this server when it was read
   */
  record Response(long xid, long zxid, OpResult result) implements ServerMessage {}

  /** All that one entry meant to the watches of this connection. */
  record Events(long zxid, List<Fired> fired) implements ServerMessage {
    public Events {
      fired = List.copyOf(fired);
    }
  }

  /** One watch that fired. */
  record Fired(long watchId, WatchEvent.Type type, String path) {}

  /**
   * What this server is and sees, for people and probes.
   *
   * @param role leader, follower, looking, unfounded
   * @param leaderId 0 if unknown
   * @param digest rolling digest of the state at {@code appliedZxid}
   */
  record Status(
      long xid,
      int serverId,
      String role,
      int leaderId,
      long epoch,
      boolean serving,
      long durableZxid,
      long appliedZxid,
      long digest,
      long snapshotZxid,
      int sessions,
      int connections,
      int watches,
      long znodes)
      implements ServerMessage {}
}
