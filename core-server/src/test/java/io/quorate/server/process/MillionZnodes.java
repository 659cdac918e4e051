package io.quorate.server.process;

import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a million znodes of 100 bytes cost three server processes: heap, the time of a snapshot, the
 * longest turn of the node thread meanwhile, and the time to serve again after SIGKILL.
 *
 * <p>Argument of {@link #main}: number of znodes (default 1,000,000).
 */
public final class MillionZnodes {
  private static final int DATA_BYTES = 100;
  private static final int CHILDREN = 1000;
  private static final int PER_MULTI = 50;
  private static final int WINDOW = 200;

  /** So long a meter remembers its maximum. */
  private static final Duration FORGETTING = Duration.ofSeconds(125);

  private final ServerMeters meters = new ServerMeters();
  private final ServerProcesses servers;
  private final int count;

  private final Duration forgetting;

  MillionZnodes(ServerProcesses servers, int count, Duration forgetting) {
    this.servers = servers;
    this.count = count;
    this.forgetting = forgetting;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    Path directory = Files.createTempDirectory("quorate-million-znodes");
    System.out.println("data in " + directory);
    // A snapshot comes of the writes that follow the load.
    String configuration =
        "snapshot.every.entries = %d%nsnapshot.every.bytes = 16GiB%n"
            .formatted(count / PER_MULTI + count / 20);
    try (ServerProcesses servers =
        new ServerProcesses(
            directory,
            List.of("-Xmx1500m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=50"),
            configuration)) {
      servers.awaitAllServing();
      new MillionZnodes(servers, count, FORGETTING).run();
    }
    System.out.println("DONE");
  }

  void run() throws IOException, InterruptedException {
    try (QuorateClient client =
        QuorateClient.builder(servers.connectString())
            .requestTimeout(Duration.ofSeconds(60))
            .build()) {
      client.blocking().create("/load", null);
      long[] before = heaps();
      try (LongestTurns turns = new LongestTurns(servers)) {
        load(client);
        turns.print("during the load");
      }
      client.blocking().sync();
      servers.equalDigests();
      long[] after = heaps();
      for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
        System.out.printf(
            Locale.ROOT,
            "server %d: %d bytes of live heap per znode of %d bytes of data%n",
            id,
            (after[id] - before[id]) / count,
            DATA_BYTES);
      }
      LockSupport.parkNanos(forgetting.toNanos());
      try (LongestTurns turns = new LongestTurns(servers)) {
        snapshot(client);
        turns.print("while the snapshots were written");
      }
    }
    restarts();
  }

  private long[] heaps() throws IOException, InterruptedException {
    long[] heaps = new long[ServerProcesses.SERVERS + 1];
    for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
      heaps[id] = meters.liveHeapBytes(servers.pid(id));
    }
    return heaps;
  }

  private void load(QuorateClient client) throws InterruptedException {
    byte[] data = new byte[DATA_BYTES];
    Arrays.fill(data, (byte) 'x');
    Pipeline pipeline = new Pipeline(WINDOW);
    long start = System.nanoTime();
    List<Op> multi = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      if (n % CHILDREN == 0) {
        multi.add(Op.create("/load/" + n / CHILDREN, null));
      }
      multi.add(Op.create("/load/" + n / CHILDREN + "/" + n % CHILDREN, data));
      if (multi.size() >= PER_MULTI || n == count - 1) {
        pipeline.enter();
        pipeline.track(client.multi(List.copyOf(multi)));
        multi.clear();
      }
    }
    pipeline.drain();
    long nanos = System.nanoTime() - start;
    System.out.printf(
        Locale.ROOT,
        "%d znodes created in %s, %.0f/s in multis of %d%n",
        count,
        ServerMeters.seconds(nanos),
        count * 1e9 / nanos,
        PER_MULTI);
  }

  /** Sets, one after the other, until each server has written a snapshot. */
  private void snapshot(QuorateClient client) throws IOException, InterruptedException {
    long[] zxids = new long[ServerProcesses.SERVERS + 1];
    for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
      zxids[id] = snapshotZxid(id);
    }
    byte[] data = new byte[DATA_BYTES];
    List<Long> latencies = new ArrayList<>();
    Pipeline pipeline = new Pipeline(WINDOW);
    long longest = 0;
    boolean all = false;
    for (long n = 0; !all; n++) {
      // Most writes only push the log on; every hundredth is waited for and measured.
      if (n % 100 == 0) {
        long start = System.nanoTime();
        client.blocking().set("/load/0/0", data);
        long took = System.nanoTime() - start;
        latencies.add(took);
        longest = Math.max(longest, took);
      } else {
        pipeline.enter();
        pipeline.track(client.set(spread(n), data));
      }
      if (n % 2000 == 0) {
        all = true;
        for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
          all &= snapshotZxid(id) != zxids[id];
        }
      }
    }
    pipeline.drain();
    latencies.sort(null);
    System.out.printf(
        Locale.ROOT,
        "writes while the snapshots were written: %d measured, median %s, 99 %% %s, longest %s%n",
        latencies.size(),
        ServerMeters.millis(latencies.get(latencies.size() / 2)),
        ServerMeters.millis(latencies.get(latencies.size() * 99 / 100)),
        ServerMeters.millis(longest));
    for (int id = 1; id <= ServerProcesses.SERVERS; id++) {
      System.out.printf(
          Locale.ROOT,
          "server %d: snapshot written in %.2f s; longest pause of the collector %.1f ms%n",
          id,
          meters.value(servers.adminPort(id), "quorate_server_snapshot_write_seconds_max"),
          1000 * meters.value(servers.adminPort(id), "jvm_gc_pause_seconds_max"));
    }
  }

  /** Some znode that was loaded, in some order. */
  private String spread(long n) {
    return "/load/"
        + n % Math.max(1, Math.min(7, count / CHILDREN))
        + "/"
        + n % Math.min(991, count);
  }

  private long snapshotZxid(int id) throws InterruptedException {
    ServerStatus status = servers.status(id);
    return status == null ? 0 : status.snapshotZxid();
  }

  private void restarts() throws IOException, InterruptedException {
    int leader = servers.leader();
    int follower = leader == 1 ? 2 : 1;
    restart("follower", List.of(follower));
    restart("leader", List.of(servers.leader()));
    restart("all three", List.of(1, 2, 3));
  }

  private void restart(String what, List<Integer> ids) throws IOException, InterruptedException {
    servers.equalDigests();
    ServerStatus before = servers.status(ids.get(0));
    long applied = before == null ? 0 : before.appliedZxid();
    for (int id : ids) {
      servers.kill(id);
    }
    long start = System.nanoTime();
    for (int id : ids) {
      servers.start(id);
    }
    @Nullable ServerStatus last = null;
    for (int id : ids) {
      while (last == null
          || !last.serving()
          || last.serverId() != id
          || last.appliedZxid() < applied) {
        last = servers.status(id);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "SIGKILL of %s: serves with all that it had applied %s after its start, %d znodes%n",
        what,
        ServerMeters.seconds(System.nanoTime() - start),
        last == null ? 0 : last.znodes());
  }
}
