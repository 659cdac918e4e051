package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.RequestLimits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who a connection is, and what the leader sweeps, on servers with a clock that the test moves. */
class AccessAndSweepTest {
  private final TestEnsemble ensemble = TestEnsemble.serving(3);

  private static long auth(TestClient client, String scheme, String credential) {
    long xid = client.nextXid();
    client.post(new ClientMessage.Auth(xid, scheme, TestClient.bytes(credential)));
    return xid;
  }

  private static WriteOp create(String path, CreateMode mode, long ttl, long expireAfter) {
    return new WriteOp.Create(path, null, mode, Acl.OPEN, ttl, expireAfter);
  }

  private boolean exists(String path) {
    StringBuilder found = new StringBuilder();
    for (int id = 1; id <= 3; id++) {
      if (ensemble.server(id).isUp()) {
        TestClient reader = TestClient.open(ensemble, ensemble.server(id), 60_000);
        long read = reader.read(new ReadOp.Exists(path));
        ensemble.settle();
        found.append(((OpResult.Existence) reader.result(read)).stat() == null ? '-' : '+');
        reader.drop();
      }
    }
    assertThat(found.toString()).as("the same on every server").matches("-+|\\++");
    return found.charAt(0) == '+';
  }

  // --- identities --------------------------------------------------------------------------------

  @Test
  void connection_isItsAddress_andWhatItAuthenticatesFor() {
    TestClient client = TestClient.open(ensemble, ensemble.follower());
    long before = client.read(new ReadOp.WhoAmI());
    long auth = auth(client, "digest", "ann:secret");
    long after = client.read(new ReadOp.WhoAmI());
    ensemble.settle();

    Identity here = new Identity("ip", "127.0.0.1");
    assertThat(client.result(before)).isEqualTo(new OpResult.Identities(List.of(here)));
    assertThat(client.result(auth)).isEqualTo(new OpResult.Done());
    assertThat(client.result(after))
        .isEqualTo(new OpResult.Identities(List.of(here, new Identity("digest", "ann:x"))));
  }

  @Test
  void auth_isAnsweredInOrder_andHoldsForWhatFollows() {
    TestClient owner = TestClient.open(ensemble, ensemble.leader());
    auth(owner, "digest", "ann:secret");
    owner.write(
        new WriteOp.Create(
            "/mine", TestClient.bytes("x"), CreateMode.PERSISTENT, Acl.CREATOR_ALL, 0, 0));
    ensemble.settle();
    TestClient client = TestClient.open(ensemble, ensemble.follower());
    long first = client.write(TestClient.create("/first", ""));
    long refused = client.read(new ReadOp.Get("/mine"));
    long refusedWrite = client.write(TestClient.set("/mine", "y"));
    long auth = auth(client, "digest", "ann:secret");
    long read = client.read(new ReadOp.Get("/mine"));
    long write = client.write(TestClient.set("/mine", "z"));
    ensemble.settle();

    assertThat(client.all(ServerMessage.Response.class))
        .extracting(ServerMessage.Response::xid)
        .containsExactly(first, refused, refusedWrite, auth, read, write);
    assertThat(client.failure(refused)).isEqualTo(ErrorCode.NO_AUTH);
    assertThat(client.failure(refusedWrite)).isEqualTo(ErrorCode.NO_AUTH);
    assertThat(client.text(read)).isEqualTo("x");
    assertThat(client.result(write)).isInstanceOf(OpResult.DataSet.class);
  }

  @Test
  void credentialsThatAreNone_areRefused_andTheConnectionGoesOn() {
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    for (String scheme : List.of("sasl", "", "ip", "super", "world")) {
      long xid = auth(client, scheme, "ann:secret");
      ensemble.settle();
      assertThat(client.failure(xid)).isEqualTo(ErrorCode.AUTH_FAILED);
    }
    for (String credential : List.of("", "ann", ":secret", "a:" + "x".repeat(2_000))) {
      long xid = auth(client, "digest", credential);
      ensemble.settle();
      assertThat(client.failure(xid)).isEqualTo(ErrorCode.AUTH_FAILED);
    }
    for (int i = 0; i < 15; i++) {
      auth(client, "digest", "u" + i + ":p");
    }
    long tooMany = auth(client, "digest", "one:more");
    long again = auth(client, "digest", "u3:p");
    ensemble.settle();
    assertThat(client.failure(tooMany)).isEqualTo(ErrorCode.AUTH_FAILED);
    assertThat(client.result(again)).isEqualTo(new OpResult.Done());
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void identities_belongToTheConnection_notToTheSession() {
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    auth(client, "digest", "ann:secret");
    ensemble.settle();
    TestClient moved = client.attachAt(ensemble.follower());
    long who = moved.read(new ReadOp.WhoAmI());
    ensemble.settle();
    assertThat(((OpResult.Identities) moved.result(who)).identities()).hasSize(1);
  }

  @Test
  void superDigest_mayDoEverything() {
    TestEnsemble guarded = new TestEnsemble(1);
    guarded.superDigest = Identity.digest("root", "pw").id();
    guarded.server(1).crash();
    guarded.server(1).restart();
    guarded.awaitServing();
    TestClient client = TestClient.open(guarded, guarded.leader());
    WriteOp config = TestClient.set("/zookeeper/config", "x");
    long before = client.write(config);
    auth(client, "digest", "root:guess");
    long guessed = client.write(config);
    auth(client, "digest", "root:pw");
    long after = client.write(config);
    guarded.settle();
    assertThat(client.failure(before)).isEqualTo(ErrorCode.NO_AUTH);
    assertThat(client.failure(guessed)).isEqualTo(ErrorCode.NO_AUTH);
    assertThat(client.result(after)).isInstanceOf(OpResult.DataSet.class);
  }

  @Test
  void credential_isInNoText() {
    ClientMessage.Auth auth = new ClientMessage.Auth(1, "digest", TestClient.bytes("ann:secret"));
    assertThat(auth.toString()).isEqualTo("Auth[xid=1, scheme=digest]");
    assertThat(new ClientMessage.Write(1, 1, 0, TestClient.create("/a", "")).toString())
        .doesNotContain("secret");
  }

  // --- sweeps ------------------------------------------------------------------------------------

  @Test
  void expiredZnode_isGoneWithinASecond_andItsWatchFires() {
    TestClient client = TestClient.open(ensemble, ensemble.follower(), 60_000);
    client.write(create("/x", CreateMode.EPHEMERAL, 0, 3_000));
    client.write(create("/t", CreateMode.PERSISTENT_TTL, 3_000, 0));
    client.read(new ReadOp.Exists("/x"), 7, false);
    ensemble.run(2_900);
    assertThat(exists("/x")).isTrue();
    assertThat(client.all(ServerMessage.Events.class)).isEmpty();
    ensemble.run(1_100);
    assertThat(exists("/x")).isFalse();
    assertThat(exists("/t")).isFalse();
    assertThat(client.only(ServerMessage.Events.class).fired().get(0).path()).isEqualTo("/x");
  }

  @Test
  void renewedExpiry_isNotSwept() {
    TestClient client = TestClient.open(ensemble, ensemble.leader(), 60_000);
    client.write(create("/x", CreateMode.PERSISTENT, 0, 1_000));
    for (int i = 0; i < 5; i++) {
      ensemble.run(700);
      client.write(new WriteOp.SetExpiry("/x", 1_000));
    }
    assertThat(exists("/x")).isTrue();
    ensemble.run(2_000);
    assertThat(exists("/x")).isFalse();
  }

  @Test
  void emptyContainer_isSwept_andAnUnusedOneAfterItsTime() {
    TestClient client = TestClient.open(ensemble, ensemble.leader(), 60_000);
    client.write(create("/used", CreateMode.CONTAINER, 0, 0));
    client.write(create("/used/kid", CreateMode.PERSISTENT, 0, 0));
    client.write(create("/unused", CreateMode.CONTAINER, 0, 0));
    client.write(create("/full", CreateMode.CONTAINER, 0, 0));
    client.write(create("/full/kid", CreateMode.PERSISTENT, 0, 0));
    client.write(new WriteOp.Delete("/used/kid", -1));
    ensemble.run(TestServer.SWEEPS.containersEveryNanos() / 1_000_000 + 1_000);
    assertThat(exists("/used")).isFalse();
    assertThat(exists("/unused")).isTrue();
    ensemble.run(TestServer.SWEEPS.unusedContainerMillis() + 5_000);
    assertThat(exists("/unused")).isFalse();
    assertThat(exists("/full")).isTrue();
  }

  @Test
  void expiriesOutliveTheLeader_andASnapshot() {
    TestEnsemble small =
        new TestEnsemble(
            3, RequestLimits.forTimeouts(2_000, 60_000), new SnapshotPolicy(5, 1L << 40, 0));
    small.awaitServing();
    TestClient client = TestClient.open(small, small.leader(), 60_000);
    for (int i = 0; i < 12; i++) {
      client.write(create("/x" + i, CreateMode.PERSISTENT, 0, 4_000));
    }
    small.run(500);
    for (int id = 1; id <= 3; id++) {
      small.server(id).crash();
    }
    for (int id = 1; id <= 3; id++) {
      small.server(id).restart();
    }
    small.awaitServing();
    small.leader().crash();
    small.awaitServing();
    small.run(6_000);
    TestClient reader = TestClient.open(small, small.leader(), 60_000);
    long children = reader.read(new ReadOp.Children("/", "", 100));
    small.settle();
    assertThat(((OpResult.ChildNames) reader.result(children)).names())
        .containsExactly("zookeeper");
  }

  @Test
  void moreThanABatch_isSweptBatchByBatch() {
    TestClient client = TestClient.open(ensemble, ensemble.leader(), 60_000);
    int many = 3 * TestServer.SWEEPS.batchMax();
    for (int i = 0; i < many; i++) {
      client.write(create("/n" + i, CreateMode.PERSISTENT, 0, 1_000));
    }
    ensemble.run(3_000);
    long count = client.read(new ReadOp.SubtreeCount("/"));
    ensemble.settle();
    assertThat(client.result(count)).isEqualTo(new OpResult.Count(3));
  }

  @Test
  void sweepOfADeposedLeader_doesNoHarm() {
    TestServer old = ensemble.leader();
    TestClient client = TestClient.open(ensemble, ensemble.follower(), 60_000);
    client.write(create("/x", CreateMode.PERSISTENT, 0, 2_000));
    ensemble.run(1_000);
    ensemble.isolate(old.id);
    ensemble.run(5_000);
    TestServer now =
        java.util.stream.IntStream.rangeClosed(1, 3)
            .mapToObj(ensemble::server)
            .filter(server -> server.id != old.id && server.leads())
            .findFirst()
            .orElseThrow();
    TestClient again = TestClient.open(ensemble, now, 60_000);
    long created = again.write(create("/x", CreateMode.PERSISTENT, 0, 0));
    ensemble.settle();
    assertThat(again.result(created))
        .as("swept by the new leader")
        .isInstanceOf(OpResult.Created.class);
    ensemble.heal();
    ensemble.run(3_000);
    assertThat(exists("/x")).isTrue();
  }
}
