package io.quorate.server.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.Consistency;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.server.embedded.EmbeddedEnsemble;
import io.quorate.server.embedded.QuorateEnsemble;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: a linearizable read, and a sync, show everything that anybody was told before they were
 * called (D7, R29), whichever server is asked and whatever it believes to be.
 *
 * <p>Method: whole servers, three that vote and an observer; each client talks to one of them only.
 */
@QuorateEnsemble(servers = 3, observers = 1)
class LinearizableReadsTest {
  private static final int ROUNDS = 60;

  private final EmbeddedEnsemble ensemble;

  LinearizableReadsTest(EmbeddedEnsemble ensemble) {
    this.ensemble = ensemble;
  }

  @AfterEach
  void healAll() {
    ensemble.heal();
    ensemble.awaitServing();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(Znode znode) {
    return new String(znode.data(), UTF_8);
  }

  private void assertSeesEveryWrite(int reading, String path) throws InterruptedException {
    QuorateClient writer = ensemble.clientOf(ensemble.followers().get(0), "writer");
    QuorateClient reader = ensemble.clientOf(reading, "reader");
    writer.blocking().create(path, bytes("0"));
    for (int i = 1; i <= ROUNDS; i++) {
      writer.blocking().set(path, bytes(String.valueOf(i)));
      if (i % 2 == 0) {
        Znode read = reader.blocking().get(path, Consistency.LINEARIZABLE);
        assertThat(text(read)).isEqualTo(String.valueOf(i));
      } else {
        reader.blocking().sync();
        assertThat(text(reader.blocking().get(path))).isEqualTo(String.valueOf(i));
      }
    }
    writer.close();
    reader.close();
  }

  @Test
  void linearizableReadAndSyncAtTheLeader_seeEveryWriteBefore() throws InterruptedException {
    assertSeesEveryWrite(ensemble.leader(), "/leader");
  }

  @Test
  void linearizableReadAndSyncAtAFollower_seeEveryWriteBefore() throws InterruptedException {
    assertSeesEveryWrite(ensemble.followers().get(1), "/follower");
  }

  @Test
  void linearizableReadAndSyncAtAnObserver_seeEveryWriteBefore() throws InterruptedException {
    assertSeesEveryWrite(ensemble.observers().get(0), "/observer");
  }

  /** It is cut off, still believes to lead, and is asked before and after it was replaced. */
  @Test
  void deposedLeader_neverAnswersALinearizableReadOrASyncFromItsOldState()
      throws InterruptedException {
    int old = ensemble.leader();
    QuorateClient there = ensemble.clientOf(old, "at the old leader");
    there.blocking().create("/a", bytes("old"));
    QuorateClient here = ensemble.clientOf(ensemble.followers().get(0), "at the others");
    assertThat(text(here.blocking().get("/a", Consistency.LINEARIZABLE))).isEqualTo("old");

    ensemble.isolate(old);
    List<CompletableFuture<Znode>> reads = new ArrayList<>();
    // What it believes: without a quorum it still answers from what it has.
    assertThat(text(there.blocking().get("/a"))).isEqualTo("old");
    CompletableFuture<Void> sync = there.sync();
    CompletableFuture<String> afterSync =
        sync.thenCompose(done -> there.get("/a")).thenApply(LinearizableReadsTest::text);
    reads.add(there.get("/a", Consistency.LINEARIZABLE));
    assertThat(ensemble.leader()).isNotEqualTo(old);
    here.blocking().set("/a", bytes("new"));
    reads.add(there.get("/a", Consistency.LINEARIZABLE));
    assertThat(reads).noneMatch(CompletableFuture::isDone);
    assertThat(sync).isNotDone();
    ensemble.heal();

    for (CompletableFuture<Znode> read : reads) {
      assertThat(text(there.blocking().await(read))).isEqualTo("new");
    }
    assertThat(afterSync).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo("new");
  }
}
