package io.quorate.server.admin;

import io.quorate.server.base.NodeClock;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.node.StatusReport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What there is to read: {@code /live}, {@code /ready}, {@code /metrics}, {@code /status}.
 * Thread-safe.
 */
public final class AdminPages {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";

  /** What the format of Prometheus is called by its makers. */
  static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 503;

  /** One page. */
  record Page(int httpStatus, String contentType, String body) {}

  private final Supplier<NodeStatus> status;
  private final LongSupplier logBusyNanos;
  private final NodeClock clock;
  private final Health health;
  private final @Nullable Supplier<String> metrics;

  /**
   * @param status the newest picture of the node; must not wait for it
   * @param logBusyNanos how long the log thread's present operation takes; 0 if there is none
   * @param metrics in the text format of Prometheus; null if they are not kept for it
   */
  public AdminPages(
      Supplier<NodeStatus> status,
      LongSupplier logBusyNanos,
      NodeClock clock,
      Health health,
      @Nullable Supplier<String> metrics) {
    this.status = status;
    this.logBusyNanos = logBusyNanos;
    this.clock = clock;
    this.health = health;
    this.metrics = metrics;
  }

  Page page(String path) {
    long now = clock.monotonicNanos();
    Supplier<String> scrape = metrics;
    switch (path) {
      case "/live":
        return verdict(health.live(status.get(), logBusyNanos.getAsLong(), now));
      case "/ready":
        return verdict(health.ready(status.get(), now));
      case "/status":
        return new Page(
            OK,
            JSON,
            RecordJson.of(StatusReport.of(0, status.get(), now, clock.wallMillis())) + "\n");
      case "/metrics":
        return scrape == null
            ? new Page(NOT_FOUND, TEXT, "this server has no registry for Prometheus\n")
            : new Page(OK, PROMETHEUS, scrape.get());
      default:
        return new Page(NOT_FOUND, TEXT, "there are /live, /ready, /metrics and /status\n");
    }
  }

  private static Page verdict(Health.Verdict verdict) {
    return new Page(verdict.ok() ? OK : UNAVAILABLE, TEXT, verdict.reason() + "\n");
  }
}
