package io.quorate.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.node.NodeStatus;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: a probe's answer means something. Method: a table of pictures, and what live and ready say.
 */
class HealthTest {
  private static final Health HEALTH =
      new Health(
          new Health.Bounds(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(2)));

  @ParameterizedTest(name = "picture {0} s old, disk busy for {1} s")
  @CsvSource({
    "0, 0, true, live",
    "10, 0, true, live",
    "11, 0, false, the node thread has made no progress for 11000 ms",
    "0, 30, true, live",
    "0, 31, false, the log thread has waited for the disk for 31000 ms",
    "11, 31, false, the node thread has made no progress for 11000 ms",
  })
  void live_isProgress(long pictureSeconds, long diskSeconds, boolean ok, String reason) {
    long now = TimeUnit.SECONDS.toNanos(100);
    Health.Verdict verdict =
        HEALTH.live(
            Pictures.serving().at(now - TimeUnit.SECONDS.toNanos(pictureSeconds)).build(),
            TimeUnit.SECONDS.toNanos(diskSeconds),
            now);
    assertThat(verdict).isEqualTo(new Health.Verdict(ok, reason));
  }

  @ParameterizedTest
  @CsvSource({
    "true,  '',  '',           0, 0, true,  ready",
    "false, why, '',           0, 0, false, not serving: why",
    "true,  '',  they differ, 0, 0, false, alarm: they differ",
    "true,  '',  '',           5, 1, true,  ready",
    "true,  '',  '',           5, 3, false, 'lags 5 entries behind leader 3, not up to date for"
        + " 3000 ms'",
    "true,  '',  '',           0, 3, true,  ready",
  })
  void ready_isServingAndUpToDate(
      boolean serving,
      String reason,
      String alarm,
      long behind,
      long behindSeconds,
      boolean ok,
      String text) {
    long now = TimeUnit.SECONDS.toNanos(100);
    Pictures picture =
        Pictures.serving()
            .at(now)
            .alarm(alarm)
            .behind(behind, now - TimeUnit.SECONDS.toNanos(behindSeconds));
    Health.Verdict verdict =
        HEALTH.ready((serving ? picture : picture.notServing(reason)).build(), now);
    assertThat(verdict).isEqualTo(new Health.Verdict(ok, text));
  }

  @Test
  void ready_saysWhatIsShort_andStaysSo() {
    NodeStatus picture = Pictures.serving().at(1).shortOf("its disk is low").build();
    assertThat(HEALTH.ready(picture, 1))
        .isEqualTo(new Health.Verdict(true, "ready, but its disk is low"));
  }

  @ParameterizedTest
  @CsvSource({"2, true", "3, false"})
  void ready_needsAFreshPicture(long pictureSeconds, boolean ok) {
    long now = TimeUnit.SECONDS.toNanos(100);
    assertThat(
            HEALTH
                .ready(
                    Pictures.serving().at(now - TimeUnit.SECONDS.toNanos(pictureSeconds)).build(),
                    now)
                .ok())
        .isEqualTo(ok);
  }
}
