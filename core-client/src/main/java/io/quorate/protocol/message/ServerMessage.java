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
   * What this server is and sees, for people and probes. Asked for without a session, and answered
   * in every state.
   *
   * @param role leader, follower, looking, unfounded
   * @param leaderId 0 if unknown
   * @param digest rolling digest of the state at {@code appliedZxid}
   * @param committedZxid last entry that this server knows to be committed
   * @param leaderZxid what the leader has committed, as far as heard; 0 without a leader
   * @param lagEntries committed by the leader and not applied here, counted in the leader's epoch;
   *     -1 without a leader
   * @param lagMillis since this server last had applied everything that its leader committed
   * @param logTimeMillis the leader's wall clock in the newest applied entry
   * @param uptimeMillis since this server started
   * @param snapshotAgeMillis since the entry that the newest snapshot ends with was stamped; -1 if
   *     there is no snapshot
   * @param stateVersion of the state machine, in force
   * @param stateVersionMax the newest that this server supports
   * @param reason why it does not serve, in one line; empty if it serves
   * @param alarm what a person must act upon, in one line; empty if nothing
   * @param peers the other servers, by id
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
      long znodes,
      long committedZxid,
      long leaderZxid,
      long lagEntries,
      long lagMillis,
      long logTimeMillis,
      long uptimeMillis,
      long snapshotAgeMillis,
      int stateVersion,
      int stateVersionMax,
      String reason,
      String alarm,
      List<PeerStatus> peers)
      implements ServerMessage {
    public Status {
      peers = List.copyOf(peers);
    }
  }

  /**
   * What one server knows of another.
   *
   * @param role voter or observer
   * @param linkUp whether the two have a connection
   * @param state what the leader does for it: none, asked, snapshot or stream; none elsewhere
   * @param counts whether its votes and acks count; false for an observer, and for a voter that
   *     lost its data until an entry names its new incarnation
   * @param matchZxid durable there as far as acknowledged to this leader, 0 if unknown
   * @param ackAgeMillis since it was last heard of by this leader, -1 if unknown
   */
  record PeerStatus(
      int serverId,
      String role,
      boolean linkUp,
      String state,
      boolean counts,
      long matchZxid,
      long ackAgeMillis) {}
}
