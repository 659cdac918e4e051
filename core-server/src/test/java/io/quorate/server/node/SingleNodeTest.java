package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.RequestLimits;
import io.quorate.server.watch.WatchLimits;
import io.quorate.server.watch.WatchRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The request path on one server: a quorum of one, the same code. */
class SingleNodeTest {
  private TestEnsemble ensemble = TestEnsemble.serving(1);
  private TestServer server = ensemble.server(1);

  private TestClient open() {
    return TestClient.open(ensemble, server);
  }

  // --- sessions ----------------------------------------------------------------------------------

  @Test
  void openedSession_hasTheZxidOfItsOpeningAsId() {
    ServerMessage.SessionOpened opened = open().opened();

    assertThat(opened.sessionId()).isEqualTo(opened.zxid()).isPositive();
    assertThat(opened.secret()).hasSize(16);
    assertThat(opened.timeoutMillis()).isEqualTo(10_000);
    assertThat(opened.serverId()).isEqualTo(1);
  }

  @ParameterizedTest(name = "wish {0} ms, granted {1} ms")
  @MethodSource("timeouts")
  void sessionTimeout_isKeptWithinItsBounds(long wish, long granted) {
    assertThat(TestClient.open(ensemble, server, wish).opened().timeoutMillis()).isEqualTo(granted);
  }

  static Stream<Arguments> timeouts() {
    return Stream.of(
        Arguments.of(0, 2_000), Arguments.of(2_000, 2_000), Arguments.of(60_001, 60_000));
  }

  @Test
  void requestBeforeTheOpening_isRefused() {
    TestClient client = new TestClient(ensemble, server);

    client.send(new ClientMessage.Ping(1, 0));

    client.assertRefused(ErrorCode.MALFORMED);
  }

  @Test
  void secondOpening_isRefused() {
    TestClient client = open();

    client.send(new ClientMessage.OpenSession(5_000, "again"));

    client.assertRefused(ErrorCode.MALFORMED);
  }

  @Test
  void attachWithAnotherSecret_isRefused() {
    TestClient client = open();
    TestClient thief = new TestClient(ensemble, server);

    thief.send(new ClientMessage.AttachSession(client.sessionId(), new byte[16], 0));

    thief.assertRefused(ErrorCode.SESSION_SECRET_MISMATCH);
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void attachOfASessionThatNeverWas_isRefusedAsExpired() {
    TestClient client = new TestClient(ensemble, server);

    client.send(new ClientMessage.AttachSession(99, new byte[16], 0));

    client.assertRefused(ErrorCode.SESSION_EXPIRED);
  }

  @Test
  void secondConnectionOfASession_endsTheFirst() {
    TestClient first = open();

    TestClient second = first.attachAt(server);

    first.assertRefused(ErrorCode.SESSION_MOVED);
    assertThat(second.isClosed()).isFalse();
  }

  @Test
  void attachBeyondWhatIsApplied_isRefused() {
    TestClient client = open();

    TestClient again = client.attaching(server, Long.MAX_VALUE);

    again.assertRefused(ErrorCode.SERVER_BEHIND);
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void closedSession_isAnsweredThenClosed_andItsEphemeralsVanish() {
    TestClient client = open();
    TestClient other = open();
    client.write(TestClient.createEphemeral("/e"));

    client.send(new ClientMessage.CloseSession(77));

    assertThat(client.result(77)).isEqualTo(new OpResult.Done());
    assertThat(client.isClosed()).isTrue();
    long xid = other.read(new ReadOp.Exists("/e"));
    ensemble.settle();
    assertThat(other.result(xid)).isEqualTo(new OpResult.Existence(null));
    assertThat(server.status().sessions()).isEqualTo(1);
  }

  @Test
  void silentSession_expiresAfterItsTimeoutAndNotBefore() {
    TestClient client = TestClient.open(ensemble, server, 3_000);
    client.write(TestClient.createEphemeral("/e"));
    ensemble.settle();

    ensemble.run(2_900);
    assertThat(client.isClosed()).isFalse();
    ensemble.run(200);

    client.assertRefused(ErrorCode.SESSION_EXPIRED);
    assertThat(server.status().sessions()).isZero();
  }

  @Test
  void pauseOfTheServer_expiresNobody() {
    TestClient client = TestClient.open(ensemble, server, 3_000);

    ensemble.pause(20_000);
    ensemble.run(1_000);
    assertThat(client.isClosed()).isFalse();

    ensemble.run(3_000);
    client.assertRefused(ErrorCode.SESSION_EXPIRED);
  }

  @Test
  void sessionEndedByAnOperator_isToldSo() {
    TestClient client = open();

    server.node().expireSession(client.sessionId());
    ensemble.settle();

    client.assertRefused(ErrorCode.SESSION_EXPIRED);
  }

  @Test
  void pingingSession_lives() {
    TestClient client = TestClient.open(ensemble, server, 3_000);

    for (int ping = 1; ping <= 10; ping++) {
      ensemble.run(1_000);
      client.send(new ClientMessage.Ping(ping, 0));
    }

    assertThat(client.all(ServerMessage.Pong.class)).hasSize(10);
    assertThat(client.isClosed()).isFalse();
  }

  // --- writes and reads --------------------------------------------------------------------------

  @Test
  void pipelinedWrites_areAnsweredInOrderAndSeenByTheReadBehindThem() {
    TestClient client = open();
    List<Long> xids = new ArrayList<>();
    xids.add(client.write(TestClient.create("/a", "0")));
    for (int i = 1; i <= 5; i++) {
      xids.add(client.write(TestClient.set("/a", Integer.toString(i))));
      xids.add(client.read(new ReadOp.Get("/a")));
    }
    ensemble.settle();

    assertThat(client.all(ServerMessage.Response.class))
        .extracting(ServerMessage.Response::xid)
        .containsExactlyElementsOf(xids);
    for (int i = 1; i <= 5; i++) {
      assertThat(client.text(xids.get(2 * i))).isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void writesOfOneTurn_shareOneSync() {
    TestClient client = open();
    int before = server.storage.syncs();

    for (int i = 0; i < 50; i++) {
      client.write(TestClient.create("/n" + i, ""));
    }
    ensemble.settle();

    assertThat(client.all(ServerMessage.Response.class)).hasSize(50);
    assertThat(server.storage.syncs() - before).isEqualTo(1);
  }

  @Test
  void writeThatIsNotDurable_isNotAnsweredNorSeen() {
    TestClient client = open();
    TestClient other = open();
    server.holdDisk(true);

    long write = client.write(TestClient.create("/a", "x"));
    long read = other.read(new ReadOp.Exists("/a"));
    ensemble.settle();

    assertThat(client.isAnswered(write)).isFalse();
    assertThat(other.result(read)).isEqualTo(new OpResult.Existence(null));
    server.holdDisk(false);
    ensemble.settle();
    assertThat(client.isAnswered(write)).isTrue();
  }

  @Test
  void writeSentAgain_hasItsFirstAnswer() {
    TestClient first = open();
    WriteOp op = new WriteOp.Create("/q-", null, CreateMode.PERSISTENT_SEQUENTIAL);
    long sent = first.write(op);
    ensemble.settle();

    TestClient second = first.attachAt(server);
    long again = second.writeAgain(1, op);
    ensemble.settle();

    assertThat(second.result(again)).isEqualTo(first.result(sent));
    assertThat(second.response(again).zxid()).isEqualTo(first.response(sent).zxid());
  }

  @Test
  void writeNumberBeyondTheNext_endsTheConnection() {
    TestClient client = open();

    client.writeAgain(2, TestClient.create("/a", ""));
    ensemble.settle();

    client.assertRefused(ErrorCode.WRITE_GAP);
    TestClient again = client.attachAt(server);
    long xid = again.writeAgain(1, TestClient.create("/a", ""));
    ensemble.settle();
    assertThat(again.result(xid)).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void gapBetweenWritesOfAConnection_endsItBeforeTheLog() {
    TestClient client = open();
    client.write(TestClient.create("/a", ""));

    client.writeAgain(3, TestClient.create("/b", ""));

    client.assertRefused(ErrorCode.WRITE_GAP);
  }

  @Test
  void writeAboveTheEntryLimit_isRefusedUnderItsNumber() {
    TestClient client = open();

    long large = client.write(TestClient.create("/large", "x".repeat(1 << 16)));
    long next = client.write(TestClient.create("/small", "x"));
    ensemble.settle();

    assertThat(client.failure(large)).isEqualTo(ErrorCode.REQUEST_TOO_LARGE);
    assertThat(client.result(next)).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void requestsBeyondTheLimitOfAConnection_endIt() {
    RequestLimits limits = new RequestLimits(3, 1 << 20, 100, 2_000, 60_000, 10, 500_000_000);
    ensemble = new TestEnsemble(1, limits, new SnapshotPolicy(1_000_000, 1L << 40, 0));
    ensemble.awaitServing();
    server = ensemble.server(1);
    TestClient client = open();

    for (int i = 0; i < 4; i++) {
      client.write(TestClient.create("/n" + i, ""));
    }

    client.assertRefused(ErrorCode.OVERLOADED);
  }

  @Test
  void unconfirmedWritesBeyondTheLimit_endTheConnection() {
    RequestLimits limits = new RequestLimits(100, 1 << 20, 2, 2_000, 60_000, 10, 500_000_000);
    ensemble = new TestEnsemble(1, limits, new SnapshotPolicy(1_000_000, 1L << 40, 0));
    ensemble.awaitServing();
    server = ensemble.server(1);
    TestClient client = open();
    assertThat(client.opened().maxInFlight()).isEqualTo(2);

    for (int i = 0; i < 3; i++) {
      client.write(TestClient.create("/n" + i, ""));
    }

    client.assertRefused(ErrorCode.TOO_MANY_IN_FLIGHT);
  }

  @Test
  void pendingBytesBeyondTheLimit_refuseFurtherWritesUnderTheirNumber() {
    RequestLimits limits = new RequestLimits(100, 500, 100, 2_000, 60_000, 10, 500_000_000);
    ensemble = new TestEnsemble(1, limits, new SnapshotPolicy(1_000_000, 1L << 40, 0));
    ensemble.awaitServing();
    server = ensemble.server(1);
    TestClient client = open();

    long first = client.write(TestClient.create("/a", "x".repeat(1_000)));
    long second = client.write(TestClient.create("/b", "x"));
    ensemble.settle();
    long third = client.write(TestClient.create("/c", "x"));
    ensemble.settle();

    assertThat(client.result(first)).isInstanceOf(OpResult.Created.class);
    assertThat(client.failure(second)).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(client.result(third)).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void readsBehindAWrite_areRefusedInOrderBeyondThePendingBytes() {
    RequestLimits limits = new RequestLimits(100, 5_000, 100, 2_000, 60_000, 10, 500_000_000);
    ensemble = new TestEnsemble(1, limits, new SnapshotPolicy(1_000_000, 1L << 40, 0));
    ensemble.awaitServing();
    server = ensemble.server(1);
    TestClient client = open();
    String path = "/" + "p".repeat(1_000);

    List<Long> xids = new ArrayList<>();
    xids.add(client.write(TestClient.create("/a", "x")));
    for (int i = 0; i < 20; i++) {
      xids.add(client.read(new ReadOp.Exists(path)));
    }
    ensemble.settle();
    long later = client.read(new ReadOp.Exists(path));
    ensemble.settle();

    assertThat(client.all(ServerMessage.Response.class))
        .extracting(ServerMessage.Response::xid)
        .startsWith(xids.toArray(Long[]::new));
    assertThat(client.result(xids.get(4))).isInstanceOf(OpResult.Existence.class);
    assertThat(client.failure(xids.get(7))).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(client.failure(xids.get(20))).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(client.result(later)).isInstanceOf(OpResult.Existence.class);
  }

  @Test
  void resumeBehindAWrite_endsTheConnectionBeyondThePendingBytes() {
    RequestLimits limits = new RequestLimits(100, 500, 100, 2_000, 60_000, 10, 500_000_000);
    ensemble = new TestEnsemble(1, limits, new SnapshotPolicy(1_000_000, 1L << 40, 0));
    ensemble.awaitServing();
    server = ensemble.server(1);
    TestClient client = open();
    TestClient other = open();

    client.write(TestClient.create("/a", "x".repeat(1_000)));
    client.post(new ClientMessage.ResumeWatches(client.nextXid(), 1, List.of()));
    ensemble.settle();
    long write = other.write(TestClient.create("/b", "x"));
    ensemble.settle();

    client.assertRefused(ErrorCode.OVERLOADED);
    assertThat(other.result(write)).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void sync_isAnsweredInOrder() {
    TestClient client = open();
    long write = client.write(TestClient.create("/a", ""));
    long sync = client.nextXid();
    client.post(new ClientMessage.Sync(sync));
    long read = client.read(new ReadOp.Get("/a"), 0, true);
    ensemble.settle();

    assertThat(client.all(ServerMessage.Response.class))
        .extracting(ServerMessage.Response::xid)
        .containsExactly(write, sync, read);
    assertThat(client.result(sync)).isEqualTo(new OpResult.Done());
  }

  @Test
  void statusQuery_isAnsweredWithoutASession() {
    TestClient client = new TestClient(ensemble, server);

    client.send(new ClientMessage.StatusQuery(5));

    ServerMessage.Status status = client.only(ServerMessage.Status.class);
    assertThat(status.xid()).isEqualTo(5);
    assertThat(status.role()).isEqualTo("leader");
    assertThat(status.serving()).isTrue();
    assertThat(status.appliedZxid()).isEqualTo(status.durableZxid());
  }

  // --- watches -----------------------------------------------------------------------------------

  @Test
  void event_precedesTheReplyThatShowsItsChange() {
    TestClient watcher = open();
    TestClient writer = open();
    writer.write(TestClient.create("/a", "0"));
    ensemble.settle();
    watcher.read(new ReadOp.Get("/a"), 5, false);

    writer.write(TestClient.set("/a", "1"));
    long own = watcher.write(TestClient.set("/b", "fails"));
    ensemble.settle();

    List<ServerMessage> after = watcher.received.subList(2, watcher.received.size());
    assertThat(after).hasSize(2);
    assertThat(after.get(0)).isInstanceOf(ServerMessage.Events.class);
    assertThat(((ServerMessage.Events) after.get(0)).fired())
        .containsExactly(new ServerMessage.Fired(5, WatchEvent.Type.NODE_DATA_CHANGED, "/a"));
    assertThat(((ServerMessage.Response) after.get(1)).xid()).isEqualTo(own);
  }

  @Test
  void ownChange_firesBeforeItsReply() {
    TestClient client = open();
    client.read(new ReadOp.Exists("/a"), 8, false);
    long write = client.write(TestClient.create("/a", ""));
    ensemble.settle();

    int events = client.received.indexOf(client.only(ServerMessage.Events.class));
    int reply = client.received.indexOf(client.response(write));
    assertThat(events).isLessThan(reply);
  }

  @Test
  void oneMulti_firesAsOneFrame() {
    TestClient client = open();
    client.read(new ReadOp.Exists("/a"), 1, false);
    client.read(new ReadOp.Exists("/b"), 2, false);
    client.write(
        new WriteOp.Multi(List.of(TestClient.create("/a", ""), TestClient.create("/b", ""))));
    ensemble.settle();

    assertThat(client.only(ServerMessage.Events.class).fired()).hasSize(2);
  }

  @Test
  void persistentWatch_firesUntilItIsRemoved() {
    TestClient client = open();
    client.send(new ClientMessage.AddWatch(client.nextXid(), 3, "/a", WatchKind.PERSISTENT));
    client.write(TestClient.create("/a", ""));
    client.write(TestClient.set("/a", "1"));
    ensemble.settle();
    client.send(new ClientMessage.RemoveWatch(client.nextXid(), 3));
    client.write(TestClient.set("/a", "2"));
    ensemble.settle();

    assertThat(client.all(ServerMessage.Events.class)).hasSize(2);
    assertThat(server.status().watches()).isZero();
  }

  @Test
  void watchOfAMissingZnodeByGet_isNotLeft() {
    TestClient client = open();

    client.read(new ReadOp.Get("/missing"), 4, false);
    ensemble.settle();

    assertThat(server.status().watches()).isZero();
  }

  @Test
  void goneConnection_leavesNoWatch() {
    TestClient client = open();
    client.send(new ClientMessage.AddWatch(client.nextXid(), 3, "/a", WatchKind.PERSISTENT));
    assertThat(server.status().watches()).isEqualTo(1);

    client.drop();
    ensemble.settle();

    assertThat(server.status().watches()).isZero();
    assertThat(server.status().connections()).isZero();
  }

  /** A server that remembers no change compares what a client knows with what there is. */
  private void forgetHistoryUnless(boolean reachesBack) {
    if (!reachesBack) {
      ensemble.watches = new WatchLimits(0, 0);
      server.crash();
      server.restart();
      ensemble.settle();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void resumedWatches_fireForWhatWasMissed(boolean historyReachesBack) {
    forgetHistoryUnless(historyReachesBack);
    TestClient client = open();
    TestClient writer = open();
    for (String name : List.of("/same", "/changed", "/deleted", "/recreated", "/parent")) {
      writer.write(TestClient.create(name, ""));
    }
    ensemble.settle();
    long since = server.status().appliedZxid();
    client.drop();
    writer.write(TestClient.set("/changed", "x"));
    writer.write(new WriteOp.Delete("/deleted", WriteOp.ANY_VERSION));
    writer.write(new WriteOp.Delete("/recreated", WriteOp.ANY_VERSION));
    writer.write(TestClient.create("/recreated", ""));
    writer.write(TestClient.create("/parent/child", ""));
    writer.write(TestClient.create("/new", ""));
    ensemble.settle();

    TestClient again = client.attachAt(server);
    again.send(
        new ClientMessage.ResumeWatches(
            again.nextXid(),
            since,
            List.of(
                new ClientMessage.Registration(1, "/same", WatchKind.DATA),
                new ClientMessage.Registration(2, "/changed", WatchKind.DATA),
                new ClientMessage.Registration(3, "/deleted", WatchKind.DATA),
                new ClientMessage.Registration(4, "/recreated", WatchKind.DATA),
                new ClientMessage.Registration(9, "/recreated", WatchKind.CHILDREN),
                new ClientMessage.Registration(5, "/parent", WatchKind.CHILDREN),
                new ClientMessage.Registration(6, "/parent", WatchKind.DATA),
                new ClientMessage.Registration(7, "/new", WatchKind.EXIST),
                new ClientMessage.Registration(8, "/never", WatchKind.EXIST))));

    List<ServerMessage.Events> events = again.all(ServerMessage.Events.class);
    assertThat(events).hasSize(historyReachesBack ? 5 : 1); // a frame per zxid, or one for now
    assertThat(events.stream().flatMap(each -> each.fired().stream()))
        .containsExactly(
            new ServerMessage.Fired(2, WatchEvent.Type.NODE_DATA_CHANGED, "/changed"),
            new ServerMessage.Fired(3, WatchEvent.Type.NODE_DELETED, "/deleted"),
            new ServerMessage.Fired(4, WatchEvent.Type.NODE_DELETED, "/recreated"),
            new ServerMessage.Fired(9, WatchEvent.Type.NODE_DELETED, "/recreated"),
            new ServerMessage.Fired(5, WatchEvent.Type.NODE_CHILDREN_CHANGED, "/parent"),
            new ServerMessage.Fired(7, WatchEvent.Type.NODE_CREATED, "/new"));
    assertThat(server.status().watches()).isEqualTo(3);
    assertThat(again.received.get(again.received.size() - 1))
        .extracting(last -> ((ServerMessage.Response) last).result())
        .isEqualTo(new OpResult.WatchesResumed(!historyReachesBack));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void resumedWatches_doNotFireForWhatTheirClientKnows(boolean historyReachesBack) {
    forgetHistoryUnless(historyReachesBack);
    TestClient client = open();
    TestClient writer = open();
    writer.write(
        new WriteOp.Multi(
            List.of(
                TestClient.create("/known", ""),
                TestClient.create("/known/child", ""),
                TestClient.set("/known", "x"))));
    ensemble.settle();
    long since = server.status().appliedZxid(); // everything of /known has this very zxid
    client.drop();
    writer.write(TestClient.create("/other", ""));
    ensemble.settle();

    TestClient again = client.attachAt(server);
    again.send(
        new ClientMessage.ResumeWatches(
            again.nextXid(),
            since,
            List.of(
                new ClientMessage.Registration(1, "/known", WatchKind.DATA),
                new ClientMessage.Registration(2, "/known", WatchKind.CHILDREN),
                new ClientMessage.Registration(3, "/absent", WatchKind.EXIST),
                new ClientMessage.Registration(4, "/known", WatchKind.PERSISTENT))));
    ensemble.settle();

    assertThat(again.all(ServerMessage.Events.class)).isEmpty();
    assertThat(lastResult(again)).isEqualTo(new OpResult.WatchesResumed(!historyReachesBack));
    assertThat(server.status().watches()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void resumedWatches_hearNothingOfZnodesThatTheirClientMayNotRead(boolean historyReachesBack) {
    forgetHistoryUnless(historyReachesBack);
    TestClient client = open();
    TestClient owner = open();
    owner.send(
        new ClientMessage.Auth(
            owner.nextXid(), "digest", "ann:secret".getBytes(StandardCharsets.UTF_8)));
    owner.write(
        new WriteOp.Create(
            "/secret", TestClient.bytes(""), CreateMode.PERSISTENT, Acl.CREATOR_ALL, 0, 0));
    ensemble.settle();
    long since = server.status().appliedZxid();
    client.drop();
    owner.write(TestClient.set("/secret", "x"));
    owner.write(
        new WriteOp.Create(
            "/secret/child", TestClient.bytes(""), CreateMode.PERSISTENT, Acl.CREATOR_ALL, 0, 0));
    owner.write(
        new WriteOp.Create(
            "/new", TestClient.bytes(""), CreateMode.PERSISTENT, Acl.CREATOR_ALL, 0, 0));
    ensemble.settle();

    TestClient again = client.attachAt(server);
    again.send(
        new ClientMessage.ResumeWatches(
            again.nextXid(),
            since,
            List.of(
                new ClientMessage.Registration(1, "/secret", WatchKind.DATA),
                new ClientMessage.Registration(2, "/secret", WatchKind.CHILDREN),
                new ClientMessage.Registration(3, "/new", WatchKind.EXIST))));
    ensemble.settle();

    assertThat(again.all(ServerMessage.Events.class)).isEmpty();
    assertThat(lastResult(again)).isEqualTo(new OpResult.WatchesResumed(!historyReachesBack));
    assertThat(server.status().watches()).as("none is used up").isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "/a/", "//a", "/a/../b", "/\u0000"})
  void resumptionOfAPathThatIsNone_isRefusedAndLeavesNothing(String path) {
    TestClient client = open();
    client.send(
        resume(
            client,
            List.of(
                new ClientMessage.Registration(1, "/fine", WatchKind.EXIST),
                new ClientMessage.Registration(2, path, WatchKind.EXIST))));
    ensemble.settle();
    assertThat(lastResult(client)).isEqualTo(OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS));
    assertThat(server.status().watches()).isZero();
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void resumedLastingWatches_hearOfEveryChangeByEntry() {
    TestClient client = open();
    TestClient writer = open();
    writer.write(TestClient.create("/a", ""));
    ensemble.settle();
    final long since = server.status().appliedZxid();
    client.drop();
    writer.write(
        new WriteOp.Multi(List.of(TestClient.create("/a/b", ""), TestClient.set("/a/b", "1"))));
    writer.write(TestClient.set("/a", "1"));
    writer.write(new WriteOp.Delete("/a/b", WriteOp.ANY_VERSION));
    ensemble.settle();

    TestClient again = client.attachAt(server);
    again.send(
        new ClientMessage.ResumeWatches(
            again.nextXid(),
            since,
            List.of(
                new ClientMessage.Registration(1, "/", WatchKind.PERSISTENT_RECURSIVE),
                new ClientMessage.Registration(2, "/a", WatchKind.PERSISTENT))));
    writer.write(TestClient.set("/a", "2"));
    ensemble.settle();

    List<List<ServerMessage.Fired>> heard =
        again.all(ServerMessage.Events.class).stream().map(ServerMessage.Events::fired).toList();
    ServerMessage.Fired childrenOfA =
        new ServerMessage.Fired(2, WatchEvent.Type.NODE_CHILDREN_CHANGED, "/a");
    List<ServerMessage.Fired> dataOfA =
        List.of(
            new ServerMessage.Fired(2, WatchEvent.Type.NODE_DATA_CHANGED, "/a"),
            new ServerMessage.Fired(1, WatchEvent.Type.NODE_DATA_CHANGED, "/a"));
    assertThat(heard)
        .containsExactly(
            List.of(
                new ServerMessage.Fired(1, WatchEvent.Type.NODE_CREATED, "/a/b"),
                childrenOfA,
                new ServerMessage.Fired(1, WatchEvent.Type.NODE_DATA_CHANGED, "/a/b")),
            dataOfA,
            List.of(new ServerMessage.Fired(1, WatchEvent.Type.NODE_DELETED, "/a/b"), childrenOfA),
            dataOfA);
    again.drop();
    ensemble.settle();
    assertThat(server.status().watches()).isZero();
  }

  @Test
  void watchesBeyondTheLimit_areRefusedWithLimitAndCountAndNoneIsLeft() {
    TestClient client = open();
    client.write(TestClient.create("/a", ""));
    ensemble.settle();
    List<ClientMessage.Registration> some = new ArrayList<>();
    for (long id = 1; id <= 4_000; id++) {
      some.add(new ClientMessage.Registration(id, "/a", WatchKind.PERSISTENT));
    }
    int max = WatchRegistry.WATCHES_PER_CONNECTION_MAX;
    for (long first = 0; first < max; first += some.size()) {
      long base = first;
      client.send(resume(client, some.stream().map(each -> moved(each, base)).toList()));
    }
    assertThat(server.status().watches()).isEqualTo(max);
    client.send(resume(client, some.stream().map(each -> moved(each, max)).toList()));
    OpResult.Failure refusal =
        new OpResult.Failure(ErrorCode.TOO_MANY_WATCHES, 0, max, max + some.size());
    assertThat(lastResult(client)).isEqualTo(refusal);
    OpResult.Failure one = new OpResult.Failure(ErrorCode.TOO_MANY_WATCHES, 0, max, max + 1);
    client.send(new ClientMessage.AddWatch(client.nextXid(), max + 1, "/a", WatchKind.PERSISTENT));
    assertThat(lastResult(client)).isEqualTo(one);
    client.send(new ClientMessage.Read(client.nextXid(), new ReadOp.Exists("/a"), max + 1, false));
    assertThat(lastResult(client)).isEqualTo(one);
    assertThat(server.status().watches()).isEqualTo(max);
  }

  private ClientMessage resume(TestClient client, List<ClientMessage.Registration> watches) {
    return new ClientMessage.ResumeWatches(
        client.nextXid(), server.status().appliedZxid(), watches);
  }

  private static ClientMessage.Registration moved(ClientMessage.Registration watch, long by) {
    return new ClientMessage.Registration(watch.watchId() + by, watch.path(), watch.kind());
  }

  private static OpResult lastResult(TestClient client) {
    List<ServerMessage.Response> all = client.all(ServerMessage.Response.class);
    return all.get(all.size() - 1).result();
  }

  @Test
  void changeWithManyWatchers_reachesEachBeforeAnyLaterAnswer() {
    TestClient writer = open();
    writer.write(TestClient.create("/a", ""));
    ensemble.settle();
    List<TestClient> watchers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      TestClient watcher = open();
      watcher.read(new ReadOp.Get("/a"), 1, false);
      watchers.add(watcher);
    }
    ensemble.settle();
    writer.write(TestClient.set("/a", "new"));
    writer.write(TestClient.set("/a", "newer"));
    for (TestClient watcher : watchers) {
      watcher.read(new ReadOp.Get("/a"), 2, false);
    }
    ensemble.settle();
    for (TestClient watcher : watchers) {
      long last = watcher.read(new ReadOp.Get("/a"), 0, false);
      ensemble.settle();
      assertThat(watcher.text(last)).isEqualTo("newer");
      List<Integer> texts = new ArrayList<>();
      int events = 0;
      for (ServerMessage message : watcher.received) {
        if (message instanceof ServerMessage.Events) {
          events++;
        } else if (message instanceof ServerMessage.Response response
            && response.result() instanceof OpResult.Data data) {
          byte[] bytes = data.data();
          texts.add(bytes == null ? 0 : bytes.length);
          if (bytes != null && bytes.length > 0) {
            assertThat(events).as("events before an answer that shows a change").isPositive();
          }
        }
      }
      assertThat(texts).hasSize(3);
      assertThat(events).isBetween(1, 2);
    }
    assertThat(server.status().watches()).isLessThanOrEqualTo(200);
  }

  /** 300 watches that each hear of 4,000 changes of one entry: more than is kept. */
  @Test
  void clientThatWouldHearTooMuchOfOneEntry_isClosed_andTheOthersHearIt() {
    TestClient writer = open();
    TestClient few = open();
    few.send(new ClientMessage.AddWatch(few.nextXid(), 1, "/", WatchKind.PERSISTENT_RECURSIVE));
    TestClient many = open();
    for (long id = 1; id <= 2_100; id++) {
      many.send(
          new ClientMessage.AddWatch(many.nextXid(), id, "/", WatchKind.PERSISTENT_RECURSIVE));
    }
    ensemble.settle();
    List<WriteOp> creates = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      creates.add(TestClient.create("/" + i, ""));
    }
    final long before = server.status().appliedZxid();
    long write = writer.write(new WriteOp.Multi(creates));
    ensemble.settle();
    assertThat(writer.isAnswered(write)).isTrue();
    assertThat(writer.result(write)).isInstanceOf(OpResult.MultiDone.class);
    assertThat(few.only(ServerMessage.Events.class).fired()).hasSize(500);
    many.assertRefused(ErrorCode.OVERLOADED);
    assertThat(many.all(ServerMessage.Events.class)).isEmpty();
    assertThat(server.status().watches()).isEqualTo(1);

    // With fewer watches the entry is told from the history when it comes back.
    TestClient again = many.attachAt(server);
    again.send(
        new ClientMessage.ResumeWatches(
            again.nextXid(),
            before,
            List.of(
                new ClientMessage.Registration(1, "/", WatchKind.PERSISTENT_RECURSIVE),
                new ClientMessage.Registration(2, "/1", WatchKind.EXIST))));
    ensemble.settle();
    assertThat(lastResult(again)).isEqualTo(new OpResult.WatchesResumed(false));
    assertThat(again.only(ServerMessage.Events.class).fired()).hasSize(501);
  }

  @Test
  void resumptionOfWatchesThatAnEntryFiredTooOften_saysResync() {
    TestClient writer = open();
    final TestClient many = open();
    ensemble.settle();
    final long before = server.status().appliedZxid();
    List<WriteOp> creates = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      creates.add(TestClient.create("/" + i, ""));
    }
    writer.write(new WriteOp.Multi(creates));
    ensemble.settle();
    List<ClientMessage.Registration> watches = new ArrayList<>();
    for (long id = 1; id <= 40; id++) {
      watches.add(new ClientMessage.Registration(id, "/", WatchKind.PERSISTENT_RECURSIVE));
    }
    many.send(new ClientMessage.ResumeWatches(many.nextXid(), before, watches));
    ensemble.settle();
    assertThat(lastResult(many)).isEqualTo(new OpResult.WatchesResumed(true));
    assertThat(many.all(ServerMessage.Events.class)).isEmpty();
    assertThat(server.status().watches()).isEqualTo(40);
  }

  // --- snapshots and restarts --------------------------------------------------------------------

  @Test
  void restartedServer_hasEverySessionAndZnodeThatWasAcknowledged() {
    TestClient client = open();
    long write = client.write(TestClient.create("/a", "kept"));
    ensemble.settle();
    assertThat(client.isAnswered(write)).isTrue();
    long digest = server.status().digest();
    long applied = server.status().appliedZxid();

    server.crash();
    server.restart();
    ensemble.awaitServing();

    TestClient again = client.attachAt(server);
    long read = again.read(new ReadOp.Get("/a"));
    ensemble.settle();
    assertThat(again.text(read)).isEqualTo("kept");
    assertThat(server.status().appliedZxid()).isGreaterThan(applied);
    assertThat(digest).isNotZero();
  }

  @Test
  void restartFromASnapshot_hasTheSameStateAndGoesOn() {
    ensemble =
        new TestEnsemble(
            1, RequestLimits.forTimeouts(2_000, 60_000), new SnapshotPolicy(20, 1L << 40, 50));
    ensemble.awaitServing();
    server = ensemble.server(1);
    TestClient client = open();
    client.write(TestClient.create("/a", ""));
    for (int i = 1; i <= 60; i++) {
      client.write(TestClient.set("/a", Integer.toString(i)));
      ensemble.settle();
    }
    ensemble.run(500); // until the state is found to agree with a majority, which is this one
    assertThat(server.storage.recover().snapshot()).isNotNull();

    server.crash();
    server.restart();
    ensemble.awaitServing();

    TestClient again = client.attachAt(server);
    long read = again.read(new ReadOp.Get("/a"));
    long resent = again.writeAgain(61, TestClient.set("/a", "60"));
    ensemble.settle();
    assertThat(again.text(read)).isEqualTo("60");
    assertThat(((OpResult.DataSet) again.result(resent)).stat().version()).isEqualTo(60);
  }
}
