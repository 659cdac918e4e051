package io.quorate.client.session;

import io.quorate.client.session.SessionOutput.Outcome;
import io.quorate.client.session.SessionOutput.Reason;
import io.quorate.client.watch.WatchNotice;
import io.quorate.client.watch.WatchTable;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one session after another with an ensemble: decides where to connect, what to send and send
 * again, what each caller is told, and until when the session can be relied upon.
 *
 * <pre>
 *           retry time              up                    opened, attached
 *   IDLE ---------------> CONNECTING ------> HANDSHAKE ---------------------> UP
 *    ^                        |                  |                             |
 *    +------------------------+------------------+-----------------------------+
 *       refused, silent, closed, faulty: next server; session over: open anew
 * </pre>
 *
 * <p><b>Requests</b> leave in the order in which they were submitted: first they wait in {@code
 * queue}, then, sent, in {@code inFlight}, whose head is answered next. A write gets its number
 * when it is sent first and keeps it: after an attach everything in flight is sent again in order,
 * and the server answers a number it knows with its first answer. A session's writes are bounded by
 * what the server said; other requests by {@link #OTHERS_IN_FLIGHT_MAX}; bytes by {@link
 * #BYTES_IN_FLIGHT_MAX}.
 *
 * <p><b>Safety.</b> {@link #safeUntilNanos} is the send time of a confirmed ping or write (its
 * <i>first</i> sending) plus 9/10 of the session timeout. Every step looks at it before anything
 * else: once it has passed, the session is lost, whatever arrives later. Nothing of a lost session
 * crosses over to the next.
 *
 * <p>Times are nanoseconds of one monotonic clock, not close to overflow. Confined to one thread.
 */
public final class SessionMachine {
  /** Most requests other than writes that are sent and unanswered. */
  static final int OTHERS_IN_FLIGHT_MAX = 1024;

  /** Most bytes that are sent and unanswered; one request may always be. */
  static final long BYTES_IN_FLIGHT_MAX = 16L << 20;

  private static final int RESUMED_WATCHES_MAX = 1024;
  private static final int RESUMED_CHARS_MAX = 256 << 10;

  private static final long MILLI = 1_000_000L;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long LONG_AGO = Long.MIN_VALUE / 2;
  private static final long ATTEMPT_NANOS_MIN = 100 * MILLI;
  private static final long ATTEMPT_NANOS_MAX = 2_000 * MILLI;
  private static final long TIMEOUT_MILLIS_MAX = 1L << 40;

  /** A session is given up when the server refuses to read what we send so many times in a row. */
  private static final int UNREADABLE_MAX = 2;

  private enum Link {
    IDLE,
    CONNECTING,
    HANDSHAKE,
    UP
  }

  private record PingSent(long id, long atNanos) {}

  private final SessionConfig config;
  private final ServerRotation rotation;
  private final WatchTable watches = new WatchTable();
  private List<SessionOutput> out = new ArrayList<>();

  // ---- requests
  /** Not sent yet in this session, in order. */
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();

  /** Sent and unanswered, in the order sent. Empty without a session. */
  private final ArrayDeque<Pending> inFlight = new ArrayDeque<>();

  private long queuedBytes;
  private long bytesInFlight;
  private int othersInFlight;
  private long lastXid;

  /** No request that somebody waits for has an earlier deadline. */
  private long earliestDeadline = NEVER;

  // ---- session; meaningful while sessionId != 0
  private long sessionId;
  private byte[] secret = {};
  private long timeoutNanos;
  private int maxInFlight;

  /** Number of the last write sent; at least confirmedUpTo. */
  private long lastNumber;

  /** Every write up to this one was answered. */
  private long confirmedUpTo;

  /** Highest zxid seen: what a server must have applied to serve us. */
  private long lastZxid;

  /** Every event of our watches up to this zxid has been received; at most lastZxid. */
  private long resumePoint;

  private long safeUntilNanos = LONG_AGO;

  /** CloseSession is on its way: what the session held counts as gone. */
  private boolean released;

  private int unreadable;
  private SessionState state = SessionState.SUSPENDED;

  // ---- connection
  private Link link = Link.IDLE;
  private long connection;
  private String server = "";
  private long retryAtNanos = LONG_AGO;
  private long attemptDeadline;
  private long handshakeSentNanos;
  private boolean attaching;

  /** ResumeWatches messages that are unanswered on this connection. */
  private int resumesLeft;

  /** No reply to a read on this connection may be older. */
  private long replyFloor;

  private long lastEventZxid;
  private final ArrayDeque<PingSent> pings = new ArrayDeque<>();
  private long lastPingId;
  private long lastPingNanos;

  // ---- end
  private boolean closing;
  private long closeDeadline = NEVER;
  private boolean ended;

  /**
   * @param random bits for the order of the servers and for pauses
   */
  public SessionMachine(SessionConfig config, LongSupplier random) {
    this.config = config;
    this.rotation = new ServerRotation(config.servers(), random);
    this.timeoutNanos = config.timeoutMillis() * MILLI;
  }

  /** One thing happened; what is to be done about it. Begin with a tick. */
  public List<SessionOutput> step(SessionInput input, long nowNanos) {
    out = new ArrayList<>();
    if (ended) {
      afterTheEnd(input);
      return out;
    }
    if (sessionId != 0 && !released && nowNanos >= safeUntilNanos) {
      lose("no contact confirmed by the ensemble for 9/10 of the session timeout", nowNanos);
    }
    if (!ended) {
      handle(input, nowNanos);
    }
    if (!ended) {
      advance(nowNanos);
    }
    return out;
  }

  /**
   * When the next tick is due; a later one finds deadlines missed. Never: {@link Long#MAX_VALUE}.
   */
  public long nextTickNanos() {
    if (ended) {
      return NEVER;
    }
    long next = Math.min(earliestDeadline, closeDeadline);
    if (sessionId != 0 && !released) {
      next = Math.min(next, safeUntilNanos);
    }
    return switch (link) {
      case IDLE -> Math.min(next, retryAtNanos);
      case CONNECTING, HANDSHAKE -> Math.min(next, attemptDeadline);
      case UP -> Math.min(next, Math.min(nextPingNanos(), silenceNanos()));
    };
  }

  public SessionState state() {
    return state;
  }

  /** Id of the session; 0 if there is none. */
  public long sessionId() {
    return sessionId;
  }

  /** Until when the session can be relied upon; in the past if there is none. */
  public long safeUntilNanos() {
    return safeUntilNanos;
  }

  /** Requests that are sent and unanswered. */
  public int inFlight() {
    return inFlight.size();
  }

  /** Requests that wait to be sent. */
  public int queued() {
    return queue.size();
  }

  // ---- inputs -----------------------------------------------------------------------------------

  private void handle(SessionInput input, long now) {
    if (input instanceof SessionInput.Received received) {
      if (received.connection() == connection) {
        received(received.message(), now);
      }
    } else if (input instanceof SessionInput.Submit submit) {
      submit(submit, now);
    } else if (input instanceof SessionInput.Connected connected) {
      if (connected.connection() == connection && link == Link.CONNECTING) {
        shakeHands(now);
      }
    } else if (input instanceof SessionInput.Disconnected disconnected) {
      if (disconnected.connection() == connection && link != Link.IDLE) {
        linkFailed(disconnected.cause(), now, false);
      }
    } else if (input instanceof SessionInput.Close close) {
      beginClosing(close.deadlineNanos());
    }
  }

  private void afterTheEnd(SessionInput input) {
    if (input instanceof SessionInput.Submit submit) {
      complete(
          submit.handle(), new SessionOutput.Unanswered(Reason.CLOSED, "the client is closed"));
    } else if (input instanceof SessionInput.Close) {
      out.add(new SessionOutput.Closed(true));
    }
  }

  /** What time alone brings about. */
  private void advance(long now) {
    failExpired(now);
    if (closing && (now >= closeDeadline || (sessionId == 0 && !callersWait()))) {
      end(sessionId == 0, now);
      return;
    }
    if ((link == Link.CONNECTING || link == Link.HANDSHAKE) && now >= attemptDeadline) {
      linkFailed(
          link == Link.CONNECTING ? "no connection in time" : "no answer to the handshake in time",
          now,
          true);
    } else if (link == Link.UP && now >= silenceNanos()) {
      linkFailed("silent", now, true);
    }
    if (link == Link.IDLE && now >= retryAtNanos) {
      connect(now);
    } else if (link == Link.UP) {
      if (now >= nextPingNanos()) {
        ping(now);
      }
      pump(now);
    }
  }

  // ---- connection -------------------------------------------------------------------------------

  private void connect(long now) {
    link = Link.CONNECTING;
    connection++;
    server = rotation.next();
    long patience =
        Math.max(
            ATTEMPT_NANOS_MIN,
            Math.min(ATTEMPT_NANOS_MAX, timeoutNanos / (config.servers().size() + 1)));
    long grown = Math.min(patience * (1 + Math.min(rotation.rounds(), 10)), timeoutNanos / 2);
    attemptDeadline = now + Math.max(patience, grown);
    out.add(new SessionOutput.Connect(connection, server));
  }

  private void shakeHands(long now) {
    link = Link.HANDSHAKE;
    handshakeSentNanos = now;
    attaching = sessionId != 0;
    send(
        attaching
            ? new ClientMessage.AttachSession(sessionId, secret, lastZxid)
            : new ClientMessage.OpenSession(config.timeoutMillis(), config.clientName()));
  }

  /** The connection is of no use, or no more: on to the next server. */
  private void linkFailed(String cause, long now, boolean open) {
    if (open) {
      out.add(new SessionOutput.Disconnect(connection));
    }
    retryAtNanos = now + rotation.failed(server, cause);
    linkDown();
    if (state == SessionState.CONNECTED) {
      changeState(SessionState.SUSPENDED, server + ": " + cause);
    }
  }

  private void linkDown() {
    link = Link.IDLE;
    pings.clear();
    resumesLeft = 0;
    inFlight.removeIf(
        pending -> pending.chore == Pending.Chore.RESUME_WATCHES || pending.isAbandonedRead());
  }

  private void serverFault(String fault, long now) {
    linkFailed("server fault: " + fault, now, true);
  }

  private void received(ServerMessage message, long now) {
    if (link == Link.UP) {
      if (message instanceof ServerMessage.Response response) {
        answered(response, now);
      } else if (message instanceof ServerMessage.Events events) {
        fired(events, now);
      } else if (message instanceof ServerMessage.Pong pong) {
        ponged(pong);
      } else if (message instanceof ServerMessage.Refused refused) {
        refusedWhileUp(refused, now);
      } else {
        serverFault("a handshake answered twice", now);
      }
    } else if (link == Link.HANDSHAKE) {
      if (message instanceof ServerMessage.SessionOpened opened && !attaching) {
        opened(opened, now);
      } else if (message instanceof ServerMessage.SessionAttached attached
          && attaching
          && attached.sessionId() == sessionId) {
        attached(attached, now);
      } else if (message instanceof ServerMessage.Refused refused) {
        refusedAtHandshake(refused, now);
      } else {
        serverFault("handshake answered by " + message.getClass().getSimpleName(), now);
      }
    }
  }

  private void refusedAtHandshake(ServerMessage.Refused refused, long now) {
    String cause = refused.code() + ": " + refused.reason();
    boolean over =
        refused.code() == ErrorCode.SESSION_EXPIRED
            || refused.code() == ErrorCode.SESSION_SECRET_MISMATCH;
    if (over && attaching) {
      lose(cause, now);
    } else {
      linkFailed(cause, now, true);
    }
  }

  private void refusedWhileUp(ServerMessage.Refused refused, long now) {
    String cause = refused.code() + ": " + refused.reason();
    switch (refused.code()) {
      case SESSION_EXPIRED, SESSION_SECRET_MISMATCH -> lose(cause, now);
      case MALFORMED, UNIMPLEMENTED, REQUEST_TOO_LARGE -> {
        // Which of our messages it was can't be told; sent again and again it would block the rest.
        unreadable++;
        if (unreadable >= UNREADABLE_MAX) {
          lose("the server can't read what this client sends: " + cause, now);
        } else {
          linkFailed(cause, now, true);
        }
      }
      default -> linkFailed(cause, now, true);
    }
  }

  private void opened(ServerMessage.SessionOpened opened, long now) {
    long timeout = Math.min(opened.timeoutMillis(), TIMEOUT_MILLIS_MAX) * MILLI;
    long safeUntil = handshakeSentNanos + safeSpan(timeout);
    if (now >= safeUntil) {
      linkFailed("opened a session too late to rely on it", now, true);
      return;
    }
    sessionId = opened.sessionId();
    secret = opened.secret();
    timeoutNanos = timeout;
    maxInFlight = opened.maxInFlight();
    safeUntilNanos = safeUntil;
    lastNumber = 0;
    confirmedUpTo = 0;
    lastZxid = opened.zxid();
    released = false;
    unreadable = 0;
    linkUp(opened.zxid(), now);
    out.add(new SessionOutput.SessionBegan(sessionId, timeout / MILLI));
    changeState(SessionState.CONNECTED, server);
    if (closing) {
      enqueue(Pending.closeSession(++lastXid));
    }
  }

  private void attached(ServerMessage.SessionAttached attached, long now) {
    if (attached.zxid() < lastZxid) {
      serverFault("attached at a zxid before the last one seen", now);
      return;
    }
    timeoutNanos = Math.min(attached.timeoutMillis(), TIMEOUT_MILLIS_MAX) * MILLI;
    maxInFlight = attached.maxInFlight();
    lastZxid = attached.zxid();
    long since = resumePoint;
    linkUp(attached.zxid(), now);
    if (!released) {
      changeState(SessionState.CONNECTED, server);
    }
    List<Pending> again = new ArrayList<>(inFlight);
    inFlight.clear();
    bytesInFlight = 0;
    othersInFlight = 0;
    resumeWatches(since, now);
    for (Pending pending : again) {
      send(pending, now);
    }
    ping(now);
  }

  private void linkUp(long zxid, long now) {
    link = Link.UP;
    resumePoint = zxid;
    replyFloor = zxid;
    lastEventZxid = 0;
    lastPingNanos = now;
    rotation.reached(server, "connected");
  }

  private void resumeWatches(long since, long now) {
    List<ClientMessage.Registration> chunk = new ArrayList<>();
    int chars = 0;
    for (ClientMessage.Registration watch : watches.held()) {
      chunk.add(watch);
      chars += watch.path().length();
      if (chunk.size() == RESUMED_WATCHES_MAX || chars > RESUMED_CHARS_MAX) {
        resumeWatches(chunk, since, now);
        chunk = new ArrayList<>();
        chars = 0;
      }
    }
    if (!chunk.isEmpty()) {
      resumeWatches(chunk, since, now);
    }
  }

  private void resumeWatches(List<ClientMessage.Registration> chunk, long since, long now) {
    resumesLeft++;
    // Until the server has answered, changes since then may still be unheard of.
    resumePoint = since;
    send(Pending.resume(chunk, ++lastXid), now);
  }

  // ---- pings ------------------------------------------------------------------------------------

  private void ping(long now) {
    lastPingNanos = now;
    pings.add(new PingSent(++lastPingId, now));
    send(new ClientMessage.Ping(lastPingId, confirmedUpTo));
  }

  private void ponged(ServerMessage.Pong pong) {
    advanceTo(pong.zxid());
    PingSent sent = null;
    while (!pings.isEmpty() && pings.getFirst().id() <= pong.pingId()) {
      sent = pings.removeFirst();
    }
    if (sent != null && sent.id() == pong.pingId()) {
      extendSafety(sent.atNanos());
      rotation.succeeded();
    }
  }

  /** Every quarter of the timeout; more often when little more than half of it is safe. */
  private long nextPingNanos() {
    long often = Math.max(lastPingNanos + timeoutNanos / 20, safeUntilNanos - timeoutNanos / 2);
    return Math.min(lastPingNanos + timeoutNanos / 4, often);
  }

  /** When an unanswered ping makes the connection useless. */
  private long silenceNanos() {
    return pings.isEmpty() ? NEVER : pings.getFirst().atNanos() + timeoutNanos / 3;
  }

  private void extendSafety(long sentNanos) {
    if (!released) {
      safeUntilNanos = Math.max(safeUntilNanos, sentNanos + safeSpan(timeoutNanos));
    }
  }

  private static long safeSpan(long timeoutNanos) {
    return timeoutNanos - timeoutNanos / 10;
  }

  // ---- requests ---------------------------------------------------------------------------------

  private void submit(SessionInput.Submit submit, long now) {
    SessionRequest request = submit.request();
    if (request instanceof SessionRequest.RemoveWatch remove) {
      removeWatch(remove.watchId());
      complete(submit.handle(), new SessionOutput.Answered(new OpResult.Done(), 0));
      return;
    }
    if (closing) {
      complete(
          submit.handle(), new SessionOutput.Unanswered(Reason.CLOSED, "the client is closed"));
      return;
    }
    if (queue.size() >= config.queuedMax() || queuedBytes >= config.queuedBytesMax()) {
      String detail =
          queue.size() + " operations with " + queuedBytes + " bytes wait already; " + where(now);
      complete(submit.handle(), new SessionOutput.Unanswered(Reason.OVERLOADED, detail));
      return;
    }
    if (request instanceof SessionRequest.AddWatch add) {
      watches.addPersistent(add.watchId(), add.path(), add.listener());
    } else if (request instanceof SessionRequest.Read read) {
      Object listener = read.listener();
      if (listener != null) {
        watches.expect(read.watchId(), read.op().path(), listener);
      }
    }
    enqueue(Pending.of(request, submit.handle(), submit.deadlineNanos(), ++lastXid));
  }

  private void removeWatch(long watchId) {
    if (!watches.remove(watchId)) {
      return;
    }
    boolean unsent =
        queue.removeIf(
            pending -> {
              boolean same = isAddWatch(pending, watchId);
              if (same) {
                queuedBytes -= pending.bytes;
                finish(pending, Reason.CLOSED, "the watch was closed");
              }
              return same;
            });
    if (!unsent && sessionId != 0 && !released) {
      enqueue(Pending.of(new SessionRequest.RemoveWatch(watchId), null, NEVER, ++lastXid));
    }
  }

  private static boolean isAddWatch(Pending pending, long watchId) {
    return pending.request instanceof SessionRequest.AddWatch add && add.watchId() == watchId;
  }

  private void enqueue(Pending pending) {
    queue.add(pending);
    queuedBytes += pending.bytes;
    earliestDeadline = Math.min(earliestDeadline, pending.deadlineNanos);
  }

  /** Sends what may be sent. */
  private void pump(long now) {
    while (link == Link.UP && !queue.isEmpty() && maySend(queue.getFirst())) {
      Pending pending = queue.removeFirst();
      queuedBytes -= pending.bytes;
      send(pending, now);
    }
  }

  private boolean maySend(Pending pending) {
    if (bytesInFlight > 0 && bytesInFlight + pending.bytes > BYTES_IN_FLIGHT_MAX) {
      return false;
    }
    return pending.isWrite()
        ? lastNumber - confirmedUpTo < maxInFlight
        : othersInFlight < OTHERS_IN_FLIGHT_MAX;
  }

  /** For the first time, or again on another connection. */
  private void send(Pending pending, long now) {
    if (!pending.isSent()) {
      if (pending.chore == Pending.Chore.CLOSE_SESSION) {
        release(now);
      }
      pending.connection = connection;
      pending.firstSentNanos = now;
      if (pending.isWrite()) {
        pending.number = ++lastNumber;
      }
    }
    inFlight.add(pending);
    bytesInFlight += pending.bytes;
    othersInFlight += pending.isWrite() ? 0 : 1;
    send(message(pending));
  }

  private void send(ClientMessage message) {
    out.add(new SessionOutput.Send(connection, message));
  }

  private ClientMessage message(Pending pending) {
    SessionRequest request = pending.request;
    if (request instanceof SessionRequest.Write write) {
      return new ClientMessage.Write(pending.xid, pending.number, confirmedUpTo, write.op());
    }
    if (request instanceof SessionRequest.Read read) {
      return new ClientMessage.Read(pending.xid, read.op(), read.watchId(), read.linearizable());
    }
    if (request instanceof SessionRequest.Sync) {
      return new ClientMessage.Sync(pending.xid);
    }
    if (request instanceof SessionRequest.AddWatch add) {
      return new ClientMessage.AddWatch(
          pending.xid, add.watchId(), add.path(), WatchKind.PERSISTENT);
    }
    if (request instanceof SessionRequest.RemoveWatch remove) {
      return new ClientMessage.RemoveWatch(pending.xid, remove.watchId());
    }
    return pending.chore == Pending.Chore.CLOSE_SESSION
        ? new ClientMessage.CloseSession(pending.xid)
        : new ClientMessage.ResumeWatches(pending.xid, resumePoint, pending.watches);
  }

  // ---- answers ----------------------------------------------------------------------------------

  private void answered(ServerMessage.Response response, long now) {
    Pending pending = inFlight.peekFirst();
    if (pending == null || pending.xid != response.xid()) {
      serverFault("answered out of order", now);
      return;
    }
    if (response.result() instanceof OpResult.Failure failure
        && !isForCaller(failure.code(), pending, now)) {
      return;
    }
    if (pending.request instanceof SessionRequest.Read && response.zxid() < replyFloor) {
      serverFault("a reply went back in time", now);
      return;
    }
    replyFloor = Math.max(replyFloor, response.zxid());
    inFlight.removeFirst();
    bytesInFlight -= pending.bytes;
    othersInFlight -= pending.isWrite() ? 0 : 1;
    unreadable = 0;
    rotation.succeeded();
    settle(pending, response, now);
    advanceTo(response.zxid());
  }

  /**
   * Whether the failure is the request's answer; else the session or the connection is at fault.
   */
  private boolean isForCaller(ErrorCode code, Pending pending, long now) {
    switch (code) {
      case SESSION_EXPIRED, SESSION_SECRET_MISMATCH -> {
        if (pending.chore == Pending.Chore.CLOSE_SESSION) {
          return true;
        }
        lose(code.name(), now);
        return false;
      }
      case SESSION_MOVED, NOT_SERVING, SERVER_BEHIND, CLOSING -> {
        linkFailed(code.name(), now, true);
        return false;
      }
      case WRITE_GAP, TOO_MANY_IN_FLIGHT -> {
        if (!pending.isWrite()) {
          return true;
        }
        linkFailed(code.name(), now, true);
        return false;
      }
      default -> {
        return true;
      }
    }
  }

  private void settle(Pending pending, ServerMessage.Response response, long now) {
    OpResult result = response.result();
    SessionRequest request = pending.request;
    if (pending.isWrite()) {
      confirmedUpTo = pending.number;
      if (!(result instanceof OpResult.Failure failure) || isDecidedAtApply(failure.code())) {
        extendSafety(pending.firstSentNanos);
      }
    } else if (request instanceof SessionRequest.Read read) {
      settleWatch(read, result, pending.handle != null);
    } else if (request instanceof SessionRequest.AddWatch add) {
      if (result instanceof OpResult.Failure) {
        watches.remove(add.watchId());
      } else {
        tell(watches.registered(add.watchId()));
      }
    } else if (pending.chore == Pending.Chore.RESUME_WATCHES) {
      resumesLeft--;
      boolean gap = !(result instanceof OpResult.WatchesResumed resumed) || resumed.resync();
      for (WatchNotice notice : gap ? watches.resumed(pending.watches) : List.<WatchNotice>of()) {
        tell(notice);
      }
    } else if (pending.chore == Pending.Chore.CLOSE_SESSION) {
      end(true, now);
      return;
    }
    finish(pending, new SessionOutput.Answered(result, response.zxid()));
  }

  private void settleWatch(SessionRequest.Read read, OpResult result, boolean wanted) {
    if (read.watchId() == 0) {
      return;
    }
    WatchKind left = watchLeft(read.op(), result);
    if (left == null) {
      watches.remove(read.watchId());
    } else if (wanted) {
      watches.leave(read.watchId(), left);
    } else {
      enqueue(Pending.of(new SessionRequest.RemoveWatch(read.watchId()), null, NEVER, ++lastXid));
    }
  }

  /** Which watch such an answer leaves; null if none. */
  private static @Nullable WatchKind watchLeft(ReadOp op, OpResult result) {
    if (op instanceof ReadOp.Exists) {
      if (result instanceof OpResult.Existence existence) {
        return existence.stat() == null ? WatchKind.EXIST : WatchKind.DATA;
      }
      return null;
    }
    if (result instanceof OpResult.Failure) {
      return null;
    }
    return op instanceof ReadOp.Get ? WatchKind.DATA : WatchKind.CHILDREN;
  }

  private static boolean isDecidedAtApply(ErrorCode code) {
    return switch (code) {
      case NO_NODE,
          BAD_VERSION,
          NO_CHILDREN_FOR_EPHEMERALS,
          NODE_EXISTS,
          NOT_EMPTY,
          BAD_ARGUMENTS,
          CZXID_MISMATCH,
          QUOTA_EXCEEDED,
          MULTI_ABORTED ->
          true;
      default -> false;
    };
  }

  private void fired(ServerMessage.Events events, long now) {
    if (resumesLeft == 0) {
      if (events.zxid() < lastEventZxid) {
        serverFault("an event went back in time", now);
        return;
      }
      lastEventZxid = events.zxid();
    }
    for (WatchNotice notice : watches.fire(events)) {
      tell(notice);
    }
    advanceTo(events.zxid());
  }

  private void advanceTo(long zxid) {
    lastZxid = Math.max(lastZxid, zxid);
    if (resumesLeft == 0) {
      resumePoint = Math.max(resumePoint, zxid);
    }
  }

  private void tell(@Nullable WatchNotice notice) {
    if (notice != null) {
      out.add(new SessionOutput.Notify(notice));
    }
  }

  // ---- ends of requests -------------------------------------------------------------------------

  private void complete(Object handle, Outcome outcome) {
    out.add(new SessionOutput.Complete(handle, outcome));
  }

  private void finish(Pending pending, Outcome outcome) {
    Object handle = pending.handle;
    if (handle != null) {
      pending.handle = null;
      complete(handle, outcome);
    }
  }

  private void finish(Pending pending, Reason reason, String detail) {
    finish(pending, new SessionOutput.Unanswered(reason, detail));
  }

  /** Tells those whose deadline has passed. A write that was sent is still settled. */
  private void failExpired(long now) {
    if (now < earliestDeadline) {
      return;
    }
    String detail = where(now);
    long earliest = NEVER;
    for (Pending pending : inFlight) {
      if (pending.handle != null && now >= pending.deadlineNanos) {
        finish(pending, pending.isWrite() ? Reason.OUTCOME_UNKNOWN : Reason.UNAVAILABLE, detail);
        forgetWatchOf(pending);
      } else if (pending.handle != null) {
        earliest = Math.min(earliest, pending.deadlineNanos);
      }
    }
    List<Pending> kept = new ArrayList<>(queue.size());
    for (Pending pending : queue) {
      boolean expired = pending.handle != null && now >= pending.deadlineNanos;
      if (expired) {
        finish(pending, Reason.UNAVAILABLE, detail);
        forgetWatchOf(pending);
      }
      if (expired && !(pending.request instanceof SessionRequest.AddWatch)) {
        queuedBytes -= pending.bytes;
      } else {
        kept.add(pending);
        if (pending.handle != null) {
          earliest = Math.min(earliest, pending.deadlineNanos);
        }
      }
    }
    queue.clear();
    queue.addAll(kept);
    earliestDeadline = earliest;
  }

  private void forgetWatchOf(Pending pending) {
    if (pending.request instanceof SessionRequest.Read read && read.watchId() != 0) {
      watches.remove(read.watchId());
    }
  }

  /** Where we are and what came of each server, for people. */
  private String where(long now) {
    Pending head = inFlight.peekFirst();
    String waiting =
        head == null
            ? ""
            : inFlight.size()
                + " sent and unanswered, the first for "
                + (now - head.firstSentNanos) / MILLI
                + " ms; ";
    return waiting + rotation.describe();
  }

  // ---- ends of sessions -------------------------------------------------------------------------

  /** The session is over, or can't be relied upon any more; the next one is opened at once. */
  private void lose(String reason, long now) {
    endSession(reason, now);
    if (link == Link.HANDSHAKE || link == Link.UP) {
      out.add(new SessionOutput.Disconnect(connection));
      linkDown();
      retryAtNanos = now;
    }
    TreeMap<Long, Pending> adds = new TreeMap<>();
    List<Pending> all = new ArrayList<>(inFlight);
    all.addAll(queue);
    clearRequests();
    for (Pending pending : all) {
      if (pending.request instanceof SessionRequest.AddWatch add) {
        adds.put(add.watchId(), pending);
      } else if (pending.isWrite() && pending.isSent()) {
        finish(pending, Reason.OUTCOME_UNKNOWN, reason);
      } else {
        finish(pending, Reason.SESSION_LOST, reason);
      }
    }
    for (ClientMessage.Registration watch : watches.persistent()) {
      Pending add = adds.remove(watch.watchId());
      enqueue(addAgain(watch, add));
    }
    for (Pending removed : adds.values()) {
      finish(removed, Reason.CLOSED, "the watch was closed");
    }
    if (closing) {
      end(true, now);
    }
  }

  /** A request for the next session, which takes over who waits for it. */
  private Pending addAgain(ClientMessage.Registration watch, @Nullable Pending before) {
    if (before != null && before.request != null) {
      return Pending.of(before.request, before.handle, before.deadlineNanos, ++lastXid);
    }
    // The table knows the listener; the request needs the id and the path only.
    SessionRequest.AddWatch add = new SessionRequest.AddWatch(watch.watchId(), watch.path(), watch);
    return Pending.of(add, null, NEVER, ++lastXid);
  }

  private void clearRequests() {
    inFlight.clear();
    queue.clear();
    queuedBytes = 0;
    bytesInFlight = 0;
    othersInFlight = 0;
    earliestDeadline = NEVER;
  }

  private void endSession(String reason, long now) {
    safeUntilNanos = Math.min(safeUntilNanos, now);
    if (!released) {
      out.add(new SessionOutput.SessionEnded(sessionId, reason));
      changeState(SessionState.LOST, reason);
    }
    sessionId = 0;
    released = false;
    unreadable = 0;
    for (WatchNotice notice : watches.sessionEnded()) {
      tell(notice);
    }
  }

  /** From the moment CloseSession may arrive, nothing that the session held is safe. */
  private void release(long now) {
    safeUntilNanos = Math.min(safeUntilNanos, now);
    released = true;
    out.add(new SessionOutput.SessionEnded(sessionId, "the client was closed"));
    changeState(SessionState.LOST, "the client was closed");
  }

  private void beginClosing(long deadlineNanos) {
    if (!closing) {
      closing = true;
      closeDeadline = deadlineNanos;
      if (sessionId != 0) {
        enqueue(Pending.closeSession(++lastXid));
      }
    }
  }

  private boolean callersWait() {
    for (Pending pending : queue) {
      if (pending.handle != null && !(pending.request instanceof SessionRequest.AddWatch)) {
        return true;
      }
    }
    return false;
  }

  private void end(boolean clean, long now) {
    ended = true;
    String reason = "the client was closed";
    if (sessionId != 0) {
      endSession(reason, now);
    }
    if (link != Link.IDLE) {
      out.add(new SessionOutput.Disconnect(connection));
      link = Link.IDLE;
    }
    List<Pending> all = new ArrayList<>(inFlight);
    all.addAll(queue);
    clearRequests();
    for (Pending pending : all) {
      boolean unknown = pending.isWrite() && pending.isSent();
      finish(pending, unknown ? Reason.OUTCOME_UNKNOWN : Reason.CLOSED, reason);
    }
    out.add(new SessionOutput.Closed(clean));
  }

  private void changeState(SessionState to, String cause) {
    if (state != to) {
      SessionState from = state;
      state = to;
      out.add(new SessionOutput.StateChanged(from, to, cause));
    }
  }
}
