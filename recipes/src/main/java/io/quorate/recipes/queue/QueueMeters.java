package io.quorate.recipes.queue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.recipes.base.RecipeMeters;

/**
 * What a queue counts: as all recipes, and {@code quorate.recipes.queue.moves} (items by what
 * became of them) and {@code quorate.recipes.queue.wakeups}.
 */
final class QueueMeters {
  final RecipeMeters grants;
  private final MeterRegistry registry;
  private final Counter wakeUps;

  QueueMeters(MeterRegistry registry) {
    this.registry = registry;
    this.grants = new RecipeMeters(registry, "queue");
    this.wakeUps =
        Counter.builder("quorate.recipes.queue.wakeups")
            .description("Times that an idle client heard of something and looked.")
            .register(registry);
  }

  void wokeUp() {
    wakeUps.increment();
  }

  /**
   * @param outcome taken, conflict, acked, retried, dead, returned, redelivered or due
   */
  void moved(String outcome) {
    Counter.builder("quorate.recipes.queue.moves")
        .description("Items moved by this client, by what became of them.")
        .tags("outcome", outcome)
        .register(registry)
        .increment();
  }
}
