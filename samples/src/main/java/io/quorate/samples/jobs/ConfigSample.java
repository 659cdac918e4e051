package io.quorate.samples.jobs;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Json;
import io.quorate.recipes.config.Config;
import io.quorate.recipes.config.ConfigProblem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Limits of a shop: changed, broken by hand, kept at the last good value, rolled back. */
public final class ConfigSample {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PATH = "/config/limits";

  /** The value, as JSON in one znode. */
  public record Limits(int max, String plan) {
    Limits withMax(int other) {
      return new Limits(other, plan);
    }

    Limits checked() {
      if (max < 1) {
        throw new IllegalArgumentException("max of at least 1 expected, found " + max);
      }
      return this;
    }
  }

  public static void main(String... args) throws InterruptedException {
    try (SampleEnsemble ensemble = SampleEnsemble.of(args);
        QuorateClient shop = ensemble.client("shop");
        QuorateClient operator = ensemble.client("operator")) {
      new ConfigSample(System.out::println).run(shop, operator);
    }
  }

  private final Consumer<String> out;
  private final BlockingQueue<Limits> changes = new LinkedBlockingQueue<>();
  private final BlockingQueue<ConfigProblem> problems = new LinkedBlockingQueue<>();

  ConfigSample(Consumer<String> out) {
    this.out = out;
  }

  void run(QuorateClient shop, QuorateClient operator) throws InterruptedException {
    try (Config<Limits> mine = open(operator);
        Config<Limits> limits =
            open(shop).onChange((was, now) -> changes.add(now)).onProblem(problems::add)) {
      mine.set(new Limits(10, "small")).join();
      await("max 10", 10);
      mine.update(was -> was.withMax(50)).join(); // again, if somebody was faster
      await("max 50", 50);
      problems.clear(); // before the first value there was none

      operator.blocking().set(PATH, "{\"max\": many}".getBytes(StandardCharsets.UTF_8));
      ConfigProblem corrupt = problems.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      out.accept("problem   " + (corrupt == null ? "none" : corrupt.kind()));
      out.accept("still     " + limits.value());

      long good = mine.set(limits.value().withMax(60)).join();
      await("mended", 60);
      mine.set(limits.value().withMax(7)).join();
      await("max 7", 7);
      mine.rollBackTo(good).join(); // what was put in place by set and update, not by hand
      await("rolled back", 60);
    }
  }

  private static Config<Limits> open(QuorateClient client) {
    return Recipes.on(client)
        .config(PATH, Json.of(Limits.class))
        .initially(new Limits(1, "none"))
        .validate(Limits::checked)
        .history(20)
        .start();
  }

  /** Changes are told in order; of many in quick succession only the newest may be. */
  private void await(String what, int max) throws InterruptedException {
    Limits now = changes.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    while (now != null && now.max() != max) {
      now = changes.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
    out.accept("changed   " + what + ": " + now);
  }
}
