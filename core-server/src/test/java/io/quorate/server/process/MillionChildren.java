package io.quorate.server.process;

import io.quorate.client.QuorateClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A million children under one znode: created one by one, paged through in name order, deleted.
 *
 * <p>Argument of {@link #main}: number of children (default 1,000,000).
 */
public final class MillionChildren {
  private static final int WINDOW = 1000;
  private static final int PAGE = 4000;

  private MillionChildren() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    Path directory = Files.createTempDirectory("quorate-million-children");
    System.out.println("data in " + directory);
    try (ServerProcesses servers =
            new ServerProcesses(
                directory, List.of("-Xmx1500m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=50"), "");
        QuorateClient client =
            QuorateClient.builder(servers.connectString())
                .requestTimeout(Duration.ofSeconds(60))
                .build()) {
      servers.awaitAllServing();
      try (LongestTurns turns = new LongestTurns(servers)) {
        run(servers, client, count);
        turns.print("in all");
      }
    }
    System.out.println("DONE");
  }

  static void run(ServerProcesses servers, QuorateClient client, int count)
      throws IOException, InterruptedException {
    client.blocking().create("/many", null);
    long start = System.nanoTime();
    Pipeline pipeline = new Pipeline(WINDOW);
    for (int n = 0; n < count; n++) {
      pipeline.enter();
      pipeline.track(client.create(path(n), null));
    }
    pipeline.drain();
    report("created", count, start);

    start = System.nanoTime();
    int found = 0;
    String last = "";
    long slowest = 0;
    boolean more = true;
    while (more) {
      long asked = System.nanoTime();
      var page = client.blocking().childrenPage("/many", last, PAGE);
      slowest = Math.max(slowest, System.nanoTime() - asked);
      for (String name : page.names()) {
        if (name.compareTo(last) <= 0) {
          throw new IllegalStateException(name + " came after " + last);
        }
        last = name;
        found++;
      }
      more = page.more();
    }
    if (found != count) {
      throw new IllegalStateException("expected " + count + " children, found " + found);
    }
    report("paged through, " + PAGE + " names a page,", count, start);
    System.out.println("slowest page " + ServerMeters.millis(slowest));

    start = System.nanoTime();
    for (int n = 0; n < count; n++) {
      pipeline.enter();
      pipeline.track(client.delete(path(n)));
    }
    pipeline.drain();
    report("deleted", count, start);
    servers.equalDigests();
  }

  private static String path(int n) {
    return String.format(Locale.ROOT, "/many/child-%07d", n);
  }

  private static void report(String what, int count, long start) {
    long nanos = System.nanoTime() - start;
    System.out.printf(
        Locale.ROOT,
        "%d children %s in %s, %.0f/s%n",
        count,
        what,
        ServerMeters.seconds(nanos),
        count * 1e9 / nanos);
  }
}
