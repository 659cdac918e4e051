package io.quorate.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.protocol.Framing;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Servers on loopback sockets that share one state: a small tree, sessions that count their writes
 * and keep the answers, watches. Strict: what a client may not send is recorded as a violation. One
 * lock; a thread for each connection.
 */
final class FakeEnsemble implements AutoCloseable {
  static final int MAX_IN_FLIGHT = 8;
  private static final byte[] SECRET = new byte[Framing.SECRET_BYTES];

  private final List<Server> servers = new ArrayList<>();
  private final TreeMap<String, Node> tree = new TreeMap<>();
  private final Map<Long, Session> sessions = new LinkedHashMap<>();
  final List<String> violations = new ArrayList<>();
  private long zxid = 100;
  private long timeoutMillis = 10_000;
  private int writesApplied;
  private int swallowedReplies;
  private boolean silent;
  private boolean refusesCredentials;
  private @Nullable ErrorCode refusal;

  private static final class Node {
    byte @Nullable [] data;
    final long czxid;
    final long owner;
    long mzxid;
    int version;
    int created;
    int aversion;
    long expiresAtMillis;
    List<Acl> acl = Acl.OPEN;

    Node(byte @Nullable [] data, long czxid, long owner) {
      this.data = data;
      this.czxid = czxid;
      this.mzxid = czxid;
      this.owner = owner;
    }
  }

  private static final class Session {
    final Map<Long, ServerMessage.Response> answers = new LinkedHashMap<>();
    long lastNumber;
    long confirmed;
    @Nullable Connection connection;
  }

  FakeEnsemble(int count) throws IOException {
    tree.put("/", new Node(null, 1, 0));
    for (int i = 0; i < count; i++) {
      servers.add(new Server(i + 1));
    }
  }

  String addresses() {
    List<String> all = new ArrayList<>();
    for (Server server : servers) {
      all.add("127.0.0.1:" + server.port());
    }
    return String.join(",", all);
  }

  synchronized void grant(long millis) {
    timeoutMillis = millis;
  }

  /** The next so many answers to writes are not sent: the connection is closed instead. */
  synchronized void swallowReplies(int count) {
    swallowedReplies = count;
  }

  /** Takes everything and says nothing. */
  synchronized void fallSilent(boolean on) {
    silent = on;
  }

  /** Every handshake is refused with that code; null for none. */
  synchronized void refuse(@Nullable ErrorCode code) {
    refusal = code;
  }

  /** No credential is accepted. */
  synchronized void refuseCredentials() {
    refusesCredentials = true;
  }

  synchronized void dropConnections() {
    for (Server server : servers) {
      server.connections.forEach(Connection::close);
    }
  }

  synchronized void expireSessions() {
    for (Map.Entry<Long, Session> entry : new ArrayList<>(sessions.entrySet())) {
      endSession(entry.getKey());
      Connection connection = entry.getValue().connection;
      if (connection != null) {
        connection.send(
            new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "expired by the test"));
        connection.close();
      }
    }
  }

  synchronized int writesApplied() {
    return writesApplied;
  }

  synchronized int sessionCount() {
    return sessions.size();
  }

  /** A change from elsewhere. */
  synchronized void setFromElsewhere(String path, byte[] data) {
    apply(new WriteOp.SetData(path, data, WriteOp.ANY_VERSION), 0);
  }

  synchronized void createFromElsewhere(String path) {
    apply(new WriteOp.Create(path, null, CreateMode.PERSISTENT), 0);
  }

  @Override
  public void close() {
    for (Server server : servers) {
      server.close();
    }
  }

  // ---- state, under the lock
  // ---------------------------------------------------------------------

  private void endSession(long id) {
    sessions.remove(id);
    zxid++;
    List<WatchEvent> events = new ArrayList<>();
    for (String path : new ArrayList<>(tree.keySet())) {
      if (tree.get(path).owner == id) {
        remove(path, events);
      }
    }
    fire(events);
  }

  private OpResult apply(WriteOp op, long session) {
    zxid++;
    // Only a multi can fail half-way.
    boolean mayLeaveTraces = op instanceof WriteOp.Multi;
    TreeMap<String, Node> before = mayLeaveTraces ? new TreeMap<>(tree) : new TreeMap<>();
    List<WatchEvent> events = new ArrayList<>();
    OpResult result = change(op, session, events);
    if (!(result instanceof OpResult.Failure)) {
      fire(events);
    } else if (mayLeaveTraces) {
      tree.clear();
      tree.putAll(before);
    }
    return result;
  }

  private OpResult change(WriteOp op, long session, List<WatchEvent> events) {
    if (op instanceof WriteOp.Multi multi) {
      List<OpResult> results = new ArrayList<>();
      for (WriteOp inner : multi.ops()) {
        OpResult result = change(inner, session, events);
        if (result instanceof OpResult.Failure failure) {
          return new OpResult.Failure(
              failure.code(), results.size(), failure.expected(), failure.found());
        }
        results.add(result);
      }
      return new OpResult.MultiDone(results);
    }
    if (op instanceof WriteOp.Create create) {
      return create(create, session, events);
    }
    if (op instanceof WriteOp.Read inner) {
      return read(inner.op(), session, List.of());
    }
    String path = Paths.of(op);
    Node node = tree.get(path);
    if (op instanceof WriteOp.CheckCzxid check) {
      long found = node == null ? 0 : node.czxid;
      return found == check.expectedCzxid()
          ? new OpResult.Checked()
          : new OpResult.Failure(ErrorCode.CZXID_MISMATCH, 0, check.expectedCzxid(), found);
    }
    if (node == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    int expected = expectedVersion(op);
    if (expected != WriteOp.ANY_VERSION && expected != node.version) {
      return new OpResult.Failure(ErrorCode.BAD_VERSION, 0, expected, node.version);
    }
    if (op instanceof WriteOp.SetData set) {
      Node changed = new Node(set.data(), node.czxid, node.owner);
      changed.version = node.version + 1;
      changed.mzxid = zxid;
      changed.created = node.created;
      changed.aversion = node.aversion;
      changed.acl = node.acl;
      changed.expiresAtMillis = node.expiresAtMillis;
      tree.put(path, changed);
      events.add(new WatchEvent(WatchEvent.Type.NODE_DATA_CHANGED, path, zxid));
      return new OpResult.DataSet(stat(path));
    }
    if (op instanceof WriteOp.SetAcl set) {
      if (set.expectedAversion() != WriteOp.ANY_VERSION
          && set.expectedAversion() != node.aversion) {
        return new OpResult.Failure(
            ErrorCode.BAD_VERSION, 0, set.expectedAversion(), node.aversion);
      }
      node.acl = set.acl();
      node.aversion++;
      return new OpResult.AclSet(stat(path));
    }
    if (op instanceof WriteOp.SetExpiry set) {
      node.expiresAtMillis = set.expireAfterMillis();
      return new OpResult.ExpirySet(stat(path));
    }
    if (op instanceof WriteOp.Delete) {
      if (!children(path).isEmpty()) {
        return OpResult.Failure.of(ErrorCode.NOT_EMPTY);
      }
      remove(path, events);
      return new OpResult.Deleted();
    }
    return new OpResult.Checked();
  }

  private static int expectedVersion(WriteOp op) {
    if (op instanceof WriteOp.SetData set) {
      return set.expectedVersion();
    }
    if (op instanceof WriteOp.Delete delete) {
      return delete.expectedVersion();
    }
    return op instanceof WriteOp.CheckVersion check ? check.expectedVersion() : WriteOp.ANY_VERSION;
  }

  private OpResult create(WriteOp.Create create, long session, List<WatchEvent> events) {
    String path = create.path();
    if (create.mode().isSequential()) {
      Node parent = tree.get(ZnodePath.parent(path + "0"));
      path += "%010d".formatted(parent == null ? 0 : parent.created);
    }
    if (path.equals("/") || tree.containsKey(path)) {
      return OpResult.Failure.of(ErrorCode.NODE_EXISTS);
    }
    Node parent = tree.get(ZnodePath.parent(path));
    if (parent == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (parent.owner != 0) {
      return OpResult.Failure.of(ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
    }
    parent.created++;
    Node node = new Node(create.data(), zxid, create.mode().isEphemeral() ? session : 0);
    node.acl = create.acl();
    node.expiresAtMillis = Math.max(create.expireAfterMillis(), create.ttlMillis());
    tree.put(path, node);
    events.add(new WatchEvent(WatchEvent.Type.NODE_CREATED, path, zxid));
    events.add(new WatchEvent(WatchEvent.Type.NODE_CHILDREN_CHANGED, ZnodePath.parent(path), zxid));
    return new OpResult.Created(path, stat(path));
  }

  private void remove(String path, List<WatchEvent> events) {
    tree.remove(path);
    events.add(new WatchEvent(WatchEvent.Type.NODE_DELETED, path, zxid));
    events.add(new WatchEvent(WatchEvent.Type.NODE_CHILDREN_CHANGED, ZnodePath.parent(path), zxid));
  }

  private List<String> children(String path) {
    List<String> names = new ArrayList<>();
    for (String each : tree.keySet()) {
      if (!each.equals("/") && ZnodePath.parent(each).equals(path)) {
        names.add(ZnodePath.name(each));
      }
    }
    return names;
  }

  private ZnodeStat stat(String path) {
    Node node = tree.get(path);
    int length = node.data == null ? 0 : node.data.length;
    return new ZnodeStat(
        node.czxid,
        node.mzxid,
        node.created,
        0,
        0,
        node.version,
        node.created,
        node.aversion,
        node.owner,
        length,
        0,
        node.expiresAtMillis);
  }

  private OpResult read(ReadOp op, long session, List<Identity> identities) {
    if (op instanceof ReadOp.WhoAmI) {
      return new OpResult.Identities(identities);
    }
    if (op instanceof ReadOp.Ephemerals wanted) {
      List<String> paths = new ArrayList<>();
      for (String path : tree.tailMap(wanted.afterPath(), false).keySet()) {
        if (tree.get(path).owner == session && path.startsWith(wanted.path())) {
          paths.add(path);
        }
      }
      boolean more = paths.size() > wanted.limit();
      return new OpResult.Paths(more ? paths.subList(0, wanted.limit()) : paths, more);
    }
    Node node = tree.get(op.path());
    if (op instanceof ReadOp.Exists) {
      return new OpResult.Existence(node == null ? null : stat(op.path()));
    }
    if (node == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (op instanceof ReadOp.Get) {
      return new OpResult.Data(node.data, stat(op.path()));
    }
    if (op instanceof ReadOp.GetAcl) {
      return new OpResult.AclRead(node.acl, stat(op.path()));
    }
    if (op instanceof ReadOp.SubtreeCount bounded) {
      String below = op.path().equals("/") ? "/" : op.path() + "/";
      long count =
          tree.keySet().stream().filter(p -> p.startsWith(below) && !p.equals("/")).count();
      return count > bounded.atMost()
          ? new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 0, bounded.atMost(), count)
          : new OpResult.Count(count);
    }
    ReadOp.Children children = (ReadOp.Children) op;
    List<String> names = new ArrayList<>(children(op.path()));
    names.removeIf(name -> name.compareTo(children.afterName()) <= 0);
    boolean more = names.size() > children.limit();
    return new OpResult.ChildNames(
        more ? names.subList(0, children.limit()) : names, more, stat(op.path()));
  }

  private void fire(List<WatchEvent> events) {
    for (Server server : servers) {
      for (Connection connection : server.connections) {
        connection.fire(events);
      }
    }
  }

  private static boolean concerns(WatchKind kind, WatchEvent.Type type) {
    return switch (kind) {
      case DATA ->
          type == WatchEvent.Type.NODE_DATA_CHANGED || type == WatchEvent.Type.NODE_DELETED;
      case EXIST -> type == WatchEvent.Type.NODE_CREATED;
      case CHILDREN ->
          type == WatchEvent.Type.NODE_CHILDREN_CHANGED || type == WatchEvent.Type.NODE_DELETED;
      case PERSISTENT -> true;
      case PERSISTENT_RECURSIVE -> type != WatchEvent.Type.NODE_CHILDREN_CHANGED;
    };
  }

  // ---- connections
  // -------------------------------------------------------------------------------

  private final class Server {
    final int id;
    final List<Connection> connections = new ArrayList<>();
    private final ServerSocket socket;

    Server(int id) throws IOException {
      this.id = id;
      this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      start("fake-server-" + id, this::accept);
    }

    int port() {
      return socket.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          Connection connection = new Connection(this, socket.accept());
          synchronized (FakeEnsemble.this) {
            connections.add(connection);
          }
          start("fake-connection", connection::run);
        }
      } catch (IOException e) {
        // The server was closed.
      }
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      synchronized (FakeEnsemble.this) {
        connections.forEach(Connection::close);
      }
    }
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private final class Connection {
    private final Server server;
    private final Socket socket;
    private final DataOutputStream out;
    private final Map<Long, ClientMessage.Registration> watches = new LinkedHashMap<>();
    private final List<Identity> identities =
        new ArrayList<>(List.of(new Identity("ip", "127.0.0.1")));
    private long sessionId;

    Connection(Server server, Socket socket) throws IOException {
      this.server = server;
      this.socket = socket;
      socket.setTcpNoDelay(true);
      this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    void run() {
      try (socket) {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        check(in.readInt() == Framing.MAGIC, "no magic");
        while (true) {
          int length = in.readInt();
          int limit =
              sessionId == 0 ? Framing.BODY_BYTES_BEFORE_SESSION_MAX : Framing.BODY_BYTES_MAX;
          check(length >= 0 && length <= limit, "a frame of " + length + " bytes");
          byte[] body = in.readNBytes(length);
          synchronized (FakeEnsemble.this) {
            received(NativeCodec.decodeClient(ByteBuffer.wrap(body)));
          }
        }
      } catch (IOException e) {
        // Closed.
      } catch (ProtocolException e) {
        check(false, "undecodable: " + e.getMessage());
      } finally {
        synchronized (FakeEnsemble.this) {
          server.connections.remove(this);
        }
      }
    }

    void check(boolean condition, String violation) {
      if (!condition) {
        synchronized (FakeEnsemble.this) {
          violations.add(violation);
        }
        close();
      }
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    void send(ServerMessage message) {
      if (silent) {
        return;
      }
      byte[] body = NativeCodec.encode(message);
      try {
        out.writeInt(body.length);
        out.write(body);
        out.flush();
      } catch (IOException e) {
        // The client is gone; the reading thread notices.
      }
    }

    private void received(ClientMessage message) {
      if (message instanceof ClientMessage.StatusQuery query) {
        send(
            new ServerMessage.Status(
                query.xid(),
                server.id,
                "leader",
                1,
                3,
                true,
                zxid,
                zxid,
                7,
                0,
                1,
                1,
                0,
                9,
                zxid,
                zxid,
                0,
                0,
                1_000,
                2_000,
                -1,
                1,
                1,
                "",
                "",
                List.of(new ServerMessage.PeerStatus(2, "voter", true, "stream", true, zxid, 5))));
        return;
      }
      if (sessionId == 0) {
        shakeHands(message);
        return;
      }
      Session session = sessions.get(sessionId);
      if (session == null || session.connection != this) {
        send(
            new ServerMessage.Refused(
                session == null ? ErrorCode.SESSION_EXPIRED : ErrorCode.SESSION_MOVED, "gone"));
        close();
        return;
      }
      serve(message, session);
    }

    private void shakeHands(ClientMessage message) {
      if (refusal != null) {
        send(new ServerMessage.Refused(refusal, "as the test wants"));
        close();
      } else if (message instanceof ClientMessage.OpenSession) {
        sessionId = ++zxid;
        Session session = new Session();
        session.connection = this;
        sessions.put(sessionId, session);
        send(
            new ServerMessage.SessionOpened(
                sessionId, SECRET, timeoutMillis, zxid, MAX_IN_FLIGHT, server.id));
      } else if (message instanceof ClientMessage.AttachSession attach) {
        Session session = sessions.get(attach.sessionId());
        check(attach.lastZxid() <= zxid, "a zxid from the future: " + attach.lastZxid());
        if (session == null) {
          send(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "no such session"));
          close();
          return;
        }
        sessionId = attach.sessionId();
        session.connection = this;
        zxid++;
        send(
            new ServerMessage.SessionAttached(
                sessionId, timeoutMillis, zxid, MAX_IN_FLIGHT, server.id));
      } else {
        check(false, "first message was " + message);
      }
    }

    private void serve(ClientMessage message, Session session) {
      if (message instanceof ClientMessage.Ping ping) {
        confirm(session, ping.confirmedUpTo());
        send(new ServerMessage.Pong(ping.pingId(), zxid, 0));
      } else if (message instanceof ClientMessage.Write write) {
        write(write, session);
      } else if (message instanceof ClientMessage.Read read) {
        OpResult result = read(read.op(), sessionId, identities);
        leaveWatch(read, result);
        send(new ServerMessage.Response(read.xid(), zxid, result));
      } else if (message instanceof ClientMessage.Auth auth) {
        authenticate(auth);
      } else if (message instanceof ClientMessage.Sync sync) {
        done(sync.xid());
      } else if (message instanceof ClientMessage.AddWatch add) {
        watches.put(
            add.watchId(), new ClientMessage.Registration(add.watchId(), add.path(), add.kind()));
        done(add.xid());
      } else if (message instanceof ClientMessage.RemoveWatch remove) {
        watches.remove(remove.watchId());
        done(remove.xid());
      } else if (message instanceof ClientMessage.ResumeWatches resume) {
        resume(resume);
      } else if (message instanceof ClientMessage.CloseSession close) {
        endSession(sessionId);
        done(close.xid());
        close();
      } else {
        check(false, "unexpected " + message);
      }
    }

    private void authenticate(ClientMessage.Auth auth) {
      if (!auth.scheme().equals("digest") || refusesCredentials) {
        send(
            new ServerMessage.Response(
                auth.xid(), zxid, OpResult.Failure.of(ErrorCode.AUTH_FAILED)));
        return;
      }
      String text = new String(auth.credential(), UTF_8);
      identities.add(new Identity("digest", text.substring(0, text.indexOf(':'))));
      done(auth.xid());
    }

    private void done(long xid) {
      send(new ServerMessage.Response(xid, zxid, new OpResult.Done()));
    }

    private void confirm(Session session, long confirmed) {
      check(confirmed >= session.confirmed, "confirmation goes back to " + confirmed);
      session.confirmed = confirmed;
      session.answers.keySet().removeIf(number -> number <= confirmed);
    }

    private void write(ClientMessage.Write write, Session session) {
      confirm(session, write.confirmedUpTo());
      check(
          write.number() - session.confirmed <= MAX_IN_FLIGHT,
          "window exceeded by " + write.number());
      check(write.number() <= session.lastNumber + 1, "gap before " + write.number());
      if (write.number() > session.lastNumber) {
        OpResult result = apply(write.op(), sessionId);
        writesApplied++;
        session.lastNumber = write.number();
        session.answers.put(write.number(), new ServerMessage.Response(write.xid(), zxid, result));
      }
      ServerMessage.Response answer = session.answers.get(write.number());
      check(answer != null, "confirmed and sent again: " + write.number());
      if (swallowedReplies > 0) {
        swallowedReplies--;
        close();
      } else if (answer != null) {
        send(new ServerMessage.Response(write.xid(), answer.zxid(), answer.result()));
      }
    }

    private void leaveWatch(ClientMessage.Read read, OpResult result) {
      WatchKind kind = null;
      if (result instanceof OpResult.Existence existence) {
        kind = existence.stat() == null ? WatchKind.EXIST : WatchKind.DATA;
      } else if (result instanceof OpResult.Data) {
        kind = WatchKind.DATA;
      } else if (result instanceof OpResult.ChildNames) {
        kind = WatchKind.CHILDREN;
      }
      if (read.watchId() != 0 && kind != null) {
        watches.put(
            read.watchId(), new ClientMessage.Registration(read.watchId(), read.op().path(), kind));
      }
    }

    private void resume(ClientMessage.ResumeWatches resume) {
      List<ServerMessage.Fired> fired = new ArrayList<>();
      for (ClientMessage.Registration watch : resume.watches()) {
        Node node = tree.get(watch.path());
        boolean dataMissed =
            watch.kind() == WatchKind.DATA && (node == null || node.mzxid > resume.sinceZxid());
        if (dataMissed) {
          fired.add(
              new ServerMessage.Fired(
                  watch.watchId(),
                  node == null ? WatchEvent.Type.NODE_DELETED : WatchEvent.Type.NODE_DATA_CHANGED,
                  watch.path()));
        } else {
          watches.put(watch.watchId(), watch);
        }
      }
      if (!fired.isEmpty()) {
        send(new ServerMessage.Events(zxid, fired));
      }
      send(new ServerMessage.Response(resume.xid(), zxid, new OpResult.WatchesResumed(true)));
    }

    void fire(List<WatchEvent> events) {
      List<ServerMessage.Fired> fired = new ArrayList<>();
      for (WatchEvent event : events) {
        for (ClientMessage.Registration watch : new ArrayList<>(watches.values())) {
          boolean reached =
              watch.path().equals(event.path())
                  || (watch.kind() == WatchKind.PERSISTENT_RECURSIVE
                      && event.path().startsWith(watch.path() + "/"));
          if (reached && concerns(watch.kind(), event.type())) {
            fired.add(new ServerMessage.Fired(watch.watchId(), event.type(), event.path()));
            if (watch.kind().isOneShot()) {
              watches.remove(watch.watchId());
            }
          }
        }
      }
      if (!fired.isEmpty()) {
        send(new ServerMessage.Events(zxid, fired));
      }
    }
  }
}
