package io.quorate.server.transport.client;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The numbers of the client port. Thread-safe. */
public final class ClientMeters {
  /** Why the server closed a connection on its own account. */
  public enum Cause {
    /** Its first bytes belong to no protocol that is served. */
    UNKNOWN_PROTOCOL,
    /** It speaks a protocol that is recognised but not served yet. */
    UNSERVED_PROTOCOL,
    /** Too many connections. */
    TOO_MANY,
    /** No first bytes, no first message, or no session in time. */
    SILENT,
    /** A message that can't be decoded, or was not legal. */
    MALFORMED,
    /** A frame above the limit. */
    TOO_LARGE,
    /** It reads more slowly than it is written to. */
    TOO_SLOW
  }

  private final Map<Cause, Counter> closed = new EnumMap<>(Cause.class);
  private final AtomicInteger connections = new AtomicInteger();
  private final MeterRegistry meterRegistry;
  private final Tags serverTags;
  private final Counter accepted;
  private final Counter received;

  public ClientMeters(MeterRegistry registry, int serverId) {
    Tags tags = Tags.of("server", String.valueOf(serverId));
    meterRegistry = registry;
    serverTags = tags;
    for (Cause cause : Cause.values()) {
      closed.put(
          cause,
          Counter.builder("quorate.server.connections.closed")
              .description("Connections of clients that this server closed on its own, by cause.")
              .tags(tags)
              .tag("cause", cause.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    Gauge.builder("quorate.server.connections", connections, AtomicInteger::get)
        .description("Connections at the client port.")
        .tags(tags)
        .register(registry);
    accepted =
        Counter.builder("quorate.server.connections.accepted")
            .description("Connections of clients accepted.")
            .tags(tags)
            .register(registry);
    received =
        Counter.builder("quorate.server.messages.received")
            .description("Messages of clients received.")
            .tags(tags)
            .register(registry);
  }

  /** Shows what waits for all clients together. Once. */
  public void watch(OutboundBudget budget) {
    Gauge.builder("quorate.server.outbound.bytes", budget, OutboundBudget::bytes)
        .description("Bytes that wait to be read by clients.")
        .tags(serverTags)
        .register(meterRegistry);
  }

  /** Shows what the node has not taken up yet. Once. */
  public void watch(InboundBudget budget) {
    Gauge.builder("quorate.server.inbound.bytes", budget, InboundBudget::bytes)
        .description("Bytes read from clients that wait for the node thread.")
        .tags(serverTags)
        .register(meterRegistry);
  }

  public void closed(Cause cause) {
    Counter counter = closed.get(cause);
    if (counter != null) {
      counter.increment();
    }
  }

  public void received(int messages) {
    received.increment(messages);
  }

  void opened() {
    accepted.increment();
    connections.incrementAndGet();
  }

  void gone() {
    connections.decrementAndGet();
  }
}
