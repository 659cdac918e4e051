package io.quorate.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Log time: the wall clock's, but never back and never still. */
class LogClockTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void wallClockAhead_isTheTime() {
    LogClock clock = new LogClock(5_000, 0);
    assertThat(clock.millis(6_000, SECOND)).isEqualTo(6_000);
    assertThat(clock.millis(7_003, 2 * SECOND)).isEqualTo(7_003);
  }

  @Test
  void wallClockSetBackByAnHour_timeGoesOnAtHalfTheRateUntilBothMeet() {
    LogClock clock = new LogClock(0, 0);
    long hour = 3_600_000;
    assertThat(clock.millis(2 * hour, 0)).isEqualTo(2 * hour);
    assertThat(clock.millis(hour, 0)).isEqualTo(2 * hour);
    assertThat(clock.millis(hour + 10_000, 10 * SECOND)).isEqualTo(2 * hour + 5_000);
    long twoHours = 7_200 * SECOND;
    assertThat(clock.millis(3 * hour, twoHours)).isEqualTo(3 * hour);
    assertThat(clock.millis(3 * hour + 1_000, twoHours + SECOND)).isEqualTo(3 * hour + 1_000);
  }

  @Test
  void logOfALeaderThatWasAhead_isNotGoneBehind() {
    LogClock clock = new LogClock(9_000, SECOND);
    assertThat(clock.millis(1_000, SECOND)).isEqualTo(9_000);
    assertThat(clock.millis(2_000, 2 * SECOND)).isEqualTo(9_500);
  }

  @Test
  void anyWallClock_neverTurnsTimeBackNorStopsIt() {
    SplittableRandom random = new SplittableRandom(7);
    LogClock clock = new LogClock(0, 0);
    long now = 0;
    long last = 0;
    for (int i = 0; i < 10_000; i++) {
      now += random.nextLong(SECOND);
      long before = last;
      last = clock.millis(random.nextLong(20_000_000), now);
      assertThat(last).isGreaterThanOrEqualTo(before);
    }
    long at = clock.millis(0, now);
    assertThat(clock.millis(0, now + 2 * SECOND)).isEqualTo(at + 1_000);
  }
}
