package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.RequestLimits;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Goal: a server that runs out of disk or memory refuses what grows, says why, goes on with the
 * rest, and takes it up again by itself.
 *
 * <p>Method: nodes over storage that says how much can be written.
 */
class ResourceLimitsTest {
  private static final long RESERVE = 1_000_000;
  private static final long LOW = RESERVE - 1;
  private static final long SCARCE = RESERVE / 4 - 1;
  private static final long AMPLE = 10 * RESERVE;

  /** The shortest silence after which an election begins, and what is to be well below it. */
  private static final long ELECTION_MILLIS = 1_000;

  private static final RequestLimits LIMITS = RequestLimits.forTimeouts(2_000, 60_000);

  private static TestEnsemble ensemble(int size, long memoryBudget, SnapshotPolicy snapshots) {
    TestEnsemble ensemble =
        new TestEnsemble(size, LIMITS, snapshots, ResourceLimits.of(memoryBudget, RESERVE));
    for (int id = 1; id <= size; id++) {
      ensemble.server(id).storage.setUsableBytes(AMPLE);
    }
    ensemble.awaitServing();
    return ensemble;
  }

  private static TestEnsemble ensemble(int size) {
    return ensemble(size, Long.MAX_VALUE, new SnapshotPolicy(1_000_000, 1L << 40, 0));
  }

  /** So much can be written there from now on; returns when that is known. */
  private static void usable(TestEnsemble ensemble, TestServer server, long bytes) {
    server.storage.setUsableBytes(bytes);
    ensemble.run(700); // a measurement, and the next heartbeat
  }

  private static OpResult write(TestEnsemble ensemble, TestClient client, WriteOp op) {
    long xid = client.write(op);
    ensemble.settle();
    return client.result(xid);
  }

  // --- disk: one server --------------------------------------------------------------------------

  @Test
  void singleServerLowOnDisk_refusesWhatGrowsUnderItsNumber_andGoesOnWithTheRest() {
    TestEnsemble ensemble = ensemble(1);
    TestClient client = TestClient.open(ensemble, ensemble.server(1));
    write(ensemble, client, TestClient.create("/a", "x"));

    usable(ensemble, ensemble.server(1), LOW);

    OpResult.Failure refusal = new OpResult.Failure(ErrorCode.INSUFFICIENT_SPACE, 0, RESERVE, LOW);
    assertThat(write(ensemble, client, TestClient.create("/b", ""))).isEqualTo(refusal);
    assertThat(write(ensemble, client, TestClient.set("/a", ""))).isEqualTo(refusal);
    assertThat(
            write(
                ensemble,
                client,
                new WriteOp.Multi(
                    List.of(new WriteOp.Delete("/a", -1), TestClient.create("/b", "")))))
        .as("the operation that grows is named")
        .isEqualTo(new OpResult.Failure(ErrorCode.INSUFFICIENT_SPACE, 1, RESERVE, LOW));
    long read = client.read(new ReadOp.Get("/a"), 0, true);
    client.send(new ClientMessage.Ping(7, 0));
    assertThat(client.text(read)).isEqualTo("x");
    assertThat(client.all(ServerMessage.Pong.class)).hasSize(1);
    assertThat(write(ensemble, client, new WriteOp.Delete("/a", -1)))
        .isInstanceOf(OpResult.Deleted.class);
    // Whoever comes now can look, and make room.
    TestClient other = TestClient.open(ensemble, ensemble.server(1));
    assertThat(write(ensemble, other, TestClient.create("/late", "x")))
        .isInstanceOf(OpResult.Failure.class);
  }

  @Test
  void whatWasLoggedSinceTheLastMeasurement_isNotThereAnyMore() {
    TestEnsemble ensemble = ensemble(1);
    TestClient client = TestClient.open(ensemble, ensemble.server(1));
    usable(ensemble, ensemble.server(1), RESERVE + 50_000);
    String data = "x".repeat(30_000);

    assertThat(write(ensemble, client, TestClient.create("/1", data)))
        .isInstanceOf(OpResult.Created.class);
    assertThat(write(ensemble, client, TestClient.create("/2", data)))
        .isInstanceOf(OpResult.Created.class);
    ensemble.run(20); // a tick, and far from the next measurement

    assertThat(write(ensemble, client, TestClient.create("/3", "")))
        .isInstanceOf(OpResult.Failure.class);
    // The disk knows better.
    usable(ensemble, ensemble.server(1), AMPLE);
    assertThat(write(ensemble, client, TestClient.create("/more", data)))
        .isInstanceOf(OpResult.Created.class);
  }

  @Test
  void spaceThatIsBackByLittle_isNotEnough_andByAQuarterIs() {
    TestEnsemble ensemble = ensemble(1);
    TestClient client = TestClient.open(ensemble, ensemble.server(1));
    usable(ensemble, ensemble.server(1), LOW);

    usable(ensemble, ensemble.server(1), RESERVE + 1);
    assertThat(write(ensemble, client, TestClient.create("/a", "")))
        .isInstanceOf(OpResult.Failure.class);

    usable(ensemble, ensemble.server(1), RESERVE * 5 / 4);
    assertThat(write(ensemble, client, TestClient.create("/a", "")))
        .isInstanceOf(OpResult.Created.class);
  }

  @Test
  void scarceDisk_logsNothing_keepsSessionsAndWritesThemWhenThereIsRoom() {
    TestEnsemble ensemble = ensemble(1);
    TestServer server = ensemble.server(1);
    TestClient client = TestClient.open(ensemble, server);
    write(ensemble, client, TestClient.create("/a", "x"));
    usable(ensemble, server, SCARCE);
    long before = server.status().replica().durableZxid();

    long delete = client.write(new WriteOp.Delete("/a", -1));
    long create = client.write(TestClient.create("/b", ""));
    TestClient late = client.attaching(server, 0);
    ensemble.run(15_000); // longer than the session's timeout, without a ping

    assertThat(client.isAnswered(delete)).isFalse();
    late.assertRefused(ErrorCode.INSUFFICIENT_SPACE);
    assertThat(server.status().replica().durableZxid()).isEqualTo(before);
    assertThat(server.node().isSessionOpen(client.sessionId())).isTrue();
    client.send(new ClientMessage.Ping(7, 0));
    assertThat(client.all(ServerMessage.Pong.class)).hasSize(1);

    usable(ensemble, server, AMPLE);
    assertThat(client.result(delete)).isInstanceOf(OpResult.Deleted.class);
    assertThat(client.failure(create)).isEqualTo(ErrorCode.INSUFFICIENT_SPACE);
  }

  // --- disk: several servers ---------------------------------------------------------------------

  @Test
  void leaderLowOnDisk_handsOver_withAShortGapForWrites() {
    TestEnsemble ensemble = ensemble(3);
    TestServer old = ensemble.leader();
    TestClient client = TestClient.open(ensemble, ensemble.follower());
    ensemble.run(5_000); // it has led for a while
    old.storage.setUsableBytes(LOW);
    long gap = 0;
    boolean handedOver = false;
    for (int tick = 0; tick < 300; tick++) {
      long xid = client.write(TestClient.create("/n" + tick, ""));
      long waited = 0;
      ensemble.run(10);
      while (!client.isAnswered(xid)) {
        ensemble.run(10);
        waited += 10;
        assertThat(waited).isLessThan(ELECTION_MILLIS);
      }
      assertThat(client.result(xid)).isInstanceOf(OpResult.Created.class);
      gap = Math.max(gap, waited);
      handedOver |= !old.leads();
    }

    assertThat(handedOver).isTrue();
    assertThat(ensemble.leader()).isNotEqualTo(old);
    assertThat(gap).as("longest wait of a write, ms").isLessThan(ELECTION_MILLIS / 4);
  }

  @Test
  void majorityLowOnDisk_refusesClientsOfEveryServer() {
    TestEnsemble ensemble = ensemble(3);
    TestClient first = TestClient.open(ensemble, ensemble.server(1));
    TestClient third = TestClient.open(ensemble, ensemble.server(3));
    ensemble.server(1).storage.setUsableBytes(LOW);
    ensemble.server(2).storage.setUsableBytes(LOW - 5);
    ensemble.await(
        "a leader with room, serving",
        () -> ensemble.server(3).leads() && ensemble.server(1).serves());
    ensemble.run(100);
    assertThat(ensemble.leader().id).as("the one with room leads").isEqualTo(3);
    for (TestClient client : List.of(first, third)) {
      assertThat(write(ensemble, client, TestClient.create("/a", "")))
          .isEqualTo(new OpResult.Failure(ErrorCode.INSUFFICIENT_SPACE, 0, RESERVE, LOW));
    }

    usable(ensemble, ensemble.server(2), AMPLE);

    for (TestClient client : List.of(first, third)) {
      assertThat(write(ensemble, client, TestClient.create("/" + client.id(), "")))
          .isInstanceOf(OpResult.Created.class);
    }
  }

  @Test
  void oneServerLowOnDisk_doesNotStand_unlessNobodyElseCan() {
    TestEnsemble ensemble = ensemble(3);
    int leader = ensemble.leader().id;
    TestServer low = ensemble.follower();
    TestServer other = ensemble.server(1 + 2 + 3 - leader - low.id);
    usable(ensemble, low, LOW);

    ensemble.server(leader).crash();
    ensemble.run(100);
    ensemble.awaitServing();
    assertThat(ensemble.leader()).isEqualTo(other);

    ensemble.server(leader).restart();
    ensemble.awaitServing();
    other.crash();
    ensemble.run(100);
    usable(ensemble, ensemble.server(leader), LOW);
    ensemble.awaitServing();
    assertThat(ensemble.leader().id).isIn(leader, low.id);
  }

  // --- disk: snapshots ---------------------------------------------------------------------------

  @Test
  void snapshotWithoutRoom_waitsUntilThereIs() {
    TestEnsemble ensemble = ensemble(1, Long.MAX_VALUE, new SnapshotPolicy(10, 1L << 40, 0));
    TestServer server = ensemble.server(1);
    TestClient client = TestClient.open(ensemble, server);
    usable(ensemble, server, SCARCE + 100);
    for (int i = 0; i < 20; i++) {
      client.write(new WriteOp.Delete("/none", -1));
    }
    ensemble.run(1_000);
    assertThat(server.status().replica().snapshotZxid()).isZero();

    usable(ensemble, server, AMPLE);

    assertThat(server.status().replica().snapshotZxid()).isPositive();
  }

  // --- memory ------------------------------------------------------------------------------------

  @Test
  void memoryBudget_refusesWhatGrows_untilEnoughIsDeleted() {
    TestEnsemble ensemble = ensemble(1, 50_000, new SnapshotPolicy(1_000_000, 1L << 40, 0));
    TestServer server = ensemble.server(1);
    TestClient client = TestClient.open(ensemble, server);
    int created = 0;
    OpResult last = write(ensemble, client, TestClient.create("/0", "x".repeat(1_000)));
    while (last instanceof OpResult.Created) {
      created++;
      last = write(ensemble, client, TestClient.create("/" + created, "x".repeat(1_000)));
      assertThat(created).isLessThan(100);
    }

    assertThat(created).isBetween(30, 49);
    assertThat(last).isInstanceOf(OpResult.Failure.class);
    OpResult.Failure refusal = (OpResult.Failure) last;
    assertThat(refusal.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(refusal.expected()).isEqualTo(50_000);
    assertThat(refusal.found()).isBetween(50_001L, 52_000L);
    assertThat(write(ensemble, client, TestClient.set("/0", "x".repeat(1_001))))
        .isInstanceOf(OpResult.Failure.class);
    assertThat(write(ensemble, client, TestClient.set("/0", "x".repeat(1_000))))
        .isInstanceOf(OpResult.DataSet.class);
    OpResult both =
        write(
            ensemble,
            client,
            new WriteOp.Multi(
                List.of(
                    new WriteOp.Delete("/0", -1),
                    TestClient.set("/1", ""),
                    TestClient.create("/more", ""))));
    assertThat(((OpResult.Failure) both).opIndex()).as("the operation that grows").isEqualTo(2);
    TestClient late = TestClient.open(ensemble, server);
    assertThat(write(ensemble, late, TestClient.create("/late", "x")))
        .isInstanceOf(OpResult.Failure.class);

    int deleted = 0;
    do {
      write(ensemble, client, new WriteOp.Delete("/" + deleted, -1));
      deleted++;
      last = write(ensemble, client, TestClient.create("/more" + deleted, ""));
      assertThat(deleted).isLessThan(created);
    } while (!(last instanceof OpResult.Created));
    assertThat(deleted).as("hysteresis: more than one goes before one comes").isBetween(2, 6);
  }
}
