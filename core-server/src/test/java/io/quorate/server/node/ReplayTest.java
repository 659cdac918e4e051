package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.ErrorCode;
import io.quorate.data.ReadOp;
import io.quorate.protocol.message.ServerMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Goal: a server that has a leader but shows an older state than what was committed when it joined
 * says so, and serves nobody.
 *
 * <p>Method: a log without a snapshot, whose entries take long to be applied.
 */
class ReplayTest {
  private static final int WRITES = 600;

  /** What one entry takes: all of them take longer than the shortest session may be silent. */
  private static final long APPLY_MILLIS = 6;

  private static void write(TestEnsemble ensemble, TestClient client) {
    for (int i = 0; i < WRITES; i++) {
      client.write(TestClient.create("/" + i, "x"));
    }
    ensemble.settle();
  }

  private static void applySlowly(TestEnsemble ensemble, TestServer server) {
    server.applier =
        (state, zxid, timeMillis, command) -> {
          ensemble.pause(APPLY_MILLIS);
          return state.apply(zxid, timeMillis, command);
        };
  }

  /** Turns of a lone server until it serves; what it said about itself before. */
  private static List<NodeStatus> pictures(TestEnsemble ensemble, TestServer server) {
    List<NodeStatus> pictures = new ArrayList<>();
    for (int turn = 0; turn < 10_000 && !server.serves(); turn++) {
      ensemble.pause(10);
      server.tick();
      server.turn();
      pictures.add(server.status());
    }
    return pictures;
  }

  @Test
  void restartedServer_servesOnceItHasReplayedItsLog_andTellsHowFarItIs() {
    TestEnsemble ensemble = TestEnsemble.serving(1);
    TestServer server = ensemble.server(1);
    write(ensemble, TestClient.open(ensemble, server));
    long committed = server.status().replica().committedZxid();
    server.crash();
    applySlowly(ensemble, server);
    server.start();

    List<NodeStatus> pictures = pictures(ensemble, server);

    assertThat(pictures)
        .filteredOn(picture -> picture.appliedZxid() < committed)
        .isNotEmpty()
        .noneMatch(NodeStatus::serving);
    assertThat(pictures)
        .extracting(picture -> picture.more().reason())
        .anyMatch(reason -> reason.matches("replays: [1-9]\\d* of 60\\d entries"));
    assertThat(pictures.get(pictures.size() - 1).serving()).isTrue();
  }

  @Test
  void clientThatComesDuringAReplay_isRefusedWithTheReason_andServedAfterIt() {
    TestEnsemble ensemble = TestEnsemble.serving(1);
    TestServer server = ensemble.server(1);
    TestClient before = TestClient.open(ensemble, server, 2_000);
    before.write(TestClient.createEphemeral("/mine"));
    write(ensemble, before);
    server.crash();
    applySlowly(ensemble, server);
    server.start();
    while (!server.status().more().reason().startsWith("replays")) {
      ensemble.pause(10);
      server.tick();
      server.turn();
    }

    TestClient early = new TestClient(ensemble, server);
    early.post(TestClient.opening());
    server.turn();
    assertThat(early.only(ServerMessage.Refused.class).code()).isEqualTo(ErrorCode.NOT_SERVING);
    assertThat(early.only(ServerMessage.Refused.class).reason()).contains("replays: ");

    // The replay lasts longer than the session may be silent, but nobody could hear of it.
    pictures(ensemble, server);
    ensemble.run(1_000);
    TestClient after = before.attachAt(server);
    long read = after.read(new ReadOp.Exists("/mine"));
    ensemble.settle();
    assertThat(after.result(read).toString()).contains("czxid");
  }

  @Test
  void followerThatComesBack_servesOnceItHasWhatTheLeaderHadCommitted() {
    TestEnsemble ensemble = TestEnsemble.serving(3);
    TestServer behind = ensemble.follower();
    behind.crash();
    write(ensemble, TestClient.open(ensemble, ensemble.leader()));
    long committed = ensemble.leader().status().replica().committedZxid();
    List<NodeStatus> pictures = new ArrayList<>();
    behind.applier =
        (state, zxid, timeMillis, command) -> {
          ensemble.pause(1);
          pictures.add(behind.status());
          return state.apply(zxid, timeMillis, command);
        };

    behind.restart();
    ensemble.await("the follower serves", behind::serves);

    assertThat(pictures).hasSizeGreaterThan(WRITES).noneMatch(NodeStatus::serving);
    assertThat(behind.status().appliedZxid()).isGreaterThanOrEqualTo(committed);
  }
}
