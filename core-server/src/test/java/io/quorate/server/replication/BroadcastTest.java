package io.quorate.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: ensembles of each size found themselves, elect, commit, and go on without a minority. */
class BroadcastTest {

  private static TestEnsemble started(int servers) {
    TestEnsemble ensemble = new TestEnsemble(servers, 7, UnaryOperator.identity());
    for (int id = 1; id <= servers; id++) {
      ensemble.start(id);
    }
    ensemble.run(50);
    return ensemble;
  }

  private static int leader(TestEnsemble ensemble) {
    for (TestNode node : ensemble.nodes()) {
      if (node.isUp()
          && node.replica().status().role() == ReplicaStatus.Role.LEADER
          && node.replica().status().serving()) {
        return node.id();
      }
    }
    return 0;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void started_foundsAndCommits(int servers) {
    TestEnsemble ensemble = started(servers);
    for (int id = 1; id <= servers; id++) {
      assertThat(ensemble.propose(id, "from " + id)).isTrue();
    }
    ensemble.run(200);
    for (TestNode node : ensemble.nodes()) {
      assertThat(node.appliedCount()).isEqualTo(servers + 1);
    }
  }

  @Test
  void leaderCrashes_anotherLeadsWithoutWaiting() {
    TestEnsemble ensemble = started(3);
    int first = leader(ensemble);
    ensemble.crash(first);
    ensemble.run(20);
    int second = leader(ensemble);
    assertThat(second).isNotZero().isNotEqualTo(first);
    assertThat(ensemble.propose(second, "after")).isTrue();
    ensemble.start(first);
    ensemble.run(200);
    assertThat(ensemble.node(first).appliedZxid()).isEqualTo(ensemble.node(second).appliedZxid());
  }

  @Test
  void manyProposalsAtAFollower_areForwardedInMessagesThatAFrameCarries() {
    TestEnsemble ensemble = started(3);
    int follower = leader(ensemble) % 3 + 1;
    Replica replica = ensemble.node(follower).replica();
    List<byte[]> payloads = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      payloads.add(new byte[i % 4 == 0 ? 1 << 20 : 100_000 + i]);
    }

    List<byte[]> forwarded = new ArrayList<>();
    for (Effect effect : replica.step(new Input.Propose(payloads), ensemble.nowNanos(), 0)) {
      if (!(effect instanceof Effect.Send send && send.message() instanceof Message.Forward)) {
        continue;
      }
      List<byte[]> part = ((Message.Forward) send.message()).payloads();
      long bytes = part.stream().mapToLong(payload -> payload.length).sum();
      assertThat(part.size() == 1 || bytes <= 512 << 10).isTrue();
      forwarded.addAll(part);
    }
    assertThat(forwarded).isEqualTo(payloads);
  }

  @Test
  void observer_followsAndForwardsButNeverCounts() {
    TestEnsemble ensemble = new TestEnsemble(2, 1, 7, UnaryOperator.identity());
    for (int id = 1; id <= 3; id++) {
      ensemble.start(id);
    }
    ensemble.run(50);
    assertThat(ensemble.propose(3, "by the observer")).isTrue();
    ensemble.run(200);
    assertThat(ensemble.node(3).appliedCount()).isEqualTo(2);
    int leader = leader(ensemble);
    ensemble.crash(3 - leader);
    ensemble.propose(leader, "without a quorum");
    ensemble.run(500);
    assertThat(ensemble.node(leader).appliedCount()).isEqualTo(2);
    assertThat(ensemble.node(3).appliedCount()).isEqualTo(2);
    ensemble.run(5_000);
    assertThat(leader(ensemble)).isZero();
  }

  /** Method: the whole machine sleeps, so the clocks of all leap at once. */
  @Test
  void clocksLeap_nobodyIsDeposed() {
    TestEnsemble ensemble = started(3);
    int first = leader(ensemble);
    ensemble.takeTrace();
    ensemble.tick(3_600_000);
    ensemble.run(3_000);
    assertThat(leader(ensemble)).isEqualTo(first);
    assertThat(ensemble.takeTrace()).isEmpty();
  }

  @Test
  void leaderIsDeposed_confirmationsOfItAreLost() {
    TestEnsemble ensemble = started(3);
    int first = leader(ensemble);
    for (TestNode other : ensemble.nodes()) {
      if (other.id() != first) {
        ensemble.partition(first, other.id());
      }
    }
    ensemble.confirm(first, 5);
    ensemble.run(5_000);
    assertThat(ensemble.node(first).confirmed()).isEmpty();
    assertThat(ensemble.node(first).replica().status().serving()).isFalse();
    assertThat(leader(ensemble)).isNotZero().isNotEqualTo(first);
  }
}
