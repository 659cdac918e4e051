package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.request.RequestLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three servers: forwarding, moves, loss of the leader, expiry, linearizable reads. */
class ThreeNodeTest {
  private TestEnsemble ensemble = TestEnsemble.serving(3);

  private static final WriteOp SEQUENTIAL =
      new WriteOp.Create("/q-", null, CreateMode.PERSISTENT_SEQUENTIAL);

  private void assertEqualStates() {
    ensemble.settle();
    List<NodeStatus> all = new ArrayList<>();
    for (int id = 1; id <= 3; id++) {
      if (ensemble.server(id).isUp()) {
        all.add(ensemble.server(id).status());
      }
    }
    assertThat(all).extracting(NodeStatus::appliedZxid).containsOnly(all.get(0).appliedZxid());
    assertThat(all).extracting(NodeStatus::digest).containsOnly(all.get(0).digest());
  }

  // --- forwarding --------------------------------------------------------------------------------

  @Test
  void sessionOnAFollower_writesAndReadsItsOwnWrites() {
    TestClient client = TestClient.open(ensemble, ensemble.follower());

    long write = client.write(TestClient.create("/a", "x"));
    long read = client.read(new ReadOp.Get("/a"));
    ensemble.settle();

    assertThat(client.result(write)).isInstanceOf(OpResult.Created.class);
    assertThat(client.text(read)).isEqualTo("x");
    assertEqualStates();
  }

  @Test
  void writesThroughEveryServer_areInOneOrder() {
    List<TestClient> clients = new ArrayList<>();
    for (int id = 1; id <= 3; id++) {
      clients.add(TestClient.open(ensemble, ensemble.server(id)));
    }
    for (int i = 0; i < 20; i++) {
      clients.forEach(client -> client.write(SEQUENTIAL));
    }
    ensemble.settle();

    List<String> created = new ArrayList<>();
    for (TestClient client : clients) {
      for (ServerMessage.Response response : client.all(ServerMessage.Response.class)) {
        created.add(((OpResult.Created) response.result()).path());
      }
    }
    assertThat(created).hasSize(60).doesNotHaveDuplicates();
    assertEqualStates();
  }

  @Test
  void watchOnAFollower_hearsOfAWriteThroughAnother() {
    TestClient watcher = TestClient.open(ensemble, ensemble.server(1));
    TestClient writer = TestClient.open(ensemble, ensemble.server(3));
    watcher.read(new ReadOp.Exists("/a"), 9, false);

    long write = writer.write(TestClient.create("/a", ""));
    ensemble.run(300);

    assertThat(watcher.only(ServerMessage.Events.class).zxid())
        .isEqualTo(writer.response(write).zxid());
  }

  @Test
  void messageThatDoesNotDecode_resetsTheLinkAndNothingElse() {
    TestServer follower = ensemble.follower();
    TestServer leader = ensemble.leader();

    ensemble.send(follower.id, leader.id, new byte[] {1, 2, 3});
    ensemble.run(500);

    ensemble.awaitServing();
    TestClient client = TestClient.open(ensemble, follower);
    long write = client.write(TestClient.create("/a", ""));
    ensemble.settle();
    assertThat(client.result(write)).isInstanceOf(OpResult.Created.class);
  }

  // --- moving ------------------------------------------------------------------------------------

  @Test
  void movedSession_getsItsFirstAnswersForWritesSentAgain() {
    TestClient first = TestClient.open(ensemble, ensemble.server(1));
    List<OpResult> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      long xid = first.write(SEQUENTIAL);
      ensemble.settle();
      answers.add(first.result(xid));
    }
    first.drop();

    TestClient second = first.attachAt(ensemble.server(2));
    List<Long> again = new ArrayList<>();
    for (int number = 1; number <= 5; number++) {
      again.add(second.writeAgain(number, SEQUENTIAL));
    }
    long next = second.write(SEQUENTIAL);
    ensemble.settle();

    assertThat(again).extracting(second::result).containsExactlyElementsOf(answers);
    assertThat(((OpResult.Created) second.result(next)).path()).isEqualTo("/q-0000000005");
    assertEqualStates();
  }

  @Test
  void attachElsewhere_endsTheConnectionHere() {
    TestClient first = TestClient.open(ensemble, ensemble.server(1));

    TestClient second = first.attachAt(ensemble.server(2));
    ensemble.run(300);

    first.assertRefused(ErrorCode.SESSION_MOVED);
    assertThat(second.isClosed()).isFalse();
  }

  @Test
  void writeThroughAnOlderAttach_isNotApplied() {
    TestClient first = TestClient.open(ensemble, ensemble.server(1));
    ensemble.run(100);
    // Server 1 is cut off and knows nothing of the move; what it forwards later is void.
    TestServer other = ensemble.leader().id == 2 ? ensemble.server(3) : ensemble.server(2);
    ensemble.isolate(1);
    ensemble.await("a quorum without server 1", () -> other.serves() && leaderAmong(2, 3));
    TestClient second = first.attachAt(other);
    long late = first.write(TestClient.create("/late", ""));

    ensemble.heal();
    ensemble.awaitServing();
    ensemble.run(500);

    assertThat(first.isAnswered(late)).isFalse();
    assertThat(first.isClosed()).isTrue();
    long read = second.read(new ReadOp.Exists("/late"));
    ensemble.settle();
    assertThat(second.result(read)).isEqualTo(new OpResult.Existence(null));
  }

  private boolean leaderAmong(int... ids) {
    for (int id : ids) {
      if (ensemble.server(id).isUp() && ensemble.server(id).leads()) {
        return true;
      }
    }
    return false;
  }

  @Test
  void attachAtAServerThatIsBehind_isRefused() {
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    TestServer behind = ensemble.follower();
    behind.holdDisk(true);
    for (int i = 0; i < 3; i++) {
      client.write(SEQUENTIAL);
    }
    ensemble.settle();
    long seen = ensemble.leader().status().appliedZxid();
    assertThat(behind.status().appliedZxid()).isLessThan(seen);

    TestClient refused = client.attaching(behind, seen);

    refused.assertRefused(ErrorCode.SERVER_BEHIND);
    assertThat(client.isClosed()).isFalse();
  }

  // --- elections ---------------------------------------------------------------------------------

  @Test
  void candidacies_areToldOnceEach_andAreThoseOfLeaders() {
    TestServer first = ensemble.leader();
    long epoch = first.status().replica().epoch();
    assertThat(first.stoodFor).contains(epoch).doesNotHaveDuplicates();

    first.crash();
    int away = first.id;
    ensemble.await("another leader", () -> leaderAmong(away % 3 + 1, (away + 1) % 3 + 1));
    TestServer next = ensemble.leader();
    assertThat(next.stoodFor).contains(next.status().replica().epoch()).doesNotHaveDuplicates();
  }

  // --- losing the leader -------------------------------------------------------------------------

  @Test
  void pendingWrites_areProposedAgainAfterTheLossOfTheLeader() {
    TestServer leader = ensemble.leader();
    TestServer survivor = ensemble.follower();
    TestClient client = TestClient.open(ensemble, survivor, 30_000);
    // The leader gets them, but they are durable nowhere.
    for (int id = 1; id <= 3; id++) {
      ensemble.server(id).holdDisk(true);
    }
    List<Long> writes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      writes.add(client.write(SEQUENTIAL));
    }
    ensemble.settle();
    leader.crash();
    for (int id = 1; id <= 3; id++) {
      ensemble.server(id).holdDisk(false);
    }

    ensemble.await("the writes are answered", () -> client.isAnswered(writes.get(9)));

    for (int i = 0; i < 10; i++) {
      assertThat(((OpResult.Created) client.result(writes.get(i))).path())
          .isEqualTo("/q-%010d".formatted(i));
    }
    assertThat(client.isClosed()).isFalse();
    assertEqualStates();
  }

  @Test
  void writeThatWasDurableBeforeTheLossOfTheLeader_isAppliedOnce() {
    TestServer leader = ensemble.leader();
    TestServer survivor = ensemble.follower();
    TestClient client = TestClient.open(ensemble, survivor, 30_000);
    long write = client.write(SEQUENTIAL);
    // Only as far as both followers' disks: the leader hears of no ack.
    survivor.turn();
    leader.crash();

    ensemble.await("the write is answered", () -> client.isAnswered(write));
    long next = client.write(SEQUENTIAL);
    ensemble.settle();

    assertThat(((OpResult.Created) client.result(write)).path()).isEqualTo("/q-0000000000");
    assertThat(((OpResult.Created) client.result(next)).path()).isEqualTo("/q-0000000001");
  }

  @Test
  void openingAtTheLossOfTheLeader_isRefused() {
    TestServer leader = ensemble.leader();
    TestServer survivor = ensemble.follower();
    leader.holdDisk(true);
    survivor.holdDisk(true);
    ensemble.server(6 - leader.id - survivor.id).holdDisk(true);
    TestClient client = new TestClient(ensemble, survivor);
    client.send(new ClientMessage.OpenSession(5_000, "unlucky"));
    assertThat(client.received).isEmpty();

    leader.crash();
    ensemble.settle();

    client.assertRefused(ErrorCode.NOT_SERVING);
  }

  @Test
  void serverWithoutLeaderForAWhile_sendsItsClientsElsewhere() {
    TestServer follower = ensemble.follower();
    TestClient client = TestClient.open(ensemble, follower);
    ensemble.isolate(follower.id);

    ensemble.await("it gives up", client::isClosed);

    client.assertRefused(ErrorCode.NOT_SERVING);
    new TestClientProbe(ensemble, follower).assertRefusesOpenings();
  }

  @Test
  void followerOfASilentLeader_sendsItsClientsElsewhereBeforeItLooksForAnother() {
    TestServer leader = ensemble.leader();
    TestServer follower = ensemble.follower();
    TestClient client = TestClient.open(ensemble, follower);
    ensemble.freeze(leader.id);

    ensemble.run(700);

    client.assertRefused(ErrorCode.NOT_SERVING);
    assertThat(follower.status().replica().role()).isEqualTo(ReplicaStatus.Role.FOLLOWER);
  }

  @Test
  void moreWritesThanAFrameBetweenPeersHolds_areForwardedInSeveral() {
    TestClient client = TestClient.open(ensemble, ensemble.follower());
    List<Long> writes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      writes.add(client.write(TestClient.create("/n" + i, "x".repeat(60_000))));
    }
    ensemble.settle();

    assertThat(writes).allSatisfy(xid -> assertThat(client.isAnswered(xid)).isTrue());
    assertThat(ensemble.longestMessage()).isLessThan(4 << 20);
    assertEqualStates();
  }

  /** What a server without leader says to newcomers. */
  private record TestClientProbe(TestEnsemble ensemble, TestServer server) {
    void assertRefusesOpenings() {
      TestClient client = new TestClient(ensemble, server);
      client.send(new ClientMessage.StatusQuery(1));
      client.send(new ClientMessage.OpenSession(5_000, "late"));
      assertThat(client.only(ServerMessage.Status.class).serving()).isFalse();
      client.assertRefused(ErrorCode.NOT_SERVING);
    }
  }

  @Test
  void pendingPing_isConfirmedByTheNextLeader() {
    TestServer leader = ensemble.leader();
    TestServer survivor = ensemble.follower();
    TestClient client = TestClient.open(ensemble, survivor, 30_000);
    client.post(new ClientMessage.Ping(1, 0));
    leader.crash();

    ensemble.await("the pong", () -> !client.all(ServerMessage.Pong.class).isEmpty());

    assertThat(client.only(ServerMessage.Pong.class).pingId()).isEqualTo(1);
  }

  // --- expiry ------------------------------------------------------------------------------------

  @Test
  void silentSession_losesItsEphemeralsOnceOnEveryServer() {
    TestClient owner = TestClient.open(ensemble, ensemble.follower(), 2_000);
    TestClient watcher = TestClient.open(ensemble, ensemble.leader(), 60_000);
    owner.write(TestClient.createEphemeral("/e"));
    ensemble.run(100);
    watcher.send(new ClientMessage.AddWatch(watcher.nextXid(), 1, "/e", WatchKind.PERSISTENT));

    ensemble.run(5_000);

    assertThat(watcher.all(ServerMessage.Events.class)).hasSize(1);
    owner.assertRefused(ErrorCode.SESSION_EXPIRED);
    assertEqualStates();
  }

  @Test
  void pingsThroughAFollower_keepTheSession() {
    TestClient client = TestClient.open(ensemble, ensemble.follower(), 2_000);

    for (int ping = 1; ping <= 10; ping++) {
      ensemble.run(600);
      client.send(new ClientMessage.Ping(ping, 0));
    }
    ensemble.run(300);

    assertThat(client.all(ServerMessage.Pong.class)).hasSize(10);
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void newLeader_givesEverySessionAWholeFreshTimeout() {
    TestClient client = TestClient.open(ensemble, ensemble.follower(), 6_000);
    client.drop();
    ensemble.run(5_500);
    ensemble.leader().crash();
    ensemble.await("another leads", () -> ensemble.follower() != null && leaderAmong(1, 2, 3));

    ensemble.run(5_000);
    assertThat(ensemble.leader().status().sessions()).isEqualTo(1);
    ensemble.run(1_500);
    assertThat(ensemble.leader().status().sessions()).isZero();
  }

  @Test
  void pongAfterTheEndOfTheSession_isNeverSent() {
    // The end is in the leader's log when the ping arrives, but no quorum has it yet.
    TestServer follower = ensemble.follower();
    TestClient client = TestClient.open(ensemble, follower, 2_000);
    ensemble.run(1_900);
    for (int id = 1; id <= 3; id++) {
      ensemble.server(id).holdDisk(true);
    }
    ensemble.run(300);

    client.send(new ClientMessage.Ping(1, 0));
    ensemble.run(500);
    assertThat(client.all(ServerMessage.Pong.class)).isEmpty();
    for (int id = 1; id <= 3; id++) {
      ensemble.server(id).holdDisk(false);
    }
    ensemble.run(500);

    client.assertRefused(ErrorCode.SESSION_EXPIRED);
    assertThat(client.all(ServerMessage.Pong.class)).isEmpty();
  }

  // --- linearizable reads ------------------------------------------------------------------------

  @Test
  void linearizableRead_seesWhatAnybodyWasToldBefore() {
    TestClient writer = TestClient.open(ensemble, ensemble.leader());
    TestClient reader = TestClient.open(ensemble, ensemble.follower());
    long write = writer.write(TestClient.create("/a", "new"));
    ensemble.settle();
    assertThat(writer.isAnswered(write)).isTrue();

    long read = reader.read(new ReadOp.Get("/a"), 0, true);
    ensemble.run(300);

    assertThat(reader.text(read)).isEqualTo("new");
  }

  @Test
  void linearizableReadAtADeposedLeader_isNeverAnsweredFromItsOldState() {
    TestServer old = ensemble.leader();
    TestClient reader = TestClient.open(ensemble, old, 60_000);
    long created = reader.write(TestClient.create("/a", "old"));
    ensemble.run(200);
    assertThat(reader.isAnswered(created)).isTrue();
    ensemble.isolate(old.id);

    long read = reader.read(new ReadOp.Get("/a"), 0, true);
    long sync = reader.nextXid();
    reader.post(new ClientMessage.Sync(sync));
    TestServer other = ensemble.server(old.id == 1 ? 2 : 1);
    ensemble.run(10);
    ensemble.await("the others have a leader", () -> other.serves() && !old.serves());
    TestClient writer = TestClient.open(ensemble, other);
    writer.write(TestClient.set("/a", "new"));
    ensemble.heal();
    ensemble.run(5_000);

    if (reader.isAnswered(read)) {
      assertThat(reader.text(read)).isEqualTo("new");
    } else {
      reader.assertRefused(ErrorCode.NOT_SERVING);
    }
  }

  // --- coming back -------------------------------------------------------------------------------

  @Test
  void followerThatWasAway_comesBackToTheSameState() {
    TestServer away = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader(), 60_000);
    away.crash();
    for (int i = 0; i < 10; i++) {
      client.write(SEQUENTIAL);
    }
    ensemble.settle();

    away.restart();
    ensemble.awaitServing();
    ensemble.run(500);

    assertEqualStates();
  }

  @Test
  void followerBeyondTheLog_getsASnapshotAndServes() {
    ensemble =
        new TestEnsemble(
            3, RequestLimits.forTimeouts(2_000, 60_000), new SnapshotPolicy(30, 1L << 40, 0));
    ensemble.awaitServing();
    TestServer away = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader(), 60_000);
    away.crash();
    for (int i = 0; i < 100; i++) {
      client.write(SEQUENTIAL);
      ensemble.settle();
    }

    away.restart();
    ensemble.awaitServing();
    ensemble.run(500);

    assertThat(ensemble.leader().plans).isNotEmpty();
    assertEqualStates();
    TestClient moved = client.attachAt(away);
    long again = moved.writeAgain(100, SEQUENTIAL);
    ensemble.run(300);
    assertThat(((OpResult.Created) moved.result(again)).path()).isEqualTo("/q-0000000099");
  }
}
