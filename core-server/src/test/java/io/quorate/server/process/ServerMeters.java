package io.quorate.server.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Reads the meters of a server process at its admin port, and its live heap by the JDK's tool. */
final class ServerMeters {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  /**
   * Sum of the values of all lines of a meter.
   *
   * @param name as in the Prometheus text, without tags
   */
  double value(int adminPort, String name) throws IOException, InterruptedException {
    String text = text(adminPort);
    double sum = 0;
    boolean found = false;
    for (String line : text.split("\n")) {
      if (line.startsWith(name + " ") || line.startsWith(name + "{")) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
        found = true;
      }
    }
    if (!found) {
      throw new IllegalArgumentException("no meter " + name + " at port " + adminPort);
    }
    return sum;
  }

  /**
   * The counts of a histogram's buckets by their upper bounds in ascending order, cumulative as in
   * the Prometheus text.
   *
   * @param name of the meter, without {@code _bucket} and tags
   */
  NavigableMap<Double, Double> buckets(int adminPort, String name)
      throws IOException, InterruptedException {
    NavigableMap<Double, Double> buckets = new TreeMap<>();
    for (String line : text(adminPort).split("\n")) {
      int bound = line.indexOf("le=\"");
      if (line.startsWith(name + "_bucket{") && bound >= 0) {
        String limit = line.substring(bound + 4, line.indexOf('"', bound + 4));
        buckets.put(
            limit.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(limit),
            Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
      }
    }
    return buckets;
  }

  private String text(int adminPort) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + "/metrics"))
            .timeout(TIMEOUT)
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /** Bytes of the objects that are alive, after a full collection. */
  long liveHeapBytes(long pid) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                ServerProcesses.javaTool("jcmd"), Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String total = "";
    try (var reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("Total")) {
          total = line;
        }
      }
    }
    process.waitFor();
    String[] words = total.trim().split(" +");
    if (words.length != 3) {
      throw new IOException("the histogram of " + pid + " has no total: '" + total + "'");
    }
    return Long.parseLong(words[2]);
  }

  /** Processor time that a process has used, milliseconds. */
  static long processorMillis(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(handle -> handle.info().totalCpuDuration())
        .map(Duration::toMillis)
        .orElse(0L);
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
  }

  static String millis(double nanos) {
    return String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
  }
}
