package io.quorate.recipes.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PauseTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final SplittableRandom random = new SplittableRandom(11);

  @Test
  void eachPause_doublesUpToTheLongest_andLiesInItsUpperHalf() {
    long[] wholeMillis = {100, 200, 400, 800, 1_000, 1_000};
    for (int tries = 0; tries < wholeMillis.length; tries++) {
      for (int draw = 0; draw < 200; draw++) {
        Duration pause =
            Pause.after(tries, Duration.ofMillis(100), Duration.ofSeconds(1), random::nextLong);

        assertThat(pause)
            .isBetween(
                Duration.ofMillis(wholeMillis[tries] / 2), Duration.ofMillis(wholeMillis[tries]));
      }
    }
  }

  /** A shift of 20 s in nanoseconds by 20 places leaves 64 bits and may come out as anything. */
  @Test
  void longFirstPause_neverOverflows() {
    for (int tries = 0; tries < 100; tries++) {
      for (long first : new long[] {1, 20, 600, 4_000}) {
        Duration pause = Pause.after(tries, Duration.ofSeconds(first), HOUR, random::nextLong);

        Duration least = first >= 3_600 ? HOUR.dividedBy(2) : Duration.ofMillis(first * 500);
        assertThat(pause).isBetween(least, HOUR);
      }
    }
  }
}
