package io.quorate.client.session;

import io.quorate.client.session.SessionOutput.Outcome;
import io.quorate.client.session.SessionOutput.Reason;
import io.quorate.client.watch.WatchNotice;
import io.quorate.data.Credential;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
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
 * <p>The parts: {@link ServerLink} is the connection, {@link Requests} what callers wait for,
 * {@link SafeDeadline} the deadline and the pings that extend it, {@link SessionWatches} the
 * watches and their resumption. They know nothing of each other; this class decides what each input
 * means to them.
 *
 * <p><b>Requests</b> leave in the order in which they were submitted. After an attach everything
 * that is unanswered is sent again in order, and the server answers a write whose number it knows
 * with its first answer.
 *
 * <p><b>Safety.</b> Every step looks at the safe deadline before anything else: once it has passed,
 * the session is lost, whatever arrives later. Nothing of a lost session crosses over to the next.
 *
 * <p>Times are nanoseconds of one monotonic clock, not close to overflow. Confined to one thread.
 */
public final class SessionMachine {
  private static final long MILLI = 1_000_000L;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long TIMEOUT_MILLIS_MAX = 1L << 40;

  /** A session is given up when the server refuses to read what we send so many times in a row. */
  private static final int UNREADABLE_MAX = 2;

  private final SessionConfig config;
  private final ServerLink link;
  private final Requests requests;
  private final SafeDeadline safe;
  private final SessionWatches watches = new SessionWatches();

  /** Presented on every connection before anything else, in order; no two are equal. */
  private final List<Credential> credentials;

  private List<SessionOutput> out = new ArrayList<>();

  // ---- session; meaningful while sessionId != 0
  private long sessionId;
  private byte[] secret = {};

  /** Highest zxid seen: what a server must have applied to serve us. */
  private long lastZxid;

  /** CloseSession is on its way: what the session held counts as gone. */
  private boolean released;

  private int unreadable;
  private SessionState state = SessionState.SUSPENDED;

  /** No reply to a read on this connection may be older. */
  private long replyFloor;

  // ---- end
  private boolean closing;
  private long closeDeadline = NEVER;
  private boolean ended;

  /**
   * @param random bits for the order of the servers and for pauses
   */
  public SessionMachine(SessionConfig config, LongSupplier random) {
    this.config = config;
    this.link = new ServerLink(config, random);
    this.requests = new Requests(config.queuedMax(), config.queuedBytesMax());
    this.credentials = new ArrayList<>(new LinkedHashSet<>(config.credentials()));
    this.safe = new SafeDeadline(config.timeoutMillis() * MILLI);
  }

  /** One thing happened; what is to be done about it. Begin with a tick. */
  public List<SessionOutput> step(SessionInput input, long nowNanos) {
    out = new ArrayList<>();
    if (ended) {
      afterTheEnd(input);
      return out;
    }
    if (sessionId != 0 && !released && nowNanos >= safe.untilNanos()) {
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
    long next = Math.min(requests.earliestDeadline(), closeDeadline);
    if (sessionId != 0 && !released) {
      next = Math.min(next, safe.untilNanos());
    }
    return switch (link.stage()) {
      case IDLE -> Math.min(next, link.retryAtNanos());
      case CONNECTING, HANDSHAKE -> Math.min(next, link.attemptDeadline());
      case UP -> Math.min(next, Math.min(safe.nextPingNanos(), safe.silenceNanos()));
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
    return safe.untilNanos();
  }

  /** Requests that are sent and unanswered. */
  public int inFlight() {
    return requests.inFlight();
  }

  /** Requests that wait to be sent. */
  public int queued() {
    return requests.queued();
  }

  // ---- inputs -----------------------------------------------------------------------------------

  private void handle(SessionInput input, long now) {
    if (input instanceof SessionInput.Received received) {
      if (received.connection() == link.number()) {
        received(received.message(), now);
      }
    } else if (input instanceof SessionInput.Submit submit) {
      submit(submit, now);
    } else if (input instanceof SessionInput.Connected connected) {
      if (connected.connection() == link.number() && link.stage() == ServerLink.Stage.CONNECTING) {
        shakeHands(now);
      }
    } else if (input instanceof SessionInput.Disconnected disconnected) {
      if (disconnected.connection() == link.number() && !link.isIdle()) {
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
    if (closing && (now >= closeDeadline || (sessionId == 0 && !requests.callersWait()))) {
      end(sessionId == 0, now);
      return;
    }
    switch (link.stage()) {
      case CONNECTING -> giveUpAttempt("no connection in time", now);
      case HANDSHAKE -> giveUpAttempt("no answer to the handshake in time", now);
      case UP -> {
        if (now >= safe.silenceNanos()) {
          linkFailed("silent", now, true);
        }
      }
      case IDLE -> {}
    }
    if (link.isIdle() && now >= link.retryAtNanos()) {
      link.connect(now, safe.timeoutNanos());
      out.add(new SessionOutput.Connect(link.number(), link.server()));
    } else if (link.isUp()) {
      if (now >= safe.nextPingNanos()) {
        ping(now);
      }
      pump(now);
    }
  }

  private void giveUpAttempt(String cause, long now) {
    if (now >= link.attemptDeadline()) {
      linkFailed(cause, now, true);
    }
  }

  // ---- connection -------------------------------------------------------------------------------

  private void shakeHands(long now) {
    link.shakeHands(sessionId != 0, now);
    send(
        link.isAttaching()
            ? new ClientMessage.AttachSession(sessionId, secret, lastZxid)
            : new ClientMessage.OpenSession(config.timeoutMillis(), config.clientName()));
  }

  /** The connection is of no use, or no more: on to the next server. */
  private void linkFailed(String cause, long now, boolean open) {
    if (open) {
      out.add(new SessionOutput.Disconnect(link.number()));
    }
    link.failed(cause, now);
    linkDown();
    if (state == SessionState.CONNECTED) {
      changeState(SessionState.SUSPENDED, link.server() + ": " + cause);
    }
  }

  private void linkDown() {
    safe.connectionLost();
    watches.connectionLost();
    requests.connectionLost();
  }

  private void serverFault(String fault, long now) {
    linkFailed("server fault: " + fault, now, true);
  }

  private void received(ServerMessage message, long now) {
    if (link.isUp()) {
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
    } else if (link.stage() == ServerLink.Stage.HANDSHAKE) {
      if (message instanceof ServerMessage.SessionOpened opened && !link.isAttaching()) {
        opened(opened, now);
      } else if (message instanceof ServerMessage.SessionAttached attached
          && link.isAttaching()
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
    if (over && link.isAttaching()) {
      lose(cause, now);
    } else {
      out.add(new SessionOutput.Disconnect(link.number()));
      link.refused(
          new SessionOutput.Refusal(link.server(), refused.code(), refused.reason()), cause, now);
      linkDown();
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
    long safeUntil = link.handshakeSentNanos() + SafeDeadline.span(timeout);
    if (now >= safeUntil) {
      linkFailed("opened a session too late to rely on it", now, true);
      return;
    }
    sessionId = opened.sessionId();
    secret = opened.secret();
    safe.begin(timeout, safeUntil);
    requests.sessionBegan(opened.maxInFlight());
    lastZxid = opened.zxid();
    released = false;
    unreadable = 0;
    linkUp(opened.zxid(), now);
    out.add(new SessionOutput.SessionBegan(sessionId, timeout / MILLI));
    changeState(SessionState.CONNECTED, link.server());
    authenticate(now);
    if (closing) {
      requests.enqueue(Pending.closeSession(requests.nextXid()));
    }
  }

  private void attached(ServerMessage.SessionAttached attached, long now) {
    if (attached.zxid() < lastZxid) {
      serverFault("attached at a zxid before the last one seen", now);
      return;
    }
    safe.timeoutIs(Math.min(attached.timeoutMillis(), TIMEOUT_MILLIS_MAX) * MILLI);
    lastZxid = attached.zxid();
    long since = watches.resumePoint();
    linkUp(attached.zxid(), now);
    if (!released) {
      changeState(SessionState.CONNECTED, link.server());
    }
    List<Pending> again = requests.takeSent(attached.maxInFlight());
    authenticate(now);
    for (List<ClientMessage.Registration> chunk : watches.toResume(since)) {
      send(Pending.resume(chunk, requests.nextXid()), now);
    }
    for (Pending pending : again) {
      send(pending, now);
    }
    ping(now);
  }

  /** Identities belong to the connection: they come first, so that all that follows has them. */
  private void authenticate(long now) {
    for (Credential credential : credentials) {
      send(Pending.authenticate(credential, requests.nextXid()), now);
    }
  }

  private void linkUp(long zxid, long now) {
    link.up();
    safe.connectionUp(now);
    watches.connectionUp(zxid);
    replyFloor = zxid;
  }

  // ---- pings ------------------------------------------------------------------------------------

  private void ping(long now) {
    long id = safe.pingSent(now);
    // Behind the end of the session nothing may follow on its connection.
    if (!released) {
      send(new ClientMessage.Ping(id, requests.confirmedUpTo()));
    }
  }

  private void ponged(ServerMessage.Pong pong) {
    advanceTo(pong.zxid());
    Long sentNanos = safe.ponged(pong.pingId());
    if (sentNanos != null) {
      extendSafety(sentNanos);
      serverWasOfUse();
    }
  }

  /** A server that does not take our watches is none, however well it answers the rest. */
  private void serverWasOfUse() {
    if (!watches.isResuming()) {
      link.succeeded();
    }
  }

  private void extendSafety(long sentNanos) {
    if (!released) {
      safe.extend(sentNanos);
    }
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
    String overload = requests.overload();
    if (overload != null) {
      String detail = overload + "; " + where(now);
      complete(submit.handle(), new SessionOutput.Unanswered(Reason.OVERLOADED, detail));
      return;
    }
    if (request instanceof SessionRequest.AddWatch add) {
      watches.table.addPersistent(add.watchId(), add.path(), add.kind(), add.listener());
    } else if (request instanceof SessionRequest.Read read) {
      Object listener = read.listener();
      if (listener != null) {
        watches.table.expect(read.watchId(), read.op().path(), listener);
      }
    }
    requests.enqueue(
        Pending.of(request, submit.handle(), submit.deadlineNanos(), requests.nextXid()));
  }

  private void removeWatch(long watchId) {
    if (!watches.table.remove(watchId)) {
      return;
    }
    List<Pending> unsent = requests.takeUnsent(pending -> isAddWatch(pending, watchId));
    for (Pending add : unsent) {
      finish(add, Reason.CLOSED, "the watch was closed");
    }
    if (unsent.isEmpty() && sessionId != 0 && !released) {
      requests.enqueue(
          Pending.of(new SessionRequest.RemoveWatch(watchId), null, NEVER, requests.nextXid()));
    }
  }

  private static boolean isAddWatch(Pending pending, long watchId) {
    return pending.request instanceof SessionRequest.AddWatch add && add.watchId() == watchId;
  }

  /** Sends what may be sent. */
  private void pump(long now) {
    while (link.isUp()) {
      Pending pending = requests.pollSendable();
      if (pending == null) {
        return;
      }
      send(pending, now);
    }
  }

  /** For the first time, or again on another connection. */
  private void send(Pending pending, long now) {
    if (!pending.isSent() && pending.chore == Pending.Chore.CLOSE_SESSION) {
      release(now);
    }
    requests.sent(pending, link.number(), now);
    send(message(pending));
  }

  private void send(ClientMessage message) {
    out.add(new SessionOutput.Send(link.number(), message));
  }

  private ClientMessage message(Pending pending) {
    SessionRequest request = pending.request;
    if (request instanceof SessionRequest.Write write) {
      return new ClientMessage.Write(
          pending.xid, pending.number, requests.confirmedUpTo(), write.op());
    }
    if (request instanceof SessionRequest.Read read) {
      return new ClientMessage.Read(pending.xid, read.op(), read.watchId(), read.linearizable());
    }
    if (request instanceof SessionRequest.Sync) {
      return new ClientMessage.Sync(pending.xid);
    }
    if (request instanceof SessionRequest.AddWatch add) {
      return new ClientMessage.AddWatch(pending.xid, add.watchId(), add.path(), add.kind());
    }
    if (request instanceof SessionRequest.RemoveWatch remove) {
      return new ClientMessage.RemoveWatch(pending.xid, remove.watchId());
    }
    Credential credential = presented(pending);
    if (credential != null) {
      return new ClientMessage.Auth(pending.xid, credential.scheme(), credential.bytes());
    }
    return pending.chore == Pending.Chore.CLOSE_SESSION
        ? new ClientMessage.CloseSession(pending.xid)
        : new ClientMessage.ResumeWatches(pending.xid, watches.resumePoint(), pending.watches);
  }

  /** What the request presents; null if it is none of that kind. */
  private static @Nullable Credential presented(Pending pending) {
    return pending.request instanceof SessionRequest.Authenticate request
        ? request.credential()
        : pending.credential;
  }

  // ---- answers ----------------------------------------------------------------------------------

  private void answered(ServerMessage.Response response, long now) {
    Pending pending = requests.head();
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
    if (pending.chore == Pending.Chore.RESUME_WATCHES
        && !(response.result() instanceof OpResult.WatchesResumed)
        && !(response.result() instanceof OpResult.Failure)) {
      serverFault("resumed watches answered by " + response.result(), now);
      return;
    }
    replyFloor = Math.max(replyFloor, response.zxid());
    requests.headAnswered();
    unreadable = 0;
    serverWasOfUse();
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
      case OVERLOADED, INSUFFICIENT_SPACE -> {
        if (!pending.isWatchOfOurOwn()) {
          return true;
        }
        // Deaf watches would be worse than no connection: try again, here or elsewhere.
        linkFailed("watches are refused with " + code, now, true);
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
      if (!(result instanceof OpResult.Failure failure) || isDecidedAtApply(failure.code())) {
        extendSafety(pending.firstSentNanos);
      }
    } else if (request instanceof SessionRequest.Read read) {
      settleWatch(read, result, pending.handle != null);
    } else if (request instanceof SessionRequest.AddWatch add) {
      if (result instanceof OpResult.Failure failure) {
        ClientMessage.Registration watch =
            new ClientMessage.Registration(add.watchId(), add.path(), add.kind());
        watches.table.refused(List.of(watch), failure).forEach(this::tell);
      } else {
        tell(watches.table.registered(add.watchId()));
      }
    } else if (request instanceof SessionRequest.Authenticate authenticate) {
      if (result instanceof OpResult.Done
          && pending.handle != null
          && !credentials.contains(authenticate.credential())) {
        credentials.add(authenticate.credential());
      }
    } else if (pending.chore == Pending.Chore.AUTHENTICATE) {
      Credential credential = presented(pending);
      if (credential != null && result instanceof OpResult.Failure failure) {
        out.add(new SessionOutput.CredentialRefused(credential, failure.code()));
      }
    } else if (pending.chore == Pending.Chore.RESUME_WATCHES) {
      resumed(pending.watches, result);
    } else if (pending.chore == Pending.Chore.CLOSE_SESSION) {
      end(true, now);
      return;
    }
    finish(pending, new SessionOutput.Answered(result, response.zxid()));
  }

  private void resumed(List<ClientMessage.Registration> resumed, OpResult result) {
    OpResult.Failure refusal = result instanceof OpResult.Failure failure ? failure : null;
    boolean missed = !(result instanceof OpResult.WatchesResumed answer) || answer.resync();
    watches.resumed(resumed, refusal, missed).forEach(this::tell);
  }

  private void settleWatch(SessionRequest.Read read, OpResult result, boolean wanted) {
    if (read.watchId() == 0) {
      return;
    }
    WatchKind left = SessionWatches.left(read.op(), result);
    if (left == null) {
      watches.table.remove(read.watchId());
    } else if (wanted) {
      watches.table.leave(read.watchId(), left);
    } else {
      requests.enqueue(
          Pending.of(
              new SessionRequest.RemoveWatch(read.watchId()), null, NEVER, requests.nextXid()));
    }
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
    if (!watches.isInOrder(events)) {
      serverFault("an event went back in time", now);
      return;
    }
    for (WatchNotice notice : watches.fired(events)) {
      tell(notice);
    }
    advanceTo(events.zxid());
  }

  private void advanceTo(long zxid) {
    lastZxid = Math.max(lastZxid, zxid);
    watches.advanceTo(zxid);
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
    if (now < requests.earliestDeadline()) {
      return;
    }
    String detail = where(now);
    for (Pending pending : requests.takeExpired(now)) {
      boolean unknown = pending.isWrite() && pending.isSent();
      finish(
          pending,
          new SessionOutput.Unanswered(
              unknown ? Reason.OUTCOME_UNKNOWN : Reason.UNAVAILABLE, detail, link.refusal()));
      forgetWatchOf(pending);
    }
  }

  private void forgetWatchOf(Pending pending) {
    if (pending.request instanceof SessionRequest.Read read && read.watchId() != 0) {
      watches.table.remove(read.watchId());
    }
  }

  /** Where we are and what came of each server, for people. */
  private String where(long now) {
    Pending head = requests.head();
    String waiting =
        head == null
            ? ""
            : requests.inFlight()
                + " sent and unanswered, the first for "
                + (now - head.firstSentNanos) / MILLI
                + " ms; ";
    return waiting + link.describe();
  }

  // ---- ends of sessions -------------------------------------------------------------------------

  /** The session is over, or can't be relied upon any more; the next one is opened at once. */
  private void lose(String reason, long now) {
    endSession(reason, now);
    if (link.stage() == ServerLink.Stage.HANDSHAKE || link.isUp()) {
      out.add(new SessionOutput.Disconnect(link.number()));
      linkDown();
      link.retryAt(now);
    }
    TreeMap<Long, Pending> adds = new TreeMap<>();
    for (Pending pending : requests.takeAll()) {
      if (pending.request instanceof SessionRequest.AddWatch add) {
        adds.put(add.watchId(), pending);
      } else if (pending.request instanceof SessionRequest.Authenticate && pending.handle != null) {
        // It is about connections, not about a session.
        requests.enqueue(
            Pending.of(pending.request, pending.handle, pending.deadlineNanos, requests.nextXid()));
      } else if (pending.isWrite() && pending.isSent()) {
        finish(pending, Reason.OUTCOME_UNKNOWN, reason);
      } else {
        finish(pending, Reason.SESSION_LOST, reason);
      }
    }
    for (ClientMessage.Registration watch : watches.table.persistent()) {
      Pending add = adds.remove(watch.watchId());
      requests.enqueue(addAgain(watch, add));
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
      return Pending.of(before.request, before.handle, before.deadlineNanos, requests.nextXid());
    }
    // The table knows the listener; the request needs the id and the path only.
    SessionRequest.AddWatch add =
        new SessionRequest.AddWatch(watch.watchId(), watch.path(), watch.kind(), watch);
    return Pending.of(add, null, NEVER, requests.nextXid());
  }

  private void endSession(String reason, long now) {
    safe.end(now);
    if (!released) {
      out.add(new SessionOutput.SessionEnded(sessionId, reason));
      changeState(SessionState.LOST, reason);
    }
    sessionId = 0;
    released = false;
    unreadable = 0;
    for (WatchNotice notice : watches.table.sessionEnded()) {
      tell(notice);
    }
  }

  /** From the moment CloseSession may arrive, nothing that the session held is safe. */
  private void release(long now) {
    safe.end(now);
    released = true;
    out.add(new SessionOutput.SessionEnded(sessionId, "the client was closed"));
    changeState(SessionState.LOST, "the client was closed");
  }

  private void beginClosing(long deadlineNanos) {
    if (!closing) {
      closing = true;
      closeDeadline = deadlineNanos;
      if (sessionId != 0) {
        requests.enqueue(Pending.closeSession(requests.nextXid()));
      }
    }
  }

  private void end(boolean clean, long now) {
    ended = true;
    String reason = "the client was closed";
    if (sessionId != 0) {
      endSession(reason, now);
    }
    if (!link.isIdle()) {
      out.add(new SessionOutput.Disconnect(link.number()));
      link.end();
    }
    for (Pending pending : requests.takeAll()) {
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
