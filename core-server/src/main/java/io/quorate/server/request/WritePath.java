package io.quorate.server.request;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.Zxid;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.base.Invariant;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import org.jspecify.annotations.Nullable;

/**
 * Requests that go through the log: writes and the end of a session. They are proposed at once, one
 * behind the other, and answered when they are applied here. While no leader serves they are kept,
 * and proposed in order once one does; a write that goes to the log twice is applied once, because
 * apply takes each number once. Confined to the node thread.
 */
final class WritePath {
  private final RequestHost host;
  private final RequestLimits limits;
  private final SessionBindings bindings;

  WritePath(RequestHost host, RequestLimits limits, SessionBindings bindings) {
    this.host = host;
    this.limits = limits;
    this.bindings = bindings;
  }

  void write(ClientSession session, ClientMessage.Write request) {
    String problem = problemWith(session, request);
    if (problem != null) {
      bindings.refuse(session, ErrorCode.WRITE_GAP, problem);
      return;
    }
    long unconfirmed = request.number() - request.confirmedUpTo();
    if (unconfirmed > limits.writesInFlightMax()) {
      bindings.refuse(
          session,
          ErrorCode.TOO_MANY_IN_FLIGHT,
          unconfirmed + " writes unconfirmed, at most " + limits.writesInFlightMax());
      return;
    }
    propose(session, PendingRequest.proposed(request, payloadOf(session, request)), request);
  }

  private byte[] payloadOf(ClientSession session, ClientMessage.Write request) {
    if (bindings.pendingBytes() > limits.pendingBytesMax()) {
      return refused(
          session,
          request,
          ErrorCode.OVERLOADED,
          0,
          limits.pendingBytesMax(),
          bindings.pendingBytes());
    }
    Shortage shortage = host.serving() ? host.shortage() : null;
    int growing = shortage == null ? -1 : firstThatGrows(request.op(), shortage);
    if (shortage != null && growing >= 0) {
      return refused(
          session, request, shortage.code(), growing, shortage.expected(), shortage.found());
    }
    byte[] payload =
        host.encode(
            new Command.Write(
                session.sessionId(),
                session.attachZxid(),
                request.number(),
                request.confirmedUpTo(),
                session.identities(),
                request.op()));
    return payload != null
        ? payload
        : refused(session, request, ErrorCode.REQUEST_TOO_LARGE, 0, 0, 0);
  }

  private int firstThatGrows(WriteOp op, Shortage shortage) {
    return shortage.code() == ErrorCode.INSUFFICIENT_SPACE
        ? Growth.firstOfDisk(op)
        : Growth.firstOfMemory(op, host.state());
  }

  /** Uses the number up: the client must be able to go on with the next one. */
  private byte[] refused(
      ClientSession session,
      ClientMessage.Write request,
      ErrorCode code,
      int opIndex,
      long expected,
      long found) {
    return Invariant.present(
        host.encode(
            new Command.RefusedWrite(
                session.sessionId(),
                session.attachZxid(),
                request.number(),
                request.confirmedUpTo(),
                code,
                opIndex,
                expected,
                found)),
        "a refused write does not fit the entry limit");
  }

  private void propose(
      ClientSession session, PendingRequest pending, ClientMessage.@Nullable Write write) {
    session.add(pending, write == null ? 0 : write.number());
    byte[] payload = pending.payload();
    if (host.serving() && payload != null) {
      host.propose(payload, session.sessionId());
    }
  }

  private static @Nullable String problemWith(ClientSession session, ClientMessage.Write request) {
    long number = request.number();
    long last = session.lastNumber();
    if (number < 1 || request.confirmedUpTo() < 0 || request.confirmedUpTo() >= number) {
      return "write number " + number + " with confirmations up to " + request.confirmedUpTo();
    }
    if (last != 0 && number != last + 1) {
      return "expected write number " + (last + 1) + " on this connection, found " + number;
    }
    return null;
  }

  void close(ClientSession session, ClientMessage.CloseSession request) {
    byte[] payload =
        Invariant.present(
            host.encode(new Command.CloseSession(session.sessionId(), session.attachZxid())),
            "a close does not fit the entry limit");
    session.setClosing();
    propose(session, PendingRequest.proposed(request, payload), null);
  }

  /** Proposes everything unanswered once more, each connection's in its order. */
  void proposeAgain() {
    for (ClientSession session : bindings.all()) {
      if (!session.isBound()) {
        continue; // about to be closed, or not for a session yet
      }
      for (PendingRequest pending : session.proposed()) {
        byte[] payload = pending.payload();
        if (payload != null) {
          host.propose(payload, session.sessionId());
        }
      }
    }
  }

  /**
   * A write was applied, in its own name or as a refusal. Returns the connection whose oldest
   * proposed request this answers; null if there is none here, as for the second copy of a write
   * proposed twice.
   */
  @Nullable ClientSession applied(
      long sessionId, long attachZxid, long number, ApplyResult result) {
    ClientSession session = bindings.ofSession(sessionId);
    if (session == null || session.attachZxid() != attachZxid) {
      return null;
    }
    PendingRequest oldest = session.oldestProposed();
    if (oldest == null
        || !(oldest.message() instanceof ClientMessage.Write write)
        || write.number() != number) {
      return null;
    }
    if (refusesConnection(session, result)) {
      return null;
    }
    session.removeOldestProposed();
    oldest.setAnswer(new ServerMessage.Response(write.xid(), result.answerZxid(), result.answer()));
    return session;
  }

  /** A close was applied; the whole connection ends with it. */
  @Nullable ClientSession applied(long zxid, Command.CloseSession command, ApplyResult result) {
    ClientSession session = bindings.ofSession(command.sessionId());
    if (session == null || session.attachZxid() != command.attachZxid()) {
      return null;
    }
    PendingRequest oldest = session.oldestProposed();
    if (oldest != null && oldest.message() instanceof ClientMessage.CloseSession close) {
      if (refusesConnection(session, result)) {
        return null;
      }
      session.removeOldestProposed();
      oldest.setAnswer(new ServerMessage.Response(close.xid(), zxid, result.answer()));
      return session;
    }
    // Not asked for on this connection: nobody but a client that speaks for the session closes it.
    bindings.refuse(session, ErrorCode.SESSION_EXPIRED, "the session was closed");
    return null;
  }

  /** Answers that say that this connection can't go on, whatever else it has sent. */
  private boolean refusesConnection(ClientSession session, ApplyResult result) {
    if (result.answer() instanceof OpResult.Failure failure
        && ClientSession.endsConnection(failure.code())) {
      bindings.refuse(
          session,
          failure.code(),
          "expected "
              + failure.expected()
              + ", found "
              + failure.found()
              + " at "
              + Zxid.format(result.answerZxid()));
      return true;
    }
    return false;
  }
}
