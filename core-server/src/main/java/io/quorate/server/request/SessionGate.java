package io.quorate.server.request;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.Zxid;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.base.Invariant;
import io.quorate.server.base.RandomSource;
import io.quorate.server.session.SessionInfo;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How a connection comes to speak for a session, and how it ends: openings, attaches, moves, closes
 * and expiries, each a fact only once it is applied. Confined to the node thread.
 */
final class SessionGate {
  /** Length of a session's secret. */
  static final int SECRET_BYTES = 16;

  private final int nodeId;
  private final RequestHost host;
  private final RequestLimits limits;
  private final SessionBindings bindings;
  private final RandomSource secrets;
  private final SecretHash hash = new SecretHash();
  private long lastTag;

  SessionGate(
      int nodeId,
      RequestHost host,
      RequestLimits limits,
      SessionBindings bindings,
      RandomSource secrets) {
    this.nodeId = nodeId;
    this.host = host;
    this.limits = limits;
    this.bindings = bindings;
    this.secrets = secrets;
    this.lastTag = secrets.nextLong();
  }

  void open(ClientSession session, ClientMessage.OpenSession request) {
    if (!takesSessions()) {
      refuseNotServing(session);
      return;
    }
    // A session is small, and without one nobody could look or make room.
    Shortage shortage = host.shortage();
    if (shortage != null && shortage.logsNothing()) {
      bindings.refuse(session, shortage.code(), "no session is opened: " + shortage.describe());
      return;
    }
    long timeoutMillis =
        Math.max(
            limits.sessionTimeoutMinMillis(),
            Math.min(limits.sessionTimeoutMaxMillis(), request.timeoutMillis()));
    byte[] secret =
        ByteBuffer.allocate(SECRET_BYTES)
            .putLong(secrets.nextLong())
            .putLong(secrets.nextLong())
            .array();
    String name = request.clientName();
    if (name.length() > limits.clientNameCharsMax()) {
      name = name.substring(0, limits.clientNameCharsMax());
    }
    long tag = ++lastTag;
    enter(
        session,
        tag,
        new Command.OpenSession(nodeId, tag, hash.of(secret), timeoutMillis, name),
        secret,
        0);
  }

  /** What would only be held is refused: the client looks elsewhere, and can say why it waits. */
  private boolean takesSessions() {
    return host.serving() && host.hearsLeader() && host.holdsWrites().isEmpty();
  }

  void attach(ClientSession session, ClientMessage.AttachSession request) {
    if (!takesSessions()) {
      refuseNotServing(session);
      return;
    }
    Shortage shortage = host.shortage();
    if (shortage != null && shortage.logsNothing()) {
      bindings.refuse(session, shortage.code(), "nothing is logged: " + shortage.describe());
      return;
    }
    if (host.appliedZxid() < request.lastZxid()) {
      bindings.refuse(
          session,
          ErrorCode.SERVER_BEHIND,
          "this server has applied "
              + Zxid.format(host.appliedZxid())
              + ", the client has seen "
              + Zxid.format(request.lastZxid()));
      return;
    }
    long tag = ++lastTag;
    enter(
        session,
        tag,
        new Command.AttachSession(nodeId, tag, request.sessionId(), hash.of(request.secret())),
        null,
        request.sessionId());
  }

  private void enter(
      ClientSession session, long tag, Command command, byte @Nullable [] secret, long sessionId) {
    byte[] payload = host.encode(command);
    if (payload == null) {
      bindings.refuse(session, ErrorCode.REQUEST_TOO_LARGE, "the request exceeds the entry limit");
      return;
    }
    bindings.enter(session, tag, secret);
    host.propose(payload, sessionId);
  }

  void applied(long zxid, Command.OpenSession command, ApplyResult result) {
    ClientSession session =
        command.origin() == nodeId ? bindings.takeEntering(command.tag()) : null;
    if (session == null) {
      return;
    }
    if (result.answer() instanceof OpResult.Failure failure) {
      bindings.refuse(session, failure.code(), "the session could not be opened");
      return;
    }
    byte[] secret = Invariant.present(session.newSecret(), "an attach was applied as an opening");
    bindings.bind(session, zxid, zxid);
    bindings.send(
        session,
        new ServerMessage.SessionOpened(
            zxid, secret, command.timeoutMillis(), zxid, limits.writesInFlightMax(), nodeId));
  }

  void applied(long zxid, Command.AttachSession command, ApplyResult result) {
    ClientSession session =
        command.origin() == nodeId ? bindings.takeEntering(command.tag()) : null;
    if (result.answer() instanceof OpResult.Failure failure) {
      if (session != null) {
        bindings.refuse(session, failure.code(), "the session could not be attached");
      }
      return;
    }
    ClientSession before = bindings.ofSession(command.sessionId());
    if (before != null) {
      bindings.refuse(
          before,
          ErrorCode.SESSION_MOVED,
          "the session was attached through server " + command.origin());
    }
    if (session != null) {
      bindings.bind(session, command.sessionId(), zxid);
      SessionInfo info =
          Invariant.present(
              host.state().session(command.sessionId()), "the attached session is not open");
      bindings.send(
          session,
          new ServerMessage.SessionAttached(
              command.sessionId(), info.timeoutMillis(), zxid, limits.writesInFlightMax(), nodeId));
    }
  }

  /** The session has ended by expiry: whoever speaks for it here is told. */
  void expired(Command.ExpireSession command, ApplyResult result) {
    ClientSession session = bindings.ofSession(command.sessionId());
    if (session != null && result.answer() instanceof OpResult.Done) {
      bindings.refuse(session, ErrorCode.SESSION_EXPIRED, "the session was silent for its timeout");
    }
  }

  /** The leader is lost: what enters may or may not have happened; the client tries again. */
  void leaderLost() {
    for (ClientSession session : bindings.all()) {
      if (session.phase() == ClientSession.Phase.ENTERING) {
        bindings.refuseSoon(session, ErrorCode.NOT_SERVING, whyNotServing());
      }
    }
  }

  private void refuseNotServing(ClientSession session) {
    bindings.refuse(session, ErrorCode.NOT_SERVING, whyNotServing());
  }

  private String whyNotServing() {
    String held = host.holdsWrites();
    String why = host.serving() && !held.isEmpty() ? held : host.whyNotServing();
    return "server " + nodeId + ": " + why;
  }
}
