package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.replication.DiskSpace.Level;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: a fast writer does not pass a small reserve between two answers of the disk. */
class DiskGaugeTest {
  private static final long RESERVE = 1_000_000;

  private final DiskGauge gauge = new DiskGauge(ResourceLimits.of(Long.MAX_VALUE, RESERVE), 0);

  private boolean log(int bytes) {
    return gauge.logged(List.of(new LogEntry(1, 0, 0, EntryKind.COMMAND, new byte[bytes])));
  }

  private Level level() {
    return gauge.space().level();
  }

  @Test
  void whatIsLogged_isTakenOffTheLastAnswer() {
    assertThat(log(5_000_000)).as("nothing is known yet").isFalse();
    assertThat(gauge.isDue(0)).isTrue();
    gauge.measured(RESERVE + 100_000);
    assertThat(log(40_000)).isFalse();
    assertThat(log(40_000)).isFalse();
    assertThat(level()).isEqualTo(Level.AMPLE);

    assertThat(log(40_000)).as("told at once").isTrue();
    assertThat(level()).isEqualTo(Level.LOW);
    assertThat(gauge.space().usableBytes()).isBetween(RESERVE - 21_000, RESERVE - 20_000);
    assertThat(log(40_000)).as("low it was before").isFalse();
    assertThat(log(800_000)).isTrue();
    assertThat(level()).isEqualTo(Level.SCARCE);
  }

  @Test
  void whatIsLoggedAfterTheQuestion_isNotInItsAnswer() {
    gauge.isDue(0);
    gauge.measured(2 * RESERVE);
    log(500_000);
    assertThat(gauge.isDue(1)).as("much was logged").isTrue();
    log(300_000);

    gauge.measured(2 * RESERVE - 500_000);

    assertThat(level()).isEqualTo(Level.AMPLE);
    assertThat(log(150_000)).isFalse();
    assertThat(log(60_000)).isTrue();
    assertThat(gauge.isDue(2)).isTrue();
    gauge.measured(2 * RESERVE);
    assertThat(level()).as("the disk knows better").isEqualTo(Level.AMPLE);
  }
}
