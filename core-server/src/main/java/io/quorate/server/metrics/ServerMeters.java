package io.quorate.server.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** What the meters of a server have in common. */
public final class ServerMeters {
  /**
   * Bounds of the counted durations: from a turn of the node that did little to a disk that is
   * about to die.
   */
  private static final Duration[] BOUNDS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5)
  };

  private ServerMeters() {}

  /** The server is closed: its gauges would go on showing what it was. */
  public static void removeAll(MeterRegistry registry, int serverId) {
    String server = String.valueOf(serverId);
    for (Meter meter : registry.getMeters()) {
      if (meter.getId().getName().startsWith("quorate.server.")
          && server.equals(meter.getId().getTag("server"))) {
        registry.remove(meter);
      }
    }
  }

  /** A timer that also counts how many durations were below each of the bounds. */
  static Timer.Builder histogram(Timer.Builder builder, String description) {
    return builder.description(description).serviceLevelObjectives(BOUNDS);
  }
}
