package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.ClientConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection to one server of a {@link TestEnsemble}, and what came over it. */
final class TestClient implements ClientConnection {
  private final TestEnsemble ensemble;
  private final TestServer server;
  private final long id;
  private final List<ServerMessage> sent = new ArrayList<>();

  /** What was flushed, in order. */
  final List<ServerMessage> received = new ArrayList<>();

  private boolean closed;

  /** How the session was opened, if that was on another connection. */
  private ServerMessage.@Nullable SessionOpened origin;

  private long lastXid;

  /** Number of the newest write; a client that moves sets it by hand. */
  long lastNumber;

  TestClient(TestEnsemble ensemble, TestServer server) {
    this.ensemble = ensemble;
    this.server = server;
    id = ensemble.nextConnection();
    server.opened(this);
  }

  /** A connection with a new session on it. */
  static TestClient open(TestEnsemble ensemble, TestServer server, long timeoutMillis) {
    TestClient client = new TestClient(ensemble, server);
    client.send(opening(timeoutMillis));
    client.only(ServerMessage.SessionOpened.class);
    return client;
  }

  static TestClient open(TestEnsemble ensemble, TestServer server) {
    return open(ensemble, server, 10_000);
  }

  static ClientMessage opening() {
    return opening(10_000);
  }

  private static ClientMessage opening(long timeoutMillis) {
    return new ClientMessage.OpenSession(timeoutMillis, "test");
  }

  /** A connection to a server that goes on with the session of this one. */
  TestClient attachAt(TestServer other) {
    TestClient client = attaching(other, 0);
    client.only(ServerMessage.SessionAttached.class);
    return client;
  }

  /** As above, whatever the answer is. */
  TestClient attaching(TestServer other, long lastZxid) {
    TestClient client = new TestClient(ensemble, other);
    ServerMessage.SessionOpened opened = opened();
    client.origin = opened;
    client.lastNumber = 0;
    client.send(new ClientMessage.AttachSession(opened.sessionId(), opened.secret(), lastZxid));
    return client;
  }

  ServerMessage.SessionOpened opened() {
    return origin != null ? origin : only(ServerMessage.SessionOpened.class);
  }

  long sessionId() {
    return opened().sessionId();
  }

  // --- talking -----------------------------------------------------------------------------------

  /** Sends, and lets everything happen that needs no time. */
  void send(ClientMessage message) {
    post(message);
    ensemble.settle();
  }

  /** Only sends. */
  void post(ClientMessage message) {
    server.received(this, message);
  }

  long nextXid() {
    return ++lastXid;
  }

  /** Posts a write under the next number; returns its xid. */
  long write(WriteOp op) {
    long xid = nextXid();
    post(new ClientMessage.Write(xid, ++lastNumber, 0, op));
    return xid;
  }

  /** Posts a write under that number, as a client that sends again; returns its xid. */
  long writeAgain(long number, WriteOp op) {
    long xid = nextXid();
    lastNumber = number;
    post(new ClientMessage.Write(xid, number, 0, op));
    return xid;
  }

  long read(ReadOp op) {
    return read(op, 0, false);
  }

  long read(ReadOp op, long watchId, boolean linearizable) {
    long xid = nextXid();
    post(new ClientMessage.Read(xid, op, watchId, linearizable));
    return xid;
  }

  static WriteOp create(String path, String data) {
    return new WriteOp.Create(path, bytes(data), CreateMode.PERSISTENT);
  }

  static WriteOp createEphemeral(String path) {
    return new WriteOp.Create(path, bytes(""), CreateMode.EPHEMERAL);
  }

  static WriteOp set(String path, String data) {
    return new WriteOp.SetData(path, bytes(data), WriteOp.ANY_VERSION);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Goes away without a word. */
  void drop() {
    closed = true;
    server.closed(this);
  }

  // --- hearing -----------------------------------------------------------------------------------

  /** The one message of that type. */
  <T extends ServerMessage> T only(Class<T> type) {
    List<T> found = all(type);
    assertThat(found).as("%s among %s", type.getSimpleName(), received).hasSize(1);
    return found.get(0);
  }

  <T extends ServerMessage> List<T> all(Class<T> type) {
    return received.stream().filter(type::isInstance).map(type::cast).toList();
  }

  boolean isAnswered(long xid) {
    return all(ServerMessage.Response.class).stream().anyMatch(response -> response.xid() == xid);
  }

  ServerMessage.Response response(long xid) {
    List<ServerMessage.Response> found =
        all(ServerMessage.Response.class).stream()
            .filter(response -> response.xid() == xid)
            .toList();
    assertThat(found).as("answers to %s among %s", xid, received).hasSize(1);
    return found.get(0);
  }

  OpResult result(long xid) {
    return response(xid).result();
  }

  /** The text that a get found. */
  String text(long xid) {
    assertThat(result(xid)).isInstanceOf(OpResult.Data.class);
    byte[] data = ((OpResult.Data) result(xid)).data();
    return data == null ? "" : new String(data, StandardCharsets.UTF_8);
  }

  ErrorCode failure(long xid) {
    assertThat(result(xid)).isInstanceOf(OpResult.Failure.class);
    return ((OpResult.Failure) result(xid)).code();
  }

  void assertRefused(ErrorCode code) {
    assertThat(only(ServerMessage.Refused.class).code()).isEqualTo(code);
    assertThat(closed).as("closed").isTrue();
  }

  boolean isClosed() {
    return closed;
  }

  // --- port --------------------------------------------------------------------------------------

  @Override
  public long id() {
    return id;
  }

  @Override
  public String hostAddress() {
    return "127.0.0.1";
  }

  @Override
  public String remoteAddress() {
    return "test-" + id;
  }

  @Override
  public void send(ServerMessage message) {
    if (!closed) {
      sent.add(message);
    }
  }

  @Override
  public void taken(int bytes) {}

  @Override
  public void flush() {
    received.addAll(sent);
    sent.clear();
  }

  @Override
  public void close() {
    flush();
    closed = true;
  }
}
