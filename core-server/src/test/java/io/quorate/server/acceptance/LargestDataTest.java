package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.BlockingClient;
import io.quorate.client.Consistency;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.data.DataLimits;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Goal: data of 1 MiB, which the client's documentation promises, goes all the way: frames, log,
 * peers, snapshot, restart, reads.
 */
class LargestDataTest {
  private static byte[] data(int fill) {
    byte[] data = new byte[DataLimits.DATA_BYTES_MAX];
    Arrays.fill(data, (byte) fill);
    return data;
  }

  @Test
  void dataOfTheLargestSize_isWrittenReadReplicatedAndRestored() throws InterruptedException {
    try (EmbeddedEnsemble ensemble =
        EmbeddedEnsemble.builder().servers(3).snapshotEveryEntries(100).start()) {
      int follower = ensemble.followers().get(0);
      QuorateClient client = ensemble.clientOf(follower, "large");
      BlockingClient blocking = client.blocking();
      String path = "/" + "\u4e2d".repeat(2_000);
      blocking.create(path, data(1));
      ensemble.stop(ensemble.followers().get(1));
      for (int i = 2; i < 10; i++) {
        blocking.set(path, data(i));
      }
      blocking.create("/small", null);
      for (int i = 0; i < 150; i++) {
        blocking.set("/small", null);
      }

      assertThat(blocking.get(path).data()).isEqualTo(data(9));
      assertThat(blocking.get(path, Consistency.LINEARIZABLE).data()).isEqualTo(data(9));
      assertThat(blocking.multi(Op.get(path), Op.check(path, 8)).znode(0).data())
          .isEqualTo(data(9));

      ensemble.ids().stream().filter(id -> !ensemble.isRunning(id)).forEach(ensemble::restart);
      ensemble.awaitEqualStates();
      ensemble.kill(follower);
      ensemble.restart(follower);
      ensemble.awaitEqualStates();
      assertThat(blocking.get(path).data()).isEqualTo(data(9));
    }
  }
}
