package io.quorate.server.process;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * The longest turn of each server's node thread, sampled while this is open: the meter forgets a
 * maximum after some minutes.
 */
final class LongestTurns implements AutoCloseable {
  private static final long EVERY_MILLIS = 2_000;
  private static final String TURN = "quorate_server_turn_seconds_max";
  private static final String PROCESSOR = "quorate_server_turn_cpu_seconds_max";

  private final ServerProcesses servers;
  private final ServerMeters meters = new ServerMeters();
  private final double[] longest = new double[ServerProcesses.SERVERS + 1];

  /** Of processor time: without pauses of the collector, and without waiting for a processor. */
  private final double[] worked = new double[ServerProcesses.SERVERS + 1];

  private final Thread thread = new Thread(this::run, "longest-turns");
  private boolean closed;

  LongestTurns(ServerProcesses servers) {
    this.servers = servers;
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
      try {
        longest[id] = Math.max(longest[id], meters.value(servers.adminPort(id), TURN));
        worked[id] = Math.max(worked[id], meters.value(servers.adminPort(id), PROCESSOR));
      } catch (IOException e) {
        // Killed just now; the next sample sees it again.
        longest[id] = Math.max(longest[id], 0);
      }
    }
  }

  /** Prints the figures since the last call. */
  synchronized void print(String during) throws InterruptedException {
    sample();
    System.out.printf(
        Locale.ROOT,
        "longest turn of the node threads %s: %.1f, %.1f, %.1f ms; of processor time %.1f, %.1f,"
            + " %.1f ms%n",
        during,
        1000 * longest[1],
        1000 * longest[2],
        1000 * longest[3],
        1000 * worked[1],
        1000 * worked[2],
        1000 * worked[3]);
    Arrays.fill(longest, 0);
    Arrays.fill(worked, 0);
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
