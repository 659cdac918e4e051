package io.quorate.server.request;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.access.Access;
import io.quorate.server.base.RandomSource;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.watch.ChangeHistory;
import io.quorate.server.watch.WatchLimits;
import io.quorate.server.watch.WatchRegistry;
import io.quorate.server.watch.WatchRules;
import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The request path of one server: takes what clients send, gives what they are answered.
 *
 * <p>Requests of a connection are answered in the order of arrival. Writes are proposed at once;
 * reads wait for the answers of everything before them and then read the live state. An entry's
 * events are sent before any reply that shows its change, because both are sent while it is
 * applied, events first. Messages are only queued; {@link #flush} pushes them out, once a turn.
 *
 * <p>Confined to the node thread.
 */
public final class RequestRouter {
  /** Connections closed between two looks at the clock: some system calls each. */
  private static final int LEAVING_PER_SLICE = 8;

  private final RequestHost host;
  private final WatchRules rules;
  private final RequestLimits limits;
  private final RequestObserver observer;
  private final WatchRegistry watches = new WatchRegistry(this::mayRead);
  private final SessionBindings bindings;
  private final FanOut fanOut;
  private final ChangeHistory history;
  private final Confirmations confirmations;
  private final SessionGate gate;
  private final WritePath writes;
  private final ReadPath reads;
  private final Authenticator authenticator;

  private final int sliceWork;

  /** What clients sent while they had to wait, in order of arrival. */
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /** Under way, by connection; one after the other. */
  private final TreeMap<Long, Resumption> resumptions = new TreeMap<>();

  /** The newest entry, while its answer waits for the events; null while none does. */
  private @Nullable Applied unanswered;

  private record Waiting(
      ClientConnection connection, ClientMessage message, int bytes, long arrivedNanos) {}

  private record Applied(long zxid, Command command, ApplyResult result) {}

  /** When the leader was lost, on the node's monotonic clock; meaningful while {@link #lost}. */
  private long lostAtNanos;

  private boolean lost;

  /**
   * @param secrets secure in production: session secrets are drawn from it
   * @param superDigest the digest id of who may do everything; null for nobody
   */
  public RequestRouter(
      int nodeId,
      RequestHost host,
      RequestLimits limits,
      WatchLimits watchLimits,
      RandomSource secrets,
      RequestObserver observer,
      @Nullable String superDigest) {
    authenticator = new Authenticator(superDigest);
    this.host = host;
    rules = host.watchRules();
    this.limits = limits;
    this.observer = observer;
    bindings = new SessionBindings(watches, observer);
    fanOut = new FanOut(bindings, watches, observer);
    sliceWork = watchLimits.sliceWork();
    history = new ChangeHistory(watchLimits, rules);
    confirmations = new Confirmations(secrets.nextLong() >>> 1);
    gate = new SessionGate(nodeId, host, limits, bindings, secrets);
    writes = new WritePath(host, limits, bindings);
    reads = new ReadPath(host, bindings, watches, authenticator, history, this::mayRead);
  }

  // --- what clients do ---------------------------------------------------------------------------

  public void opened(ClientConnection connection) {
    bindings.add(connection);
  }

  /** The connection is gone; what it proposed goes its way, unanswered. */
  public void closed(ClientConnection connection) {
    ClientSession session = bindings.ofConnection(connection.id());
    if (session != null) {
      bindings.gone(session);
    }
  }

  /**
   * @param bytes that the transport is told once the message is looked at; 0 for none
   * @param arrivedNanos when it came to this server, on the node's monotonic clock
   */
  public void received(
      ClientConnection connection, ClientMessage message, int bytes, long arrivedNanos) {
    if (clientsWait() || !waiting.isEmpty()) {
      waiting.add(new Waiting(connection, message, bytes, arrivedNanos));
    } else {
      take(connection, message, bytes, arrivedNanos);
    }
  }

  /**
   * Whether clients wait, for answers and with what they send: connections do not hold yet what
   * they hear of the newest entry, or watches are being resumed.
   */
  public boolean clientsWait() {
    return !resumptions.isEmpty() || host.clientsWait(fanOut.isOpen());
  }

  /** Whether something that clients sent waits to be looked at. */
  public boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /** Looks at what waited longest; false if nothing waits, or must wait on. */
  public boolean takeWaiting() {
    if (waiting.isEmpty() || clientsWait()) {
      return false;
    }
    Waiting oldest = waiting.remove();
    take(oldest.connection, oldest.message, oldest.bytes, oldest.arrivedNanos);
    return true;
  }

  private void take(
      ClientConnection connection, ClientMessage message, int bytes, long arrivedNanos) {
    if (bytes > 0) {
      connection.taken(bytes);
    }
    ClientSession session = bindings.ofConnection(connection.id());
    if (session == null) {
      return; // refused before; the rest of what it sent is not looked at
    }
    if (message instanceof ClientMessage.StatusQuery query) {
      bindings.send(session, host.status(query.xid()));
      return;
    }
    session.arrived(arrivedNanos);
    switch (session.phase()) {
      case NEW -> enter(session, message);
      case BOUND -> request(session, message);
      case ENTERING -> malformed(session, "the opening is not answered yet", message);
      case OVER -> {}
    }
  }

  private void enter(ClientSession session, ClientMessage message) {
    if (message instanceof ClientMessage.OpenSession open) {
      gate.open(session, open);
    } else if (message instanceof ClientMessage.AttachSession attach) {
      gate.attach(session, attach);
    } else {
      malformed(session, "a connection begins with an opening or an attach", message);
    }
  }

  private void request(ClientSession session, ClientMessage message) {
    if (session.isClosing()) {
      malformed(session, "the end of the session was asked for", message);
    } else if (session.requestCount() >= limits.pendingRequestsPerConnectionMax()) {
      bindings.refuse(
          session,
          ErrorCode.OVERLOADED,
          "more than "
              + limits.pendingRequestsPerConnectionMax()
              + " requests of this connection are unanswered");
    } else if (message instanceof ClientMessage.Write write) {
      writes.write(session, write);
    } else if (message instanceof ClientMessage.Ping ping) {
      confirmations.add(new PingWaiter(session, ping.pingId()));
    } else if (message instanceof ClientMessage.CloseSession close) {
      writes.close(session, close);
    } else if (message instanceof ClientMessage.OpenSession
        || message instanceof ClientMessage.AttachSession) {
      malformed(session, "this connection speaks for a session already", message);
    } else {
      read(session, message);
    }
  }

  private void read(ClientSession session, ClientMessage message) {
    if (session.oldest() != null && bindings.pendingBytes() > limits.pendingBytesMax()) {
      readTooMuch(session, message);
      return;
    }
    if (message instanceof ClientMessage.Auth auth) {
      // At once, for whatever follows; the answer comes in its order.
      session.setIdentities(authenticator.after(auth, session.identities()));
    }
    boolean needsIndex =
        message instanceof ClientMessage.Sync
            || (message instanceof ClientMessage.Read read && read.linearizable());
    if (needsIndex) {
      PendingRequest pending = PendingRequest.indexed(message, session.identities());
      session.add(pending, 0);
      confirmations.add(new IndexWaiter(session, pending));
    } else if (session.oldest() == null && !(message instanceof ClientMessage.ResumeWatches)) {
      ServerMessage.Response answer = reads.answer(session, message, session.identities());
      bindings.send(session, answer);
      observer.answered(message, answer.result(), session.arrivedNanos());
    } else {
      session.add(PendingRequest.local(message, session.identities()), 0);
      drain(session);
    }
  }

  /** Too much waits already: refused where it can be, in its order. */
  private void readTooMuch(ClientSession session, ClientMessage message) {
    long xid;
    if (message instanceof ClientMessage.Read read) {
      xid = read.xid();
    } else if (message instanceof ClientMessage.AddWatch add) {
      xid = add.xid();
    } else {
      bindings.refuse(
          session,
          ErrorCode.OVERLOADED,
          "requests of at most "
              + limits.pendingBytesMax()
              + " bytes may wait in this server, found "
              + bindings.pendingBytes());
      return;
    }
    // Only its number is kept: what is refused must not take the room that there is not.
    PendingRequest refused =
        PendingRequest.local(new ClientMessage.Sync(xid), session.identities());
    refused.setAnswer(
        new ServerMessage.Response(
            xid, host.appliedZxid(), OpResult.Failure.of(ErrorCode.OVERLOADED)));
    session.add(refused, 0);
  }

  private void malformed(ClientSession session, String why, ClientMessage found) {
    bindings.refuse(
        session, ErrorCode.MALFORMED, why + ", found " + found.getClass().getSimpleName());
  }

  // --- what the log does -------------------------------------------------------------------------

  /**
   * An entry was applied: events first, then the replies that it completes, then the reads that
   * waited for those. If it has events, all that follows with {@link #fansOut}, slice by slice.
   */
  public void applied(long zxid, Command command, ApplyResult result) {
    if (command.kind() == Command.Kind.EXPIRE_SESSION) {
      // First: to the session itself, that its ephemerals vanish is no event but its end.
      gate.expired((Command.ExpireSession) command, result);
    }
    if (!result.changes().isEmpty()) {
      history.add(zxid, result.changes());
      fanOut.begin(zxid, result.changes());
    }
    if (host.clientsWait(fanOut.isOpen())) {
      unanswered = new Applied(zxid, command, result);
    } else {
      answer(zxid, command, result);
    }
  }

  private void answerUnlessWaiting() {
    Applied newest = unanswered;
    if (newest != null && !host.clientsWait(fanOut.isOpen())) {
      unanswered = null;
      answer(newest.zxid, newest.command, newest.result);
    }
  }

  private void answer(long zxid, Command command, ApplyResult result) {
    ClientSession answered = null;
    switch (command.kind()) {
      case OPEN_SESSION -> gate.applied(zxid, (Command.OpenSession) command, result);
      case ATTACH_SESSION -> gate.applied(zxid, (Command.AttachSession) command, result);
      case SWEEP, RAISE_VERSION -> {
        // Nobody waits for it.
      }
      case EXPIRE_SESSION -> {
        // Told already.
      }
      case CLOSE_SESSION -> answered = writes.applied(zxid, (Command.CloseSession) command, result);
      case WRITE -> {
        Command.Write write = (Command.Write) command;
        answered = writes.applied(write.sessionId(), write.attachZxid(), write.number(), result);
      }
      case REFUSED_WRITE -> {
        Command.RefusedWrite write = (Command.RefusedWrite) command;
        answered = writes.applied(write.sessionId(), write.attachZxid(), write.number(), result);
      }
    }
    if (answered != null) {
      drain(answered);
    }
  }

  /**
   * Does a slice of what the last entry means to watches, or of a resumption; whether there is
   * more. The next entry is applied when there is none.
   */
  public boolean fansOut() {
    if (!resumptions.isEmpty()) {
      resumeSome(resumptions.firstEntry().getValue());
    } else if (!fanOut.isEmpty()) {
      fanOut.step(sliceWork);
      answerUnlessWaiting();
    }
    return rules.nextEntryWaits(hasFanOut());
  }

  private void resumeSome(Resumption resumption) {
    if (resumption.step(sliceWork)) {
      return;
    }
    ClientSession session = resumption.session();
    resumptions.remove(session.connectionId());
    if (session.isBound()) {
      PendingRequest pending = resumption.pending();
      long xid = ((ClientMessage.ResumeWatches) pending.message()).xid();
      pending.setAnswer(reads.response(xid, resumption.result()));
      drain(session);
    }
  }

  /** Whether events of the last entry wait to be sent, or watches to be resumed. */
  public boolean hasFanOut() {
    return !fanOut.isEmpty() || !resumptions.isEmpty();
  }

  /** The state is about to be replaced, and no connection speaks for a session any more. */
  public void stateLoading() {
    fanOut.abandon();
    resumptions.clear();
    unanswered = null;
  }

  /** The state was replaced by one with that last entry. No connection speaks for a session. */
  public void stateLoaded(long zxid) {
    history.restart(zxid);
  }

  /** At delivery, by the identities that the connection has then (W5). */
  private boolean mayRead(long connectionId, List<Acl> acl) {
    if (acl == Acl.OPEN) {
      return true; // most znodes, by far
    }
    ClientSession session = bindings.ofConnection(connectionId);
    return session != null && rules.hears(Access.allows(acl, Acl.READ, session.identities()));
  }

  /** Everything up to {@code zxid} is applied: settles what waited for that, once clients can. */
  public void appliedUpTo(long zxid) {
    if (!clientsWait()) {
      confirmations.applied(zxid);
    }
  }

  /** Begins it unless it is under way; null unless it can't be done. */
  private ServerMessage.@Nullable Response resume(ClientSession session, PendingRequest pending) {
    if (!resumptions.containsKey(session.connectionId())) {
      Resumption begun = reads.resume(session, pending);
      if (begun != null) {
        resumptions.put(session.connectionId(), begun);
      }
    }
    return pending.answer();
  }

  /** Sends what can be answered, from the oldest request on. */
  private void drain(ClientSession session) {
    while (session.isBound()) {
      PendingRequest oldest = session.oldest();
      if (oldest == null) {
        return;
      }
      ServerMessage.Response answer = oldest.answer();
      if (answer == null) {
        if (oldest.payload() != null || !oldest.isIndexed()) {
          return;
        }
        if (oldest.message() instanceof ClientMessage.ResumeWatches) {
          answer = resume(session, oldest);
          if (answer == null) {
            return;
          }
        } else {
          answer = reads.answer(session, oldest.message(), oldest.identities());
        }
      }
      session.removeOldest();
      bindings.send(session, answer);
      observer.answered(oldest.message(), answer.result(), oldest.arrivedNanos());
      if (oldest.message() instanceof ClientMessage.CloseSession) {
        bindings.end(session);
      }
    }
  }

  // --- what the leader does ----------------------------------------------------------------------

  /** The quorum round to ask for in this turn; null if nothing waits for one. */
  public Confirmations.@Nullable Batch nextConfirmation() {
    return confirmations.next();
  }

  public void confirmed(long token, long zxid) {
    confirmations.confirmed(token, zxid);
  }

  /**
   * Role, leader or epoch changed: whatever was proposed or asked and is not settled may be lost.
   * Call it while the proposals of the turn are empty; it proposes everything again if the node
   * serves now.
   */
  public void leaderChanged(long nowNanos) {
    gate.leaderLost();
    confirmations.askAgain();
    if (host.serving()) {
      lost = false;
      writes.proposeAgain();
    } else if (!lost) {
      lost = true;
      lostAtNanos = nowNanos;
    }
  }

  /** Time passed: sends the clients elsewhere if this server has been without leader too long. */
  public void tick(long nowNanos) {
    if (lost && nowNanos - lostAtNanos >= limits.suspendAfterNanos() && bindings.count() > 0) {
      refuseSessions(
          ErrorCode.NOT_SERVING, "this server has not served for a while: " + host.whyNotServing());
    }
  }

  /**
   * Refuses every connection that speaks for a session or wants to, as when the server closes. None
   * of them does any more when this returns; they are told and closed by {@link #leaveSome}.
   */
  public void refuseSessions(ErrorCode code, String reason) {
    for (ClientSession session : bindings.all()) {
      if (session.isBound() || session.phase() == ClientSession.Phase.ENTERING) {
        bindings.refuseSoon(session, code, reason);
      }
    }
  }

  /** Closes some of the connections that were refused; whether there is more to do. */
  public boolean leaveSome() {
    return bindings.leaveSome(LEAVING_PER_SLICE, sliceWork);
  }

  /** Closes all of them, for who stops anyway. */
  public void leaveAll() {
    while (leaveSome()) {
      // Slice by slice.
    }
  }

  // --- what the node asks ------------------------------------------------------------------------

  /** Pushes out what was sent on a bounded number of connections; whether there are more. */
  public boolean flush() {
    return bindings.flush();
  }

  public int connectionCount() {
    return bindings.count();
  }

  public int watchCount() {
    return watches.count();
  }

  /** Bytes of requests that wait for their answer, over all connections. */
  public long pendingBytes() {
    return bindings.pendingBytes();
  }

  /** What is known of the past for watches that come from another connection. */
  public ChangeHistory history() {
    return history;
  }

  /** Whether that session has a connection here. */
  public boolean isBoundHere(long sessionId) {
    return bindings.ofSession(sessionId) != null;
  }

  /** Number of requests and pings that wait for a quorum round. */
  public int confirmationsWaiting() {
    return confirmations.size();
  }

  private final class PingWaiter implements Confirmations.Waiter {
    private final ClientSession session;
    private final long pingId;

    PingWaiter(ClientSession session, long pingId) {
      this.session = session;
      this.pingId = pingId;
    }

    @Override
    public boolean isLive() {
      return session.isBound();
    }

    @Override
    public long touchedSession() {
      return session.sessionId();
    }

    @Override
    public void settled() {
      bindings.send(
          session,
          new ServerMessage.Pong(pingId, host.appliedZxid(), host.state().logTimeMillis()));
      observer.ponged();
    }
  }

  private final class IndexWaiter implements Confirmations.Waiter {
    private final ClientSession session;
    private final PendingRequest pending;

    IndexWaiter(ClientSession session, PendingRequest pending) {
      this.session = session;
      this.pending = pending;
    }

    @Override
    public boolean isLive() {
      return session.isBound();
    }

    @Override
    public long touchedSession() {
      return 0;
    }

    @Override
    public void settled() {
      pending.setIndexed();
      drain(session);
    }
  }
}
