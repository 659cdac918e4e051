package io.quorate.server.process;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The longest turn of each server's node thread, sampled while this is open: the meter forgets a
 * maximum after some minutes.
 */
final class LongestTurns implements AutoCloseable {
  private static final long EVERY_MILLIS = 2_000;
  private static final String TURN = "quorate_server_turn_seconds_max";

  /** Of processor time: without pauses of the collector, and without waiting for a processor. */
  private static final String PROCESSOR = "quorate_server_turn_cpu_seconds";

  private static final String PAUSE = "jvm_gc_pause_seconds_max";
  private static final double LIMIT_SECONDS = 0.010;
  private static final double PERMILLE_OF_TURNS = 0.999;

  private final ServerProcesses servers;
  private final ServerMeters meters = new ServerMeters();
  private final double[] longest = new double[ServerProcesses.SERVERS + 1];
  private final double[] worked = new double[ServerProcesses.SERVERS + 1];
  private final double[] paused = new double[ServerProcesses.SERVERS + 1];

  /** Turns by their processor time, per server, when this was opened or printed last. */
  private final Map<Integer, NavigableMap<Double, Double>> before = new TreeMap<>();

  private final Thread thread = new Thread(this::run, "longest-turns");
  private boolean closed;

  LongestTurns(ServerProcesses servers) throws InterruptedException {
    this.servers = servers;
    for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
      before.put(id, buckets(id));
    }
    thread.setDaemon(true);
    thread.start();
  }

  private synchronized void run() {
    try {
      while (!closed) {
        sample();
        wait(EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void sample() throws InterruptedException {
    for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
      int port = servers.adminPort(id);
      try {
        longest[id] = Math.max(longest[id], meters.value(port, TURN));
        worked[id] = Math.max(worked[id], meters.value(port, PROCESSOR + "_max"));
        paused[id] = Math.max(paused[id], meters.value(port, PAUSE));
      } catch (IOException | IllegalArgumentException e) {
        // Killed just now, or no collection yet; the next sample sees it.
        longest[id] = Math.max(longest[id], 0);
      }
    }
  }

  private NavigableMap<Double, Double> buckets(int id) throws InterruptedException {
    try {
      return meters.buckets(servers.adminPort(id), PROCESSOR);
    } catch (IOException e) {
      return new TreeMap<>();
    }
  }

  /** Prints the figures since the last call. */
  synchronized void print(String during) throws InterruptedException {
    sample();
    System.out.printf(
        Locale.ROOT,
        "longest turn of the node threads %s: %s; of processor time %s; longest pause of the"
            + " collector %s%n",
        during,
        millis(longest),
        millis(worked),
        millis(paused));
    for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
      printShares(id);
    }
    Arrays.fill(longest, 0);
    Arrays.fill(worked, 0);
    Arrays.fill(paused, 0);
  }

  private void printShares(int id) throws InterruptedException {
    NavigableMap<Double, Double> now = buckets(id);
    NavigableMap<Double, Double> then = before.getOrDefault(id, new TreeMap<>());
    before.put(id, now);
    NavigableMap<Double, Double> turns = new TreeMap<>();
    now.forEach((bound, count) -> turns.put(bound, count - then.getOrDefault(bound, 0.0)));
    double all = turns.isEmpty() ? 0 : turns.lastEntry().getValue();
    double within = 0;
    double share = 0;
    for (Map.Entry<Double, Double> bucket : turns.entrySet()) {
      within = bucket.getKey() <= LIMIT_SECONDS ? bucket.getValue() : within;
      share = share == 0 && bucket.getValue() >= all * PERMILLE_OF_TURNS ? bucket.getKey() : share;
    }
    System.out.printf(
        Locale.ROOT,
        "server %d: %.0f turns; processor time of 99.9 %% of them at most %.1f ms; %.0f of them"
            + " above %.0f ms%n",
        id,
        all,
        1000 * share,
        all - within,
        1000 * LIMIT_SECONDS);
  }

  private static String millis(double[] seconds) {
    return String.format(
        Locale.ROOT,
        "%.1f, %.1f, %.1f ms",
        1000 * seconds[1],
        1000 * seconds[2],
        1000 * seconds[3]);
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
