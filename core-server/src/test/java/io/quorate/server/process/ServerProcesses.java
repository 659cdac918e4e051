package io.quorate.server.process;

import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Three servers of one ensemble, each a JVM of its own with real files, that can be killed and
 * started again.
 */
final class ServerProcesses implements AutoCloseable {
  static final int SERVERS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(1);

  private final Path directory;
  private final List<String> jvmOptions;
  private final int[] clientPorts = new int[SERVERS + 1];
  private final int[] adminPorts = new int[SERVERS + 1];
  private final @Nullable Process[] processes = new @Nullable Process[SERVERS + 1];

  /** Small heaps, segments and snapshots, so that a short load reaches what takes long. */
  ServerProcesses(Path directory) throws IOException {
    this(
        directory,
        List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
        "log.segment.bytes = 1MiB%nsnapshot.every.entries = 5000%n".formatted());
  }

  /**
   * @param jvmOptions for each server
   * @param configuration further lines of each configuration file
   */
  ServerProcesses(Path directory, List<String> jvmOptions, String configuration)
      throws IOException {
    String instead = System.getProperty("quorate.servers.jvm", "");
    this.jvmOptions = instead.isEmpty() ? List.copyOf(jvmOptions) : List.of(instead.split(" "));
    this.directory = directory;
    List<ServerSocket> held = new ArrayList<>();
    StringBuilder ensemble = new StringBuilder();
    int[] peerPorts = new int[SERVERS + 1];
    for (int id = 1; id <= SERVERS; id++) {
      clientPorts[id] = freePort(held);
      peerPorts[id] = freePort(held);
      adminPorts[id] = freePort(held);
      ensemble.append(id == 1 ? "" : ", ").append(id).append("@127.0.0.1:").append(peerPorts[id]);
    }
    for (ServerSocket socket : held) {
      socket.close();
    }
    for (int id = 1; id <= SERVERS; id++) {
      Files.createDirectories(home(id));
      Files.writeString(
          home(id).resolve("quorate.conf"),
          String.format(
              Locale.ROOT,
              "server.id = %d%ndata.dir = data%nclient.port = %d%npeer.port = %d%nadmin.port = %d%n"
                  + "ensemble.servers = %s%n%s",
              id,
              clientPorts[id],
              peerPorts[id],
              adminPorts[id],
              ensemble,
              configuration));
      start(id);
    }
  }

  /** Held until all are drawn, so that no port is drawn twice. */
  private static int freePort(List<ServerSocket> held) throws IOException {
    ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    held.add(socket);
    return socket.getLocalPort();
  }

  private Path home(int id) {
    return directory.resolve("server-" + id);
  }

  Path dataDirectory(int id) {
    return home(id).resolve("data");
  }

  String connectString() {
    return address(1) + "," + address(2) + "," + address(3);
  }

  private String address(int id) {
    return "127.0.0.1:" + clientPorts[id];
  }

  int clientPort(int id) {
    return clientPorts[id];
  }

  int adminPort(int id) {
    return adminPorts[id];
  }

  void start(int id) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(javaTool("java"));
    command.addAll(jvmOptions);
    command.addAll(
        List.of(
            "-Dquorate.log=" + System.getProperty("quorate.servers.log", "INFO"),
            "-cp",
            System.getProperty("java.class.path"),
            "io.quorate.server.cli.QuorateMain",
            "server",
            "--config",
            home(id).resolve("quorate.conf").toString(),
            "--until-input-ends"));
    processes[id] =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(home(id).resolve("server.log").toFile()))
            .start();
  }

  /** A program of the JDK that runs this. */
  static String javaTool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  long pid(int id) {
    Process process = processes[id];
    if (process == null) {
      throw new IllegalStateException("server " + id + " was not started");
    }
    return process.pid();
  }

  /** SIGKILL; returns when the process is gone. */
  void kill(int id) throws InterruptedException {
    Process process = processes[id];
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  boolean isAlive(int id) {
    Process process = processes[id];
    return process != null && process.isAlive();
  }

  /** What a server says of itself; null if it does not answer. */
  @Nullable ServerStatus status(int id) throws InterruptedException {
    CompletableFuture<ServerStatus> asked = QuorateClient.status(address(id), STATUS_TIMEOUT);
    try {
      return asked.get();
    } catch (ExecutionException e) {
      return null;
    }
  }

  /** Id of the server that leads and serves; waits until there is one. */
  int leader() throws InterruptedException {
    int[] leader = new int[1];
    await(
        "a leader",
        () -> {
          for (int id = 1; id <= SERVERS; id++) {
            ServerStatus status = isAlive(id) ? quietStatus(id) : null;
            if (status != null && status.serving() && status.role().equals("leader")) {
              leader[0] = id;
              return true;
            }
          }
          return false;
        });
    return leader[0];
  }

  /** Waits until all three serve. */
  void awaitAllServing() {
    await(
        "three servers that serve",
        () -> {
          for (int id = 1; id <= SERVERS; id++) {
            ServerStatus status = quietStatus(id);
            if (status == null || !status.serving()) {
              return false;
            }
          }
          return true;
        });
  }

  /** Waits until all three serve and have applied the same, and returns their digests. */
  List<Long> equalDigests() {
    List<Long> digests = new ArrayList<>();
    await(
        "three servers at one zxid",
        () -> {
          digests.clear();
          long zxid = -1;
          for (int id = 1; id <= SERVERS; id++) {
            ServerStatus status = quietStatus(id);
            if (status == null
                || !status.serving()
                || (zxid >= 0 && status.appliedZxid() != zxid)) {
              return false;
            }
            zxid = status.appliedZxid();
            digests.add(status.digest());
          }
          return true;
        });
    return digests;
  }

  private @Nullable ServerStatus quietStatus(int id) {
    try {
      return status(id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static void await(String what, BooleanSupplier condition) {
    long endNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - endNanos > 0) {
        throw new AssertionError("waited " + PATIENCE.toSeconds() + " s in vain for " + what);
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  /** SIGTERM, and what does not end in time is killed. */
  @Override
  public void close() throws InterruptedException {
    for (int id = 1; id <= SERVERS; id++) {
      kill(id);
    }
  }
}
