package io.quorate.recipes.base;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What a recipe counts and times, in the registry of its client: {@code quorate.recipes.waiting}
 * and {@code .held} (how many at the moment, and for how long), {@code .lost} (grants lost and not
 * released), {@code .attempts} (time to each outcome), tagged with the recipe and never with a
 * path.
 *
 * <p>Long task timers rather than gauges: any number of handles adds to one of them, without an
 * object that they would have to share. Any thread.
 */
public final class RecipeMeters {
  /** How an attempt ended. */
  public enum Outcome {
    GRANTED,
    TIMED_OUT,
    CANCELLED,
    FAILED
  }

  private final MeterRegistry registry;
  private final String recipe;
  private final LongTaskTimer waiting;
  private final LongTaskTimer held;
  private final Counter lost;

  /**
   * @param recipe lock, semaphore, leader, config, queue or discovery
   */
  public RecipeMeters(MeterRegistry registry, String recipe) {
    this.registry = registry;
    this.recipe = recipe;
    this.waiting =
        LongTaskTimer.builder("quorate.recipes.waiting")
            .description("Who waits to be granted something, and for how long already.")
            .tag("recipe", recipe)
            .register(registry);
    this.held =
        LongTaskTimer.builder("quorate.recipes.held")
            .description("What is held, and for how long already.")
            .tag("recipe", recipe)
            .register(registry);
    this.lost =
        Counter.builder("quorate.recipes.lost")
            .description("Grants that ended by a loss and not by a release.")
            .tag("recipe", recipe)
            .register(registry);
  }

  /** Somebody waits, until the result is closed. */
  public Running waiting() {
    return new Running(waiting.start());
  }

  /** Something is held, until the result is closed. */
  public Running held() {
    return new Running(held.start());
  }

  /** A grant was lost. */
  public void lost() {
    lost.increment();
  }

  /** An attempt ended after so many nanoseconds. */
  public void attempted(Outcome outcome, long nanos) {
    Timer.builder("quorate.recipes.attempts")
        .description("Time from the call to its end, by outcome.")
        .tags("recipe", recipe, "outcome", outcome.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** What goes on until it is closed; closing it again does nothing. */
  public static final class Running implements AutoCloseable {
    private final LongTaskTimer.Sample sample;

    Running(LongTaskTimer.Sample sample) {
      this.sample = sample;
    }

    @Override
    public void close() {
      sample.stop();
    }
  }
}
