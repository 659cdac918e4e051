package io.quorate.client;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.quorate.client.watch.WatchNotice;
import io.quorate.data.WatchEvent;
import java.util.EnumMap;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the client counts and times. Without a registry it does nothing but count what is in flight.
 *
 * <p>{@code quorate.client.requests} (timer by op and outcome), {@code .inflight}, {@code .state}
 * (0 connected, 1 suspended, 2 lost), {@code .safe} (what is left of the safe deadline), {@code
 * .connections}, {@code .sessions.lost}, {@code .watch.events} (by type), {@code .callbacks.wait}
 * and {@code .callbacks.run} (of all callbacks); each tagged with the client's name.
 */
final class ClientMeters {
  private final @Nullable MeterRegistry registry;
  private final Tags tags;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final ConcurrentHashMap<List<String>, Timer> timers = new ConcurrentHashMap<>();
  private final Queue<Meter> registered = new ConcurrentLinkedQueue<>();
  private final @Nullable Counter connections;
  private final @Nullable Counter sessionsLost;
  private final EnumMap<ZnodeEvent.Type, Counter> watchEvents =
      new EnumMap<>(ZnodeEvent.Type.class);
  private final @Nullable Timer callbackWait;
  private final @Nullable Timer callbackRun;

  ClientMeters(
      @Nullable MeterRegistry registry,
      String clientName,
      Supplier<ConnectionState> state,
      LongSupplier safeNanos) {
    this.registry = registry;
    this.tags = Tags.of("client", clientName);
    if (registry == null) {
      this.connections = null;
      this.sessionsLost = null;
      this.callbackWait = null;
      this.callbackRun = null;
      return;
    }
    this.connections =
        Counter.builder("quorate.client.connections")
            .description("Times that a session was opened or attached: 1 and the reconnects.")
            .tags(tags)
            .register(registry);
    this.sessionsLost =
        Counter.builder("quorate.client.sessions.lost")
            .description("Sessions that ended for good, with whatever they held.")
            .tags(tags)
            .register(registry);
    registered.add(connections);
    registered.add(sessionsLost);
    this.callbackWait =
        Timer.builder("quorate.client.callbacks.wait")
            .description("Time from what a callback is about to its beginning: the queue.")
            .tags(tags)
            .register(registry);
    this.callbackRun =
        Timer.builder("quorate.client.callbacks.run")
            .description("Time that callbacks took: listeners, and what depends on futures.")
            .tags(tags)
            .register(registry);
    registered.add(callbackWait);
    registered.add(callbackRun);
    for (ZnodeEvent.Type type : ZnodeEvent.Type.values()) {
      Counter counter =
          Counter.builder("quorate.client.watch.events")
              .description("Events given to the listeners of watches, by type; resync among them.")
              .tags(tags)
              .tags("type", type.name())
              .register(registry);
      watchEvents.put(type, counter);
      registered.add(counter);
    }
    registered.add(
        Gauge.builder("quorate.client.inflight", inFlight, AtomicInteger::get)
            .description("Calls without an answer.")
            .tags(tags)
            .register(registry));
    registered.add(
        Gauge.builder("quorate.client.state", () -> state.get().ordinal())
            .description("0 connected, 1 suspended, 2 lost.")
            .tags(tags)
            .register(registry));
    registered.add(
        TimeGauge.builder("quorate.client.safe", safeNanos::getAsLong, TimeUnit.NANOSECONDS)
            .description(
                "Time for which grants are safe without another answer; 0 if they are not.")
            .tags(tags)
            .register(registry));
  }

  void begun() {
    inFlight.incrementAndGet();
  }

  void ended(String operation, String outcome, long nanos) {
    inFlight.decrementAndGet();
    MeterRegistry to = registry;
    if (to != null) {
      timers
          .computeIfAbsent(List.of(operation, outcome), key -> timer(to, operation, outcome))
          .record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  private Timer timer(MeterRegistry to, String operation, String outcome) {
    Timer timer =
        Timer.builder("quorate.client.requests")
            .description("Time from a call to its end, retries included, by operation and outcome.")
            .tags(tags)
            .tags("op", operation, "outcome", outcome)
            .register(to);
    registered.add(timer);
    return timer;
  }

  /** A session was opened or attached. */
  void connected() {
    if (connections != null) {
      connections.increment();
    }
  }

  void sessionLost() {
    if (sessionsLost != null) {
      sessionsLost.increment();
    }
  }

  /** A listener is told. The end of a watch is none of the types. */
  void watchTold(WatchNotice notice) {
    WatchEvent event = notice.event();
    Counter counter = null;
    if (event != null) {
      counter = watchEvents.get(WatchTarget.type(event.type()));
    } else if (notice.isResync()) {
      counter = watchEvents.get(ZnodeEvent.Type.RESYNC);
    }
    if (counter != null) {
      counter.increment();
    }
  }

  /** On the thread of the callback. */
  void callbackRan(long waitedNanos, long ranNanos) {
    if (callbackWait != null && callbackRun != null) {
      callbackWait.record(waitedNanos, TimeUnit.NANOSECONDS);
      callbackRun.record(ranNanos, TimeUnit.NANOSECONDS);
    }
  }

  /** The client is closed: its gauges would show a state that nobody is in. */
  void close() {
    MeterRegistry from = registry;
    if (from != null) {
      registered.forEach(from::remove);
    }
  }
}
