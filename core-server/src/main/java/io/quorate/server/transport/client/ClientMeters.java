package io.quorate.server.transport.client;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
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
  private final Counter accepted;
  private final Counter received;

  public ClientMeters(MeterRegistry registry) {
    for (Cause cause : Cause.values()) {
      closed.put(
          cause,
          registry.counter(
              "quorate.client.connections.closed", "cause", cause.name().toLowerCase(Locale.ROOT)));
    }
    registry.gauge("quorate.client.connections", connections);
    accepted = registry.counter("quorate.client.connections.accepted");
    received = registry.counter("quorate.client.messages.received");
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
