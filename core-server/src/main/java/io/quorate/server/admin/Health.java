package io.quorate.server.admin;

import io.quorate.server.node.NodeStatus;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the probes are told, out of a picture of the node. Immutable. */
public final class Health {
  /**
   * When to complain.
   *
   * @param nodeStallMax the node thread takes a turn every 10 ms; one that took none for so long
   *     hangs
   * @param logStallMax one operation of the disk may take so long
   * @param lagMax a server that has not been up to date for so long is not ready
   */
  public record Bounds(Duration nodeStallMax, Duration logStallMax, Duration lagMax) {
    /**
     * Liveness is lenient, because whoever asks for it kills the process: a long pause of the JVM
     * or a slow disk is better waited for. Readiness only keeps new clients away.
     */
    public static final Bounds DEFAULT =
        new Bounds(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(2));
  }

  /**
   * @param reason why not, in one line; else what there is
   */
  public record Verdict(boolean ok, String reason) {}

  private final Bounds bounds;

  public Health(Bounds bounds) {
    this.bounds = bounds;
  }

  /**
   * Whether the process makes progress.
   *
   * @param logBusyNanos how long the operation that the log thread is in has taken; 0 if it is idle
   */
  public Verdict live(NodeStatus status, long logBusyNanos, long nowNanos) {
    long age = nowNanos - status.more().atNanos();
    if (age > bounds.nodeStallMax().toNanos()) {
      return new Verdict(false, "the node thread has made no progress for " + millis(age) + " ms");
    }
    if (logBusyNanos > bounds.logStallMax().toNanos()) {
      return new Verdict(
          false, "the log thread has waited for the disk for " + millis(logBusyNanos) + " ms");
    }
    return new Verdict(true, "live");
  }

  /**
   * Whether clients should come here: serving with a quorum, and up to date. A server that is short
   * of disk or memory stays ready and says so: reads go on, and deletions are what helps.
   */
  public Verdict ready(NodeStatus status, long nowNanos) {
    long age = nowNanos - status.more().atNanos();
    if (age > bounds.lagMax().toNanos()) {
      return new Verdict(false, "the node thread has made no progress for " + millis(age) + " ms");
    }
    if (!status.serving()) {
      return new Verdict(false, "not serving: " + status.more().reason());
    }
    if (!status.more().alarm().isEmpty()) {
      return new Verdict(false, "alarm: " + status.more().alarm());
    }
    long lag = status.lagNanos(nowNanos);
    if (lag > bounds.lagMax().toNanos()) {
      return new Verdict(
          false,
          "lags "
              + status.lagEntries()
              + " entries behind leader "
              + status.replica().leaderId()
              + ", not up to date for "
              + millis(lag)
              + " ms");
    }
    String shortage = status.more().shortage();
    return new Verdict(true, shortage.isEmpty() ? "ready" : "ready, but " + shortage);
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
