package io.quorate.server.request;

import io.quorate.data.ErrorCode;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.watch.WatchRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which connection speaks for which session here, and who has something to flush. Ordered maps
 * throughout: whatever goes over all connections does so in the order of their ids. Confined to the
 * node thread.
 */
final class SessionBindings {
  /** Connections per {@link #flush}: about a millisecond. */
  private static final int FLUSHED_MAX = 1_024;

  private final WatchRegistry watches;
  private final RequestObserver observer;
  private final TreeMap<Long, ClientSession> byConnection = new TreeMap<>();
  private final TreeMap<Long, ClientSession> bySession = new TreeMap<>();
  private final TreeMap<Long, ClientSession> entering = new TreeMap<>();
  private final PendingBytes pendingBytes = new PendingBytes();
  private final ArrayDeque<ClientSession> dirty = new ArrayDeque<>();
  private final ArrayDeque<Leaving> leaving = new ArrayDeque<>();

  /** A connection that speaks for nobody any more and is to be told why. */
  private record Leaving(ClientSession session, ErrorCode code, String reason) {}

  SessionBindings(WatchRegistry watches, RequestObserver observer) {
    this.watches = watches;
    this.observer = observer;
  }

  void add(ClientConnection connection) {
    byConnection.put(connection.id(), new ClientSession(connection, pendingBytes));
  }

  /** Bytes of requests that wait for their answer, over all connections. */
  long pendingBytes() {
    return pendingBytes.bytes();
  }

  @Nullable ClientSession ofConnection(long connectionId) {
    return byConnection.get(connectionId);
  }

  /** The connection that speaks for that session, or null. */
  @Nullable ClientSession ofSession(long sessionId) {
    return bySession.get(sessionId);
  }

  /** A connection whose opening or attach was proposed under that tag, or null; forgets the tag. */
  @Nullable ClientSession takeEntering(long tag) {
    return entering.remove(tag);
  }

  void enter(ClientSession session, long tag, byte @Nullable [] secret) {
    session.enter(tag, secret);
    entering.put(tag, session);
  }

  void bind(ClientSession session, long sessionId, long attachZxid) {
    session.bind(sessionId, attachZxid);
    bySession.put(sessionId, session);
  }

  void send(ClientSession session, ServerMessage message) {
    if (session.send(message)) {
      dirty.add(session);
    }
  }

  /** Sends the events that the connection holds, if it does. */
  void sendHeld(ClientSession session) {
    if (session.sendHeld()) {
      dirty.add(session);
    }
  }

  /** Says why, then closes. */
  void refuse(ClientSession session, ErrorCode code, String reason) {
    send(session, new ServerMessage.Refused(code, reason));
    observer.refused(code, reason, session.remoteAddress());
    end(session);
  }

  /**
   * As {@link #refuse} for one of many: it speaks for nobody from now on, but is told and closed by
   * {@link #leaveSome}, because that takes long for ten thousand.
   */
  void refuseSoon(ClientSession session, ErrorCode code, String reason) {
    unbind(session);
    session.leave();
    leaving.add(new Leaving(session, code, reason));
  }

  /** Tells and closes some connections, and forgets watches; whether there are more. */
  boolean leaveSome(int connections, int watchesDropped) {
    for (int i = 0; i < connections; i++) {
      Leaving next = leaving.poll();
      if (next == null) {
        break;
      }
      if (byConnection.get(next.session.connectionId()) == next.session) {
        refuse(next.session, next.code, next.reason);
      }
    }
    return watches.dropSome(watchesDropped) || !leaving.isEmpty();
  }

  /** Closes once everything sent is out. */
  void end(ClientSession session) {
    forget(session);
    session.end();
  }

  /** The connection is gone. */
  void gone(ClientSession session) {
    forget(session);
    session.gone();
  }

  private void forget(ClientSession session) {
    byConnection.remove(session.connectionId());
    unbind(session);
    watches.dropConnection(session.connectionId());
  }

  private void unbind(ClientSession session) {
    if (session.isBound()) {
      bySession.remove(session.sessionId(), session);
    }
    if (session.phase() == ClientSession.Phase.ENTERING) {
      entering.remove(session.tag());
    }
  }

  /** All connections, in a list of their own: they may be ended while going over it. */
  List<ClientSession> all() {
    return new ArrayList<>(byConnection.values());
  }

  int count() {
    return byConnection.size();
  }

  /** Pushes out what was sent on a bounded number of connections; whether there are more. */
  boolean flush() {
    for (int i = 0; i < FLUSHED_MAX; i++) {
      ClientSession session = dirty.poll();
      if (session == null) {
        return false;
      }
      if (session.phase() != ClientSession.Phase.OVER) {
        session.flush();
      }
    }
    return !dirty.isEmpty();
  }
}
