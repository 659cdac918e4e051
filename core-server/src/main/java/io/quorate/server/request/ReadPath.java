package io.quorate.server.request;

import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchKind;
import io.quorate.data.ZnodePath;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.statemachine.Caller;
import io.quorate.server.watch.ChangeHistory;
import io.quorate.server.watch.ReadFilter;
import io.quorate.server.watch.WatchRegistry;
import io.quorate.server.watch.WatchReplay;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are answered from the live state, at the moment when every earlier request of their
 * connection is answered; a watch is left in the same instant, so that no change can fall between
 * the read and the watch. Confined to the node thread.
 */
final class ReadPath {
  private final RequestHost host;
  private final SessionBindings bindings;
  private final WatchRegistry watches;
  private final Authenticator authenticator;
  private final ChangeHistory history;
  private final ReadFilter filter;

  ReadPath(
      RequestHost host,
      SessionBindings bindings,
      WatchRegistry watches,
      Authenticator authenticator,
      ChangeHistory history,
      ReadFilter filter) {
    this.host = host;
    this.authenticator = authenticator;
    this.bindings = bindings;
    this.watches = watches;
    this.history = history;
    this.filter = filter;
  }

  /**
   * Answers now; events that the answer brings about are sent before.
   *
   * @param identities of the connection when the request arrived
   */
  ServerMessage.Response answer(
      ClientSession session, ClientMessage request, List<Identity> identities) {
    if (request instanceof ClientMessage.Read read) {
      return response(read.xid(), read(session, read, identities));
    }
    if (request instanceof ClientMessage.Auth auth) {
      return response(
          auth.xid(),
          authenticator.isAccepted(auth, identities)
              ? new OpResult.Done()
              : OpResult.Failure.of(ErrorCode.AUTH_FAILED));
    }
    if (request instanceof ClientMessage.Sync sync) {
      return response(sync.xid(), new OpResult.Done());
    }
    if (request instanceof ClientMessage.AddWatch add) {
      return response(add.xid(), addWatch(session, add));
    }
    if (request instanceof ClientMessage.RemoveWatch remove) {
      watches.remove(session.connectionId(), remove.watchId());
      return response(remove.xid(), new OpResult.Done());
    }
    throw new IllegalArgumentException("not answered from the state: " + request);
  }

  ServerMessage.Response response(long xid, OpResult result) {
    return new ServerMessage.Response(xid, host.appliedZxid(), result);
  }

  private OpResult read(ClientSession session, ClientMessage.Read read, List<Identity> identities) {
    OpResult result = host.state().read(read.op(), new Caller(session.sessionId(), identities));
    WatchKind kind = read.watchId() == 0 ? null : watchLeftBy(read.op(), result);
    if (kind != null && !leave(session, read.watchId(), read.op().path(), kind)) {
      return tooMany(session, 1);
    }
    return result;
  }

  /** The watch that a read leaves, given what it found; null if it leaves none. */
  private static @Nullable WatchKind watchLeftBy(ReadOp op, OpResult result) {
    if (result instanceof OpResult.Failure) {
      return null;
    }
    if (op instanceof ReadOp.Get) {
      return WatchKind.DATA;
    }
    if (op instanceof ReadOp.Exists) {
      return result instanceof OpResult.Existence existence && existence.stat() == null
          ? WatchKind.EXIST
          : WatchKind.DATA;
    }
    return op instanceof ReadOp.Children ? WatchKind.CHILDREN : null;
  }

  private OpResult addWatch(ClientSession session, ClientMessage.AddWatch add) {
    if (!ZnodePath.isValid(add.path())) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    return leave(session, add.watchId(), add.path(), add.kind())
        ? new OpResult.Done()
        : tooMany(session, 1);
  }

  /** What it may hold, and what it would hold with so many more. */
  private OpResult tooMany(ClientSession session, int more) {
    return new OpResult.Failure(
        ErrorCode.TOO_MANY_WATCHES,
        0,
        watches.perConnectionMax(),
        (long) watches.heldBy(session.connectionId()) + more);
  }

  /** False if the connection holds as many watches as it may. */
  private boolean leave(ClientSession session, long watchId, String path, WatchKind kind) {
    return watches.add(session.connectionId(), watchId, path, kind);
  }

  /**
   * Begins to resume watches, or answers at once by {@link PendingRequest#setAnswer} that it can't
   * be done and returns null.
   */
  @Nullable Resumption resume(ClientSession session, PendingRequest pending) {
    ClientMessage.ResumeWatches resume = (ClientMessage.ResumeWatches) pending.message();
    OpResult problem = problemWith(session, resume);
    if (problem != null) {
      pending.setAnswer(response(resume.xid(), problem));
      return null;
    }
    WatchReplay replay =
        new WatchReplay(
            history, resume.sinceZxid(), session.connectionId(), resume.watches(), filter);
    WatchResume judgement =
        new WatchResume(
            host.state(), resume.sinceZxid(), acl -> filter.mayRead(session.connectionId(), acl));
    return new Resumption(
        bindings, watches, session, pending, resume, replay, judgement, host.appliedZxid());
  }

  private @Nullable OpResult problemWith(
      ClientSession session, ClientMessage.ResumeWatches resume) {
    for (ClientMessage.Registration watch : resume.watches()) {
      if (!ZnodePath.isValid(watch.path())) {
        return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
      }
    }
    if (!watches.hasRoom(session.connectionId(), resume.watches().size())) {
      return tooMany(session, resume.watches().size());
    }
    return null;
  }
}
