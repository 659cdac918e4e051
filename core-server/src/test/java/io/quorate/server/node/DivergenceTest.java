package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.divergence.DigestExchange;
import io.quorate.server.replication.ReplicaRules;
import io.quorate.server.replication.StateDigest;
import io.quorate.server.request.RequestLimits;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A replica whose state differs is found, stops, is rebuilt and rejoins; or nobody writes. */
class DivergenceTest {
  private static final int SNAPSHOT_ENTRIES = 20;
  private static final String POISON = "/poison";

  private final TestEnsemble ensemble =
      new TestEnsemble(
          3,
          RequestLimits.forTimeouts(2_000, 60_000),
          new SnapshotPolicy(SNAPSHOT_ENTRIES, 1L << 30, 0));

  DivergenceTest() {
    ensemble.awaitServing();
  }

  /** Applies a creation of {@link #POISON} with other data, once: memory gone bad, or a bug. */
  private static final class Once implements Applier {
    private final String data;
    private boolean done;

    Once(String data) {
      this.data = data;
    }

    @Override
    public ApplyResult apply(StateMachine state, long zxid, long timeMillis, Command command) {
      boolean hit = !done && isPoison(command);
      done |= hit;
      return state.apply(zxid, timeMillis, hit ? altered((Command.Write) command, data) : command);
    }
  }

  /** The same on every replay: what the program does is what is wrong. */
  private static Applier always(String data) {
    return (state, zxid, timeMillis, command) ->
        state.apply(
            zxid, timeMillis, isPoison(command) ? altered((Command.Write) command, data) : command);
  }

  private static boolean isPoison(Command command) {
    return command instanceof Command.Write write
        && write.op() instanceof WriteOp.Create create
        && create.path().equals(POISON);
  }

  private static Command altered(Command.Write write, String data) {
    WriteOp.Create create = (WriteOp.Create) write.op();
    return new Command.Write(
        write.sessionId(),
        write.attachZxid(),
        write.number(),
        write.confirmedUpTo(),
        new WriteOp.Create(create.path(), TestClient.bytes(data), create.mode()));
  }

  private long digestOf(int id) {
    return ensemble.server(id).status().digest();
  }

  private void assertEqualStates() {
    ensemble.awaitServing();
    ensemble.run(500);
    long applied = ensemble.server(1).status().appliedZxid();
    for (int id = 2; id <= 3; id++) {
      assertThat(ensemble.server(id).status().appliedZxid()).isEqualTo(applied);
      assertThat(digestOf(id)).as("digest of server %s", id).isEqualTo(digestOf(1));
    }
  }

  private void write(TestClient client, int count) {
    for (int i = 0; i < count; i++) {
      client.write(TestClient.create("/n" + client.lastNumber, "x"));
    }
    ensemble.settle();
  }

  /** Poisons, and returns the milliseconds until that server has rebuilt itself. */
  private long poison(TestClient client, TestServer victim) {
    victim.applier = new Once("bad");
    long write = client.write(TestClient.create(POISON, "good"));
    ensemble.settle();
    assertThat(client.result(write)).isInstanceOf(OpResult.Created.class);
    long millis = 0;
    while (victim.divergences.isEmpty() && millis < 5_000) {
      ensemble.run(10);
      millis += 10;
    }
    return millis;
  }

  private static void assertDetectedInTime(long millis) {
    System.out.println("divergence detected after " + millis + " ms");
    assertThat(millis).isLessThan(1_000);
  }

  @Test
  void followerThatDiverges_isFoundWithinASecond_rebuildsAndRejoins() {
    TestServer victim = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    write(client, 3 * SNAPSHOT_ENTRIES);
    ensemble.run(500);

    assertDetectedInTime(poison(client, victim));
    assertEqualStates();

    assertThat(victim.divergences).hasSize(1);
    TestClient reader = TestClient.open(ensemble, victim);
    long read = reader.read(new ReadOp.Get(POISON));
    ensemble.settle();
    assertThat(reader.text(read)).isEqualTo("good");
    for (int id = 1; id <= 3; id++) {
      assertThat(ensemble.server(id).status().more().alarmZxid()).isZero();
      assertThat(ensemble.server(id).divergences).hasSize(id == victim.id ? 1 : 0);
    }
  }

  @Test
  void leaderThatDiverges_laysDownLeadership_rebuildsAndRejoins() {
    TestServer victim = ensemble.leader();
    TestServer other = ensemble.follower();
    TestClient client = TestClient.open(ensemble, other);
    write(client, 30);
    ensemble.run(500);

    assertDetectedInTime(poison(client, victim));
    assertEqualStates();

    assertThat(victim.divergences).hasSize(1);
    TestClient reader = TestClient.open(ensemble, victim);
    long read = reader.read(new ReadOp.Get(POISON));
    ensemble.settle();
    assertThat(reader.text(read)).isEqualTo("good");
  }

  /** Poisons a server that writes its next snapshot before anybody could compare. */
  private TestServer poisonBeforeSnapshot(TestClient client, TestServer victim) {
    write(client, SNAPSHOT_ENTRIES + 5);
    ensemble.run(500);
    write(client, SNAPSHOT_ENTRIES / 2);
    ensemble.run(500);
    assertThat(victim.storage.newestSnapshot()).isNotZero();
    victim.applier = new Once("bad");
    client.write(TestClient.create(POISON, "good"));
    write(client, SNAPSHOT_ENTRIES);
    return victim;
  }

  @Test
  void stateThatWasNotFoundToAgree_isInNoSnapshot() {
    TestServer victim = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    poisonBeforeSnapshot(client, victim);
    long right = victim.storage.newestSnapshot();
    ensemble.await("the divergence is found", () -> !victim.divergences.isEmpty());

    assertThat(victim.storage.newestSnapshot()).isEqualTo(right);
    assertThat(victim.divergences.get(0).trustedZxid()).isGreaterThanOrEqualTo(right);
    assertEqualStates();
    assertThat(victim.divergences).as("one rebuild was enough").hasSize(1);
  }

  @Test
  void serverThatDivergedAndCrashed_isRebuiltFromTheSnapshotItBeganWith() {
    TestServer victim = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    poisonBeforeSnapshot(client, victim);
    victim.crash();
    victim.applier = new Once("bad");
    victim.restart();

    ensemble.await("the divergence is found", () -> !victim.divergences.isEmpty());
    assertEqualStates();
    assertThat(victim.divergences).hasSize(1);
  }

  @Test
  void brokenRule_snapshotsOfAnyStateAndNoBound_isFound() {
    TestServer victim = ensemble.follower();
    victim.crash();
    victim.rules =
        new ReplicaRules() {
          @Override
          public boolean mayKeepSnapshot(long zxid, long agreedZxid) {
            return true;
          }

          @Override
          public long trustedUpTo(long agreedZxid) {
            return Long.MAX_VALUE;
          }
        };
    victim.restart();
    ensemble.awaitServing();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    poisonBeforeSnapshot(client, victim);
    ensemble.run(3_000);

    assertThat(victim.divergences).hasSize(1);
    assertThat(victim.serves()).as("its state is still wrong").isFalse();
    assertThat(ensemble.leader().status().more().alarmZxid()).isNotZero();
  }

  @Test
  void brokenBound_aloneIsHarmless_becauseNoWrongSnapshotIsKept_andKeptOnesNeedTheBound() {
    TestServer victim = ensemble.follower();
    victim.crash();
    victim.rules =
        new ReplicaRules() {
          @Override
          public boolean mayKeepSnapshot(long zxid, long agreedZxid) {
            return true;
          }
        };
    victim.restart();
    ensemble.awaitServing();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    victim.storage.keepAllSnapshots();
    poisonBeforeSnapshot(client, victim);
    long wrong = victim.storage.newestSnapshot();
    ensemble.await("the divergence is found", () -> !victim.divergences.isEmpty());

    assertThat(victim.divergences.get(0).trustedZxid()).isLessThan(wrong);
    assertEqualStates();
    assertThat(victim.divergences).as("the wrong snapshot was not used").hasSize(1);
  }

  @Test
  void brokenRule_statesAreNotCompared_isFound() {
    for (int id = 1; id <= 3; id++) {
      TestServer server = ensemble.server(id);
      server.crash();
      server.rules =
          new ReplicaRules() {
            @Override
            public boolean sameState(StateDigest one, StateDigest other) {
              return true;
            }
          };
      server.restart();
      ensemble.awaitServing();
    }
    TestServer victim = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    poison(client, victim);

    assertThat(victim.divergences).isEmpty();
    assertThat(digestOf(victim.id)).isNotEqualTo(digestOf(ensemble.leader().id));
  }

  @Test
  void stateAlteredBehindTheStateMachine_isFoundBeforeItIsInASnapshot() {
    TestServer victim = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    AtomicReference<byte[]> inMemory = new AtomicReference<>(new byte[1]);
    victim.applier =
        (state, zxid, timeMillis, command) -> {
          if (command instanceof Command.OpenSession open) {
            inMemory.set(open.secretHash());
          }
          return state.apply(zxid, timeMillis, command);
        };
    TestClient.open(ensemble, ensemble.leader());
    ensemble.run(500);
    inMemory.get()[0] ^= 1; // nothing that is kept up while applying knows of it
    write(client, SNAPSHOT_ENTRIES);
    ensemble.await("the divergence is found", () -> !victim.divergences.isEmpty());
    assertThat(victim.storage.newestSnapshot()).isZero();
    assertEqualStates();
  }

  @Test
  void threeDifferentStates_stopWritesWithAnAlarmAndNotReads() {
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    List<TestClient> readers = new ArrayList<>();
    for (int id = 1; id <= 3; id++) {
      readers.add(TestClient.open(ensemble, ensemble.server(id)));
    }
    write(client, 5);
    ensemble.run(500);
    int number = 0;
    for (int id = 1; id <= 3; id++) {
      if (!ensemble.server(id).leads()) {
        ensemble.server(id).applier = new Once("bad" + ++number);
      }
    }
    client.write(TestClient.create(POISON, "good"));
    ensemble.settle();
    long zxid = ensemble.leader().status().appliedZxid();
    ensemble.run(1_000);

    for (int id = 1; id <= 3; id++) {
      assertThat(ensemble.server(id).status().more().alarmZxid()).isEqualTo(zxid);
      assertThat(ensemble.server(id).divergences).isEmpty();
    }
    long write = client.write(TestClient.create("/late", "x"));
    ensemble.run(2_000);
    assertThat(client.isAnswered(write)).isFalse();
    // Who comes now is not left waiting for what is not going to happen.
    for (int id = 1; id <= 3; id++) {
      TestClient opening = new TestClient(ensemble, ensemble.server(id));
      opening.send(TestClient.opening());
      assertHeld(opening);
      assertHeld(readers.get(id - 1).attaching(ensemble.server(id % 3 + 1), 0));
    }
    // Reads go on, of those who do not wait for a write of their own.
    for (TestClient reader : readers) {
      long read = reader.read(new ReadOp.Get("/n1"));
      ensemble.run(100);
      assertThat(reader.text(read)).isEqualTo("x");
    }
  }

  private static void assertHeld(TestClient client) {
    client.assertRefused(ErrorCode.NOT_SERVING);
    assertThat(client.only(ServerMessage.Refused.class).reason())
        .contains("adds nothing to the log: ")
        .contains("the states of the servers differ at ");
  }

  private TestServer third(TestServer one, TestServer other) {
    return IntStream.rangeClosed(1, 3)
        .mapToObj(ensemble::server)
        .filter(server -> server != one && server != other)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void openingUnderWayWhenTheAlarmBegins_isRefusedWithIt() {
    TestServer away = ensemble.follower();
    away.crash();
    TestServer leader = ensemble.leader();
    TestServer other = third(away, leader);
    TestClient client = TestClient.open(ensemble, leader);
    write(client, 5);
    ensemble.run(500);
    other.applier = new Once("bad");
    client.write(TestClient.create(POISON, "good"));
    ensemble.settle();

    List<TestClient> late = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      TestClient opening = new TestClient(ensemble, other);
      opening.send(TestClient.opening());
      late.add(opening);
      ensemble.run(10);
    }

    assertThat(leader.status().more().alarmZxid()).isNotZero();
    for (TestClient opening : late) {
      assertThat(opening.received).as("each is told something").hasSize(1);
    }
    assertHeld(late.get(late.size() - 1));
  }

  @Test
  void serverThatDiffersAgainAfterItsRebuild_raisesTheAlarm() {
    TestServer victim = ensemble.follower();
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    write(client, 5);
    ensemble.run(500);
    victim.applier = always("bad");
    client.write(TestClient.create(POISON, "good"));
    ensemble.run(2_000);

    assertThat(victim.divergences).hasSize(1);
    assertThat(victim.serves()).as("it shows its state to nobody").isFalse();
    for (int id = 1; id <= 3; id++) {
      assertThat(ensemble.server(id).status().more().alarmZxid()).as("alarm at %s", id).isNotZero();
    }
    long write = client.write(TestClient.create("/late", "x"));
    long read = client.read(new ReadOp.Get("/n1"));
    ensemble.run(1_000);
    assertThat(client.isAnswered(write)).isFalse();
    assertThat(client.isAnswered(read)).as("it stands behind the write").isFalse();

    victim.crash();
    ensemble.run(2_000);

    assertThat(ensemble.leader().status().more().alarmZxid()).isZero();
    assertThat(client.result(write)).isInstanceOf(OpResult.Created.class);
    assertThat(client.isAnswered(read)).isTrue();
  }

  @Test
  void twoThatDiffer_waitForTheThird_whichDecides() {
    TestServer away = ensemble.follower();
    away.crash();
    TestServer leader = ensemble.leader();
    TestServer victim = third(away, leader);
    TestClient client = TestClient.open(ensemble, leader);
    write(client, 5);
    ensemble.run(500);
    victim.applier = new Once("bad");
    client.write(TestClient.create(POISON, "good"));
    ensemble.run(DigestExchange.PATIENCE_NANOS / 1_000_000 + 500);
    assertThat(leader.status().more().alarmZxid()).isNotZero();
    assertThat(victim.divergences).isEmpty();
    long write = client.write(TestClient.create("/late", "x"));

    away.restart();
    ensemble.await("the divergence is found", () -> !victim.divergences.isEmpty());
    ensemble.await("the alarm ends", () -> ensemble.leader().status().more().alarmZxid() == 0);
    ensemble.run(1_000);

    assertEqualStates();
    assertThat(client.result(write)).isInstanceOf(OpResult.Created.class);
  }

  // --- version in force --------------------------------------------------------------------------

  private List<Integer> versions() {
    List<Integer> versions = new ArrayList<>();
    for (int id = 1; id <= 3; id++) {
      versions.add(ensemble.server(id).stateVersion());
    }
    return versions;
  }

  private void upgrade(int id) {
    ensemble.server(id).crash();
    ensemble.server(id).stateMachineVersionMax = 2;
    ensemble.server(id).restart();
    ensemble.awaitServing();
    ensemble.run(2_000);
  }

  @Test
  void version_isRaisedWhenTheLastMemberKnowsIt_andAnOlderServerStops() {
    TestClient client = TestClient.open(ensemble, ensemble.leader(), 60_000);
    write(client, 5);
    upgrade(1);
    upgrade(2);
    assertThat(versions()).containsExactly(1, 1, 1);

    ensemble.server(3).crash();
    ensemble.run(2_000);
    assertThat(ensemble.server(1).stateVersion()).as("one member is absent").isEqualTo(1);
    ensemble.server(3).restart();
    ensemble.run(2_000);
    assertThat(versions()).containsExactly(1, 1, 1);

    upgrade(3);
    ensemble.await("the version is raised", () -> versions().equals(List.of(2, 2, 2)));
    assertEqualStates();
    for (int id = 1; id <= 3; id++) {
      assertThat(ensemble.server(id).divergences).isEmpty();
      assertThat(ensemble.server(id).stops).isEmpty();
    }

    TestServer old = ensemble.follower();
    old.crash();
    old.stateMachineVersionMax = 1;
    old.restart();
    ensemble.run(2_000);
    assertThat(old.isUp()).isFalse();
    assertThat(old.stops).hasSize(1);
    assertThat(old.stops.get(0))
        .hasMessageContaining("version 2 of the state machine is in force at")
        .hasMessageContaining("this server knows versions up to 1");
  }

  @Test
  void version_survivesSnapshotAndRestart_andAnOlderServerStopsAtTheSnapshot() {
    for (int id = 1; id <= 3; id++) {
      upgrade(id);
    }
    ensemble.await("the version is raised", () -> versions().equals(List.of(2, 2, 2)));
    TestClient client = TestClient.open(ensemble, ensemble.leader());
    write(client, 2 * SNAPSHOT_ENTRIES);
    ensemble.run(500);
    TestServer server = ensemble.follower();
    assertThat(server.storage.newestSnapshot()).isNotZero();
    server.crash();
    server.restart();
    ensemble.awaitServing();
    assertThat(versions()).containsExactly(2, 2, 2);
    assertEqualStates();

    server.crash();
    server.stateMachineVersionMax = 1;
    server.restart();
    ensemble.run(100);
    assertThat(server.stops.get(0)).hasMessageContaining("is in force at snapshot");
  }
}
