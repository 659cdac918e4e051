package io.quorate.server.request;

import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.base.Invariant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection and what it speaks for: first for nobody, then for a session that is being opened
 * or attached, then for that session, at last for nobody again. A connection serves one session in
 * its life. Confined to the node thread.
 */
final class ClientSession {
  /** Where the conversation is. */
  enum Phase {
    /** Nothing but an opening, an attach or a status query is legal. */
    NEW,
    /** The opening or attach was proposed and is not applied yet. */
    ENTERING,
    /** Speaks for its session. */
    BOUND,
    /** Refused, closed or gone; nothing is sent or accepted any more. */
    OVER
  }

  private final ClientConnection connection;
  private Phase phase = Phase.NEW;
  private boolean dirty;

  /** Fired, to be sent before anything else; null if there is nothing. */
  private ServerMessage.@Nullable Events held;

  /** Names the proposed opening or attach; meaningful while ENTERING. */
  private long tag;

  /** The secret of the session being opened; null otherwise. */
  private byte @Nullable [] newSecret;

  private long sessionId;
  private long attachZxid;

  /** Number of the newest write of this connection; 0 before the first. */
  private long lastNumber;

  private boolean closing;

  /** When the newest message came. */
  private long arrivedNanos;

  private List<Identity> identities;

  /** Unanswered requests in order of arrival. */
  private final ArrayDeque<PendingRequest> requests = new ArrayDeque<>();

  /** Those of {@link #requests} that were proposed and not applied yet, in the same order. */
  private final ArrayDeque<PendingRequest> proposed = new ArrayDeque<>();

  private final PendingBytes pendingBytes;

  ClientSession(ClientConnection connection, PendingBytes pendingBytes) {
    this.connection = connection;
    this.identities = Authenticator.atFirst(connection);
    this.pendingBytes = pendingBytes;
  }

  long connectionId() {
    return connection.id();
  }

  String remoteAddress() {
    return connection.remoteAddress();
  }

  /** The message that is looked at now came then. */
  void arrived(long nanos) {
    arrivedNanos = nanos;
  }

  long arrivedNanos() {
    return arrivedNanos;
  }

  Phase phase() {
    return phase;
  }

  boolean isBound() {
    return phase == Phase.BOUND;
  }

  long tag() {
    return tag;
  }

  byte @Nullable [] newSecret() {
    return newSecret;
  }

  long sessionId() {
    return sessionId;
  }

  /** Zxid of the attach (or opening) through which this connection speaks. */
  long attachZxid() {
    return attachZxid;
  }

  long lastNumber() {
    return lastNumber;
  }

  /** Who this connection is, for the requests that arrive now. Immutable. */
  List<Identity> identities() {
    return identities;
  }

  void setIdentities(List<Identity> proven) {
    identities = List.copyOf(proven);
  }

  boolean isClosing() {
    return closing;
  }

  /**
   * The first message was legal and its command is proposed.
   *
   * @param secret of the session to open; null for an attach
   */
  void enter(long newTag, byte @Nullable [] secret) {
    Invariant.check(phase == Phase.NEW, "a connection enters once, found %s", phase);
    phase = Phase.ENTERING;
    tag = newTag;
    newSecret = secret;
  }

  /** The opening or attach is applied. */
  void bind(long id, long attachedAt) {
    Invariant.check(phase == Phase.ENTERING, "only a connection that enters is bound: %s", phase);
    phase = Phase.BOUND;
    newSecret = null;
    sessionId = id;
    attachZxid = attachedAt;
  }

  /** Queues a request behind the earlier ones; {@code number} 0 if it is no write. */
  void add(PendingRequest request, long number) {
    request.arrived(arrivedNanos);
    requests.add(request);
    pendingBytes.add(request.bytes());
    if (request.payload() != null) {
      proposed.add(request);
    }
    if (number != 0) {
      lastNumber = number;
    }
  }

  /** No request is accepted behind the end of the session. */
  void setClosing() {
    closing = true;
  }

  @Nullable PendingRequest oldest() {
    return requests.peek();
  }

  void removeOldest() {
    PendingRequest removed = requests.remove();
    if (removed.payload() == null) {
      pendingBytes.add(-removed.bytes());
    }
  }

  int requestCount() {
    return requests.size();
  }

  @Nullable PendingRequest oldestProposed() {
    return proposed.peek();
  }

  void removeOldestProposed() {
    pendingBytes.add(-proposed.remove().bytes());
  }

  /** What must be proposed again when the leader changed, in order. */
  Collection<PendingRequest> proposed() {
    return proposed;
  }

  /** The events of the newest entry: sent by {@link #sendHeld}, or before the next message. */
  void hold(ServerMessage.Events events) {
    Invariant.check(held == null, "the events of an earlier entry are not sent yet");
    held = events;
  }

  boolean hasHeld() {
    return held != null;
  }

  /** Queues what is held; returns as {@link #send}. */
  boolean sendHeld() {
    ServerMessage.Events events = held;
    if (events == null) {
      return false;
    }
    held = null;
    return queue(events);
  }

  /** Queues a message; returns whether it is the first since the last {@link #flush}. */
  boolean send(ServerMessage message) {
    boolean first = sendHeld();
    return queue(message) || first;
  }

  private boolean queue(ServerMessage message) {
    connection.send(message);
    boolean first = !dirty;
    dirty = true;
    return first;
  }

  void flush() {
    dirty = false;
    connection.flush();
  }

  /** Nothing more is sent; closes once the rest is out. */
  void end() {
    gone();
    connection.flush();
    connection.close();
  }

  /** It speaks for nobody any more and hears nothing but why, which {@link #end} follows. */
  void leave() {
    phase = Phase.OVER;
    held = null;
  }

  /** As {@link #end}, for a connection that is gone already. */
  void gone() {
    phase = Phase.OVER;
    held = null;
    while (!requests.isEmpty()) {
      removeOldest();
    }
    while (!proposed.isEmpty()) {
      removeOldestProposed();
    }
  }

  /** The codes after which a connection can't go on, wherever its session lives. */
  static boolean endsConnection(ErrorCode code) {
    return ENDING.contains(code);
  }

  private static final List<ErrorCode> ENDING =
      List.of(
          ErrorCode.SESSION_EXPIRED,
          ErrorCode.SESSION_MOVED,
          ErrorCode.WRITE_GAP,
          ErrorCode.TOO_MANY_IN_FLIGHT,
          ErrorCode.MALFORMED);

  @Override
  public String toString() {
    return phase + " connection " + connection.id() + " from " + connection.remoteAddress();
  }
}
