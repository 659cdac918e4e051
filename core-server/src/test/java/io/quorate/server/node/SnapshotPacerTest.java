package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.base.NodeClock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: a snapshot is written no faster than it may be, and nobody waits for that in vain. */
@Timeout(30)
class SnapshotPacerTest {
  private static final int SLOW = 1;

  private final NodeClock clock = new RealClock();

  @Test
  void bytesAheadOfTheRate_areWaitedFor() {
    SnapshotPacer pacer = new SnapshotPacer(1 << 20, clock);
    long start = clock.monotonicNanos();
    assertThat(pacer.await(1 << 17, start)).isTrue();
    assertThat(clock.monotonicNanos() - start)
        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(125));
  }

  @Test
  void bytesThatAreDue_areNotWaitedFor() {
    SnapshotPacer pacer = new SnapshotPacer(SLOW, clock);
    long start = clock.monotonicNanos() - TimeUnit.HOURS.toNanos(1);
    assertThat(pacer.await(3_600, start)).isTrue();
    assertThat(new SnapshotPacer(SnapshotPolicy.UNLIMITED, clock).await(1L << 40, start)).isTrue();
  }

  @Test
  void hurry_endsTheWaitAtOnceAndAllThatFollow() {
    SnapshotPacer pacer = new SnapshotPacer(SLOW, clock);
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(() -> pacer.await(1 << 20, clock.monotonicNanos()));
    assertThat(waiting).isNotDone();
    pacer.hurry();
    assertThat(waiting).succeedsWithin(10, TimeUnit.SECONDS).isEqualTo(false);
    assertThat(pacer.await(1 << 20, clock.monotonicNanos())).isFalse();
    pacer.calm();
    assertThat(pacer.await(0, clock.monotonicNanos())).isTrue();
  }
}
