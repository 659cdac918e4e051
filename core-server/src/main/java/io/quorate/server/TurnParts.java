package io.quorate.server;

import io.quorate.server.node.NodeObserver;
import io.quorate.server.node.TurnPart;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which part of a turn of the node thread took long, at level DEBUG: by processor time, in
 * which there is no pause of the collector and no waiting for a processor. On the node thread.
 */
final class TurnParts implements NodeObserver {
  private static final Logger LOG = LoggerFactory.getLogger(TurnParts.class);

  /** What an input may hold the node thread for. */
  private static final long LONG_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(10);

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Map<TurnPart, Long> parts = new EnumMap<>(TurnPart.class);
  private long lastNanos = -1;
  private int entries;

  /** Whether anybody reads it: looking at the clock so often is not free. */
  static boolean isWanted() {
    return LOG.isDebugEnabled();
  }

  @Override
  public void turnPartDone(TurnPart part) {
    long now = threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : -1;
    if (now >= 0 && lastNanos >= 0) {
      parts.merge(part, now - lastNanos, Long::sum);
    }
    lastNanos = now;
  }

  @Override
  public void applyRan(int applied, long nanos) {
    entries += applied;
  }

  @Override
  public void turnTaken(int events, long nanos) {
    long sum = 0;
    for (long part : parts.values()) {
      sum += part;
    }
    if (sum >= LONG_NANOS_MIN) {
      LOG.debug(
          "a turn used {} ms of processor time, {} in all: events={} entries={} {}",
          millis(sum),
          millis(nanos),
          events,
          entries,
          text());
    }
    parts.clear();
    entries = 0;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    parts.forEach(
        (part, nanos) ->
            text.append(part.name().toLowerCase(Locale.ROOT))
                .append('=')
                .append(millis(nanos))
                .append(' '));
    return text.toString().trim();
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
  }
}
