package io.quorate.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@link KillRounds}; twenty rounds under {@code -Plong}. */
class KillRoundsTest {
  private static final long SEED = 2;

  @Test
  void killedServers_loseAndRepeatNothing(@TempDir Path directory)
      throws IOException, InterruptedException {
    int rounds = Boolean.getBoolean("quorate.long") ? 20 : 4;

    assertThat(new KillRounds(System.out, SEED).run(directory, rounds)).isEmpty();
  }
}
