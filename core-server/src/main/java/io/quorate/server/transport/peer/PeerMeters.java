package io.quorate.server.transport.peer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
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

  PeerMeters(MeterRegistry registry) {
    for (Refusal refusal : Refusal.values()) {
      refusals.put(
          refusal,
          registry.counter(
              "quorate.peer.refusals", "reason", refusal.name().toLowerCase(Locale.ROOT)));
    }
    registry.gauge("quorate.peer.links", linksUp);
    linkLosses = registry.counter("quorate.peer.link.losses");
    sentBytes = registry.counter("quorate.peer.sent.bytes");
    receivedBytes = registry.counter("quorate.peer.received.bytes");
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
