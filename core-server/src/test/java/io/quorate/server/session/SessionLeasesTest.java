package io.quorate.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A lease is up at its deadline: not a nanosecond earlier, and once. */
class SessionLeasesTest {
  private static final long SECOND = 1_000_000_000L;
  private final SessionLeases leases = new SessionLeases();

  @Test
  void lease_endsExactlyAtItsDeadline_andOnce() {
    leases.touch(1, SECOND, 100);
    assertThat(leases.expired(100 + SECOND - 1)).isEmpty();
    assertThat(leases.remainingNanos(1, 100 + SECOND - 1)).isEqualTo(1);
    assertThat(leases.expired(100 + SECOND)).containsExactly(1L);
    assertThat(leases.expired(100 + 9 * SECOND)).isEmpty();
    assertThat(leases.remainingNanos(1, 0)).isNull();
  }

  @Test
  void touch_movesTheDeadline_alsoToAnEarlierOne() {
    leases.touch(1, SECOND, 0);
    leases.touch(1, SECOND, SECOND / 2);
    assertThat(leases.expired(SECOND + SECOND / 4)).isEmpty();
    leases.touch(1, SECOND / 10, SECOND + SECOND / 4);
    assertThat(leases.expired(SECOND + SECOND / 2)).containsExactly(1L);
    assertThat(leases.expired(9 * SECOND)).isEmpty();
  }

  @Test
  void expired_areOrderedByDeadlineThenId() {
    leases.touch(9, SECOND, 0);
    leases.touch(3, 2 * SECOND, 0);
    leases.touch(5, SECOND, 0);
    leases.touch(7, SECOND - 1, 0);
    assertThat(leases.expired(5 * SECOND)).containsExactly(7L, 5L, 9L, 3L);
  }

  @Test
  void removedAndClearedLeases_doNotExpire() {
    leases.touch(1, SECOND, 0);
    leases.touch(2, SECOND, 0);
    leases.remove(1);
    leases.remove(77);
    assertThat(leases.expired(2 * SECOND)).containsExactly(2L);
    leases.touch(3, SECOND, 0);
    leases.clear();
    assertThat(leases.count()).isZero();
    assertThat(leases.expired(9 * SECOND)).isEmpty();
  }

  @Test
  void clockThatOverflows_andHugeTimeouts() {
    long now = Long.MAX_VALUE - 10;
    leases.touch(1, 100, now);
    leases.touch(2, Long.MAX_VALUE, now);
    leases.touch(3, -5, now);
    assertThat(leases.expired(now)).containsExactly(3L);
    assertThat(leases.expired(now + 99)).isEmpty();
    assertThat(leases.expired(now + 100)).containsExactly(1L);
    assertThat(leases.expired(now + 1_000 * SECOND)).isEmpty();
    assertThat(leases.count()).isEqualTo(1);
  }

  /** Against a plain map of deadlines. */
  @Property(tries = 200)
  void randomUse_doesWhatAMapWouldDo(@ForAll long seed) {
    Random random = new Random(seed);
    SessionLeases subject = new SessionLeases();
    Map<Long, Long> twin = new TreeMap<>();
    long now = random.nextLong();
    long start = now;
    for (int i = 0; i < 400; i++) {
      now += random.nextInt(30_000_000);
      long id = random.nextInt(8);
      switch (random.nextInt(8)) {
        case 0 -> {
          subject.remove(id);
          twin.remove(id);
        }
        case 1, 2, 3 -> {
          long elapsed = now - start;
          List<Long> wanted = new ArrayList<>();
          twin.forEach(
              (key, deadline) -> {
                if (deadline <= elapsed) {
                  wanted.add(key);
                }
              });
          wanted.sort(Comparator.<Long>comparingLong(twin::get).thenComparing(key -> key));
          wanted.forEach(twin::remove);
          assertThat(subject.expired(now)).isEqualTo(wanted);
        }
        default -> {
          long timeout = random.nextInt(200_000_000);
          subject.touch(id, timeout, now);
          twin.put(id, now - start + timeout);
        }
      }
      assertThat(subject.count()).isEqualTo(twin.size());
    }
  }
}
