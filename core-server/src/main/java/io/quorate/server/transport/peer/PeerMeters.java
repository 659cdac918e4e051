package io.quorate.server.transport.peer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The numbers of the peer transport. */
final class PeerMeters {
  private final Map<Refusal, Counter> refusals = new EnumMap<>(Refusal.class);
  private final AtomicInteger linksUp = new AtomicInteger();
  private final Counter linkLosses;
  private final Counter sentBytes;
  private final Counter receivedBytes;

  PeerMeters(MeterRegistry registry, int serverId) {
    Tags tags = Tags.of("server", String.valueOf(serverId));
    for (Refusal refusal : Refusal.values()) {
      refusals.put(
          refusal,
          Counter.builder("quorate.server.peer.refusals")
              .description("Connections between servers that came to nothing, by reason.")
              .tags(tags)
              .tag("reason", refusal.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    Gauge.builder("quorate.server.peer.links", linksUp, AtomicInteger::get)
        .description("Links with other servers that are up.")
        .tags(tags)
        .register(registry);
    linkLosses =
        Counter.builder("quorate.server.peer.link.losses")
            .description("Links with other servers that went down.")
            .tags(tags)
            .register(registry);
    sentBytes =
        Counter.builder("quorate.server.peer.sent")
            .description("Sent to other servers.")
            .baseUnit("bytes")
            .tags(tags)
            .register(registry);
    receivedBytes =
        Counter.builder("quorate.server.peer.received")
            .description("Received from other servers.")
            .baseUnit("bytes")
            .tags(tags)
            .register(registry);
  }

  void refused(Refusal why) {
    Counter counter = refusals.get(why);
    if (counter != null) {
      counter.increment();
    }
  }

  void linkUp() {
    linksUp.incrementAndGet();
  }

  void linkDown() {
    linksUp.decrementAndGet();
    linkLosses.increment();
  }

  void sent(long bytes) {
    sentBytes.increment(bytes);
  }

  void received(long bytes) {
    receivedBytes.increment(bytes);
  }
}
