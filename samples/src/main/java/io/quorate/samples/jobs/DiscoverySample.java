package io.quorate.samples.jobs;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.discovery.Discovery;
import io.quorate.recipes.discovery.DiscoveryOptions;
import io.quorate.recipes.discovery.Instance;
import io.quorate.recipes.discovery.Instances;
import io.quorate.recipes.discovery.NoInstanceException;
import io.quorate.recipes.discovery.Pick;
import io.quorate.recipes.discovery.Registration;
import io.quorate.recipes.discovery.Strategy;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A service of three instances, and a shop that calls them: one drains, one fails, one ends. */
public final class DiscoverySample {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final DiscoveryOptions OPTIONS =
      DiscoveryOptions.DEFAULT.retireFor(Duration.ofSeconds(10), Duration.ofMinutes(1));

  public static void main(String... args) throws InterruptedException {
    try (SampleEnsemble ensemble = SampleEnsemble.of(args);
        QuorateClient one = ensemble.client("pay-1");
        QuorateClient two = ensemble.client("pay-2");
        QuorateClient three = ensemble.client("pay-3");
        QuorateClient shop = ensemble.client("shop")) {
      new DiscoverySample(shop, System.out::println).run(one, two, three);
    }
  }

  private final Discovery pay;
  private final Consumer<String> out;
  private final BlockingQueue<Instances> changes = new LinkedBlockingQueue<>();

  DiscoverySample(QuorateClient shop, Consumer<String> out) {
    this.out = out;
    this.pay =
        Recipes.on(shop)
            .discover("pay", Strategy.leastOutstanding().preferZone("east"), OPTIONS)
            .onChange(changes::add)
            .onProblem(problem -> out.accept("problem   " + problem));
  }

  void run(QuorateClient one, QuorateClient two, QuorateClient three) throws InterruptedException {
    try (pay;
        Registration first = register(one, Instance.at("10.0.0.1", 8080).zone("east"));
        Registration second = register(two, Instance.at("10.0.0.2", 8080).zone("east"));
        Registration third = register(three, Instance.at("10.0.0.3", 8080).zone("west"))) {
      until("all three are there", instances -> instances.list().size() == 3);
      calls("nearby first");

      first.drain().join();
      until("10.0.0.1 drains", instances -> instances.available().size() == 2);
      calls("one drains");

      try (Pick pick = pay.pick()) {
        pick.failed();
        out.accept("failed    " + pick.instance().id() + " rests: " + pay.resting());
      }
      calls("one rests");

      third.close();
      second.close();
      until("only the draining one is left", instances -> instances.list().size() == 1);
      try (Pick pick = pay.pick()) {
        out.accept("picked    " + pick.instance().id());
      } catch (NoInstanceException e) {
        out.accept("refused   " + e.getMessage());
      }
      first.resume().join();
      until("10.0.0.1 is back", instances -> instances.available().size() == 1);
      calls("it is back");
    }
  }

  private Registration register(QuorateClient client, Instance instance)
      throws InterruptedException {
    Registration registration = Recipes.on(client).register("pay", instance);
    registration.awaitRegistered(PATIENCE);
    out.accept("register  " + instance.id() + " in zone " + instance.zone());
    return registration;
  }

  /** Waits until it is so: looks again after each change. */
  private void until(String what, Predicate<Instances> wanted) throws InterruptedException {
    while (!wanted.test(pay.instances())) {
      if (changes.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) == null) {
        throw new IllegalStateException("waited in vain: " + what);
      }
    }
    out.accept("seen      " + what);
  }

  private void calls(String when) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 10; i++) {
      try (Pick pick = pay.pick()) {
        // Here would be a call of pick.instance().uri().
        counts.merge(pick.instance().host(), 1, Integer::sum);
      }
    }
    out.accept("10 calls  " + when + ": " + counts);
  }
}
