package io.quorate.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: what a start and a founding do, effect by effect, and when they refuse and say why. */
class ReplicaStartTest {
  private static final long SEED = 3;
  private static final Membership THREE =
      new Membership(
          0,
          List.of(
              new Member(1, true, 0, "a", 1),
              new Member(2, true, 0, "b", 2),
              new Member(3, true, 0, "c", 3)));
  private static final Membership OTHER =
      new Membership(
          0,
          List.of(
              new Member(1, true, 0, "a", 1),
              new Member(2, true, 0, "b", 2),
              new Member(3, true, 0, "elsewhere", 3)));

  private static Replica replica(int id, Membership configured) {
    return new Replica(ReplicaConfig.defaults(id, configured), new TestEnsemble.SeededRandom(SEED));
  }

  private static List<Effect> start(Replica replica, Recovered recovered) {
    return replica.step(new Input.Start(recovered), 0, 0);
  }

  private static Recovered empty() {
    return new Recovered(null, null, new LogIdentifiers(0, 0), List.of());
  }

  @Test
  void emptyDisk_waitsUnfounded() {
    Replica replica = replica(1, THREE);
    assertThat(start(replica, empty()))
        .containsExactly(
            new Effect.RoleChanged(
                new ReplicaStatus(1, ReplicaStatus.Role.UNFOUNDED, 0, 0, false, 0, 0, 0),
                "started"));
    assertThat(replica.reason()).isEqualTo("waits for voters [2, 3] to found the ensemble");
  }

  @Test
  void linkUp_saysHelloFirst() {
    Replica replica = replica(2, THREE);
    start(replica, empty());
    assertThat(replica.step(new Input.PeerUp(1), 1, 0))
        .containsExactly(new Effect.Send(1, new Message.Hello(0, 0, false, 0, THREE)));
  }

  @Test
  void unknownPeer_isIgnored() {
    Replica replica = replica(2, THREE);
    start(replica, empty());
    assertThat(replica.step(new Input.PeerUp(9), 1, 0)).isEmpty();
    assertThat(replica.dropped(DropReason.UNKNOWN_PEER)).isEqualTo(1);
  }

  @Test
  void foundingOffer_isGrantedOnlyAfterTheIdentityIsDurable() {
    Replica replica = replica(2, THREE);
    start(replica, empty());
    replica.step(new Input.PeerUp(1), 1, 0);
    List<Effect> offered =
        replica.step(new Input.Receive(1, new Message.FoundingOffer(77, THREE)), 2, 0);
    assertThat(offered).hasSize(1);
    Effect.SavePromise save = (Effect.SavePromise) offered.get(0);
    long incarnation = save.promise().incarnation();
    assertThat(incarnation).isNotZero();
    assertThat(save.promise()).isEqualTo(new Promise(77, incarnation, 0, 0, null));
    assertThat(replica.step(new Input.PromiseSaved(save.token()), 3, 0))
        .containsExactly(
            new Effect.Send(1, new Message.Hello(77, incarnation, false, 0, THREE)),
            new Effect.Send(1, new Message.FoundingGrant(77, incarnation)));
  }

  @Test
  void differentConfigurations_haltWithBothLists() {
    Replica replica = replica(1, THREE);
    start(replica, empty());
    replica.step(new Input.PeerUp(3), 1, 0);
    List<Effect> effects =
        replica.step(new Input.Receive(3, new Message.Hello(0, 0, false, 0, OTHER)), 2, 0);
    assertThat(effects).hasSize(1);
    assertThat(((Effect.Halt) effects.get(0)).reason())
        .isEqualTo(
            "the configured servers differ: here [1=a:1, 2=b:2, 3=c:3], at server 3 [1=a:1, 2=b:2,"
                + " 3=elsewhere:3]");
    assertThat(replica.step(new Input.Tick(), 3, 0)).isEmpty();
  }

  @Test
  void configurationUnlikeTheEnsemble_haltsWithBothLists() {
    Replica replica = replica(1, THREE);
    Promise promise = new Promise(77, 5, 4, 1, OTHER.at(1L << 32));
    List<Effect> effects =
        start(replica, new Recovered(promise, null, new LogIdentifiers(0, 0), List.of()));
    assertThat(effects).hasSize(1);
    assertThat(((Effect.Halt) effects.get(0)).reason()).contains("3=c:3").contains("elsewhere:3");
  }

  @Test
  void hole_haltsAndSaysWhere() {
    Replica replica = replica(1, THREE);
    Recovered.Hole hole = new Recovered.Hole(5, "segment 1 at 4096", "checksum");
    List<Effect> effects =
        start(
            replica,
            new Recovered(
                new Promise(77, 5, 4, 1, null), null, new LogIdentifiers(0, 0), List.of(hole)));
    assertThat(effects).hasSize(1);
    assertThat(((Effect.Halt) effects.get(0)).reason())
        .contains("does not vote")
        .contains("segment 1 at 4096");
  }

  @Test
  void logWithoutIdentity_halts() {
    LogIdentifiers log = new LogIdentifiers(0, 0);
    log.append(1L << 32, 5);
    Replica replica = replica(1, THREE);
    List<Effect> effects = start(replica, new Recovered(null, null, log, List.of()));
    assertThat(effects).hasSize(1);
    assertThat(((Effect.Halt) effects.get(0)).reason()).contains("no valid identity record");
  }

  @Test
  void singleServer_foundsItselfEffectByEffect() {
    Membership one = new Membership(0, List.of(new Member(1, true, 0, "a", 1)));
    Replica replica = replica(1, one);
    Effect.SavePromise identity = (Effect.SavePromise) start(replica, empty()).get(0);
    List<Effect> stood = replica.step(new Input.PromiseSaved(identity.token()), 1, 0);
    Effect.SavePromise vote = (Effect.SavePromise) stood.get(0);
    assertThat(vote.promise().epoch()).isEqualTo(1);
    assertThat(vote.promise().votedFor()).isEqualTo(1);
    List<Effect> won = replica.step(new Input.PromiseSaved(vote.token()), 2, 1234);
    Effect.Append append = (Effect.Append) won.get(0);
    LogEntry record = append.entries().get(0);
    assertThat(record.zxid()).isEqualTo(1L << 32);
    assertThat(record.timeMillis()).isEqualTo(1234);
    EpochRecord payload = EpochRecord.decode(record.payload());
    assertThat(payload.clusterId()).isEqualTo(identity.promise().clusterId());
    assertThat(payload.leaderId()).isEqualTo(1);
    assertThat(payload.founding())
        .isEqualTo(one.withIncarnation(1, identity.promise().incarnation()));
    assertThat(replica.status().serving()).isFalse();
    List<Effect> durable =
        replica.step(new Input.Appended(append.generation(), record.zxid()), 3, 1235);
    assertThat(durable).contains(new Effect.Deliver(List.of(record)));
    assertThat(replica.status().serving()).isTrue();
  }
}
