package io.quorate.recipes.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Goal: who is picked, who rests, what counts as open. Method: the arithmetic alone, with a clock
 * and dice of the test's own.
 */
class EndpointsTest {
  private static final Duration REST = Duration.ofSeconds(1);
  private static final Duration REST_MAX = Duration.ofSeconds(8);

  private final SplittableRandom random = new SplittableRandom(7);
  private long now;

  private Endpoints endpoints(Strategy strategy, Instance... instances) {
    Endpoints endpoints = new Endpoints(strategy, REST, REST_MAX, () -> now, random::nextLong);
    endpoints.replace(known(1, instances));
    return endpoints;
  }

  private static List<ServiceView.Known> known(long czxid, Instance... instances) {
    List<ServiceView.Known> known = new ArrayList<>();
    for (Instance instance : instances) {
      known.add(new ServiceView.Known(instance, czxid));
    }
    return known;
  }

  private static Instance instance(String id) {
    return Instance.at("h", 1).id(id);
  }

  private static String pickAndClose(Endpoints endpoints) {
    try (Pick pick = endpoints.pick("s")) {
      return pick.instance().id();
    }
  }

  private static Map<String, Integer> counts(Endpoints endpoints, int picks) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < picks; i++) {
      counts.merge(pickAndClose(endpoints), 1, Integer::sum);
    }
    return counts;
  }

  private static void fail(Endpoints endpoints) {
    try (Pick pick = endpoints.pick("s")) {
      pick.failed();
    }
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  // ---- strategies

  @Test
  void d16_eachStrategy_withOneInstance_picksIt() {
    for (Strategy strategy :
        List.of(
            Strategy.random(),
            Strategy.roundRobin(),
            Strategy.weighted(),
            Strategy.leastOutstanding(),
            Strategy.sticky(),
            Strategy.random().preferZone("x"))) {
      for (Instance only : List.of(instance("a"), instance("a").weight(0))) {
        assertThat(counts(endpoints(strategy, only), 3)).containsOnly(Map.entry("a", 3));
      }
    }
  }

  @Test
  void d16_noInstance_orNoneThatTakesWork_saysWhich() {
    assertThatThrownBy(() -> endpoints(Strategy.random()).pick("pay"))
        .isInstanceOfSatisfying(
            NoInstanceException.class, e -> assertThat(e.service()).isEqualTo("pay"))
        .hasMessageContaining("it has none");
    assertThatThrownBy(
            () ->
                endpoints(
                        Strategy.random(),
                        instance("a").health(Health.DOWN),
                        instance("b").draining(true),
                        instance("c").draining(true).health(Health.DOWN))
                    .pick("pay"))
        .isInstanceOf(NoInstanceException.class)
        .hasMessageContaining("2 draining, 1 DOWN");
  }

  @Test
  void random_picksAllAlike() {
    assertThat(counts(endpoints(Strategy.random(), instance("a"), instance("b")), 1_000).values())
        .hasSize(2)
        .allSatisfy(count -> assertThat(count).isBetween(400, 600));
  }

  @Test
  void weighted_picksInProportion_andZeroNever() {
    Map<String, Integer> counts =
        counts(
            endpoints(
                Strategy.weighted(),
                instance("a").weight(1),
                instance("b").weight(3),
                instance("c").weight(0)),
            4_000);

    assertThat(counts).containsOnlyKeys("a", "b");
    assertThat(counts.get("b")).isBetween(2_850, 3_150);
  }

  @Test
  void roundRobin_goesInOrder_alsoWhenInstancesComeAndGo() {
    Endpoints endpoints =
        endpoints(Strategy.roundRobin(), instance("a"), instance("b"), instance("d"));
    assertThat(pickAndClose(endpoints)).isEqualTo("a");
    assertThat(pickAndClose(endpoints)).isEqualTo("b");

    endpoints.replace(known(1, instance("a"), instance("c"), instance("d")));

    assertThat(pickAndClose(endpoints)).isEqualTo("c");
    assertThat(pickAndClose(endpoints)).isEqualTo("d");
    assertThat(pickAndClose(endpoints)).isEqualTo("a");
  }

  @Test
  void sticky_stays_untilItsInstanceIsGone() {
    Endpoints endpoints =
        endpoints(Strategy.sticky(Strategy.roundRobin()), instance("a"), instance("b"));
    assertThat(counts(endpoints, 5)).containsOnly(Map.entry("a", 5));

    endpoints.replace(known(1, instance("b"), instance("c")));

    assertThat(counts(endpoints, 5)).containsOnly(Map.entry("b", 5));
  }

  @Test
  void leastOutstanding_countsOpenPicks_byWeight() {
    Endpoints endpoints =
        endpoints(Strategy.leastOutstanding(), instance("a").weight(1), instance("b").weight(2));
    List<Pick> open = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      open.add(endpoints.pick("s"));
    }
    assertThat(endpoints.outstanding("a")).isEqualTo(2);
    assertThat(endpoints.outstanding("b")).isEqualTo(4);

    open.stream().filter(pick -> pick.instance().id().equals("a")).forEach(Pick::close);

    assertThat(endpoints.outstanding("a")).isZero();
    assertThat(endpoints.pick("s").instance().id()).isEqualTo("a");
  }

  @Test
  void preferredZone_isUsedWhileItHasAnInstanceThatTakesWork_andComposes() {
    Strategy strategy = Strategy.roundRobin().preferZone("east");
    Endpoints endpoints =
        endpoints(
            strategy,
            instance("a").zone("west"),
            instance("b").zone("east"),
            instance("c").zone("east"));
    assertThat(counts(endpoints, 4)).containsOnly(Map.entry("b", 2), Map.entry("c", 2));

    endpoints.replace(known(1, instance("a").zone("west"), instance("b").draining(true)));

    assertThat(counts(endpoints, 2)).containsOnly(Map.entry("a", 2));
  }

  @Test
  void oneStrategyForTwoHandles_sharesNothing() {
    Strategy strategy = Strategy.roundRobin();
    Endpoints one = endpoints(strategy, instance("a"), instance("b"));
    Endpoints other = endpoints(strategy, instance("a"), instance("b"));

    assertThat(pickAndClose(one)).isEqualTo("a");
    assertThat(pickAndClose(other)).isEqualTo("a");
  }

  @Test
  void degraded_isPickedOnlyIfNobodyIsUp() {
    Endpoints endpoints =
        endpoints(Strategy.random(), instance("a").health(Health.DEGRADED), instance("b"));
    assertThat(counts(endpoints, 20)).containsOnlyKeys("b");

    endpoints.replace(known(1, instance("a").health(Health.DEGRADED)));

    assertThat(counts(endpoints, 2)).containsOnlyKeys("a");
  }

  // ---- failures

  @Test
  void failedInstance_restsForAWhile_thenGetsOneTryAtATime() {
    Endpoints endpoints = endpoints(Strategy.roundRobin(), instance("a"), instance("b"));
    fail(endpoints);
    assertThat(endpoints.resting()).containsExactly("a");
    assertThat(counts(endpoints, 5)).containsOnlyKeys("b");

    pass(REST);
    Pick probe = endpoints.pick("s");
    assertThat(probe.instance().id()).isEqualTo("a");
    assertThat(counts(endpoints, 5)).as("while it is tried").containsOnlyKeys("b");
    probe.close();

    assertThat(endpoints.resting()).isEmpty();
    assertThat(counts(endpoints, 4)).containsOnlyKeys("a", "b");
  }

  @Test
  void instanceThatFailsItsTry_restsLongerEachTime_upToAMost() {
    Endpoints endpoints =
        endpoints(
            Strategy.roundRobin().prefer(it -> it.id().equals("a")), instance("a"), instance("b"));
    List<Long> rests = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      fail(endpoints);
      long begin = now;
      while (endpoints.resting().contains("a")) {
        pass(Duration.ofMillis(10));
      }
      rests.add((now - begin) / 1_000_000);
    }

    for (int i = 0; i < rests.size(); i++) {
      long most = Math.min(1_000L << i, REST_MAX.toMillis());
      assertThat(rests.get(i)).as("rest " + i).isBetween(most / 2, most + 10);
    }
  }

  @Test
  void manyPicksThatFailAtOnce_countAsOneFailure() {
    Endpoints endpoints = endpoints(Strategy.random(), instance("a"));
    List<Pick> open = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      open.add(endpoints.pick("s"));
    }
    for (Pick pick : open) {
      pick.failed();
      pick.failed();
      pick.close();
      pick.close();
    }

    assertThat(endpoints.outstanding("a")).isZero();
    pass(REST);
    assertThat(endpoints.resting()).isEmpty();
  }

  @Test
  void allRest_theOneWhoseRestEndsFirstIsPicked() {
    Endpoints endpoints = endpoints(Strategy.roundRobin(), instance("a"), instance("b"));
    fail(endpoints);
    pass(Duration.ofMillis(600));
    fail(endpoints);
    assertThat(endpoints.resting()).contains("b");

    String picked = pickAndClose(endpoints);

    assertThat(picked).isEqualTo("a");
    assertThat(endpoints.resting()).as("a works").containsExactly("b");
  }

  @Test
  void newLifeOfAnInstance_beginsWithoutFailures_andKeepsItsOpenPicks() {
    Endpoints endpoints = endpoints(Strategy.random(), instance("a"));
    Pick open = endpoints.pick("s");
    fail(endpoints);
    assertThat(endpoints.resting()).containsExactly("a");

    endpoints.replace(known(2, instance("a")));

    assertThat(endpoints.resting()).isEmpty();
    assertThat(endpoints.outstanding("a")).isEqualTo(1);
    open.close();
    assertThat(endpoints.outstanding("a")).isZero();
  }

  @Test
  void failureAfterTheClose_countsNothing() {
    Endpoints endpoints = endpoints(Strategy.random(), instance("a"));
    Pick pick = endpoints.pick("s");
    pick.close();

    pick.failed();

    assertThat(endpoints.resting()).isEmpty();
  }

  @Test
  void strategyThatChoosesAStranger_isABugOfItsOwn() {
    Strategy strange = dice -> candidates -> new Candidate(instance("x"), 0);

    assertThatThrownBy(() -> endpoints(strange, instance("a")).pick("s"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("x");
  }
}
