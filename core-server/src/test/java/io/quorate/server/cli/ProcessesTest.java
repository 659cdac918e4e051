package io.quorate.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.Consistency;
import io.quorate.client.QuorateClient;
import io.quorate.client.ServerStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: real processes keep what they acknowledged over SIGKILL, and none is left behind. Method:
 * {@code quorate ensemble} and {@code quorate server} as a user runs them, from the class path.
 */
class ProcessesTest {
  private static final Pattern CHILD =
      Pattern.compile("server (\\d+): clients (\\S+), peers \\S+, admin \\S+, pid (\\d+), .*");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final List<ProcessHandle> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    started.forEach(ProcessHandle::destroyForcibly);
  }

  /** One server of the ensemble. */
  private record Child(int id, String clients, ProcessHandle process) {}

  @Test
  void leaderKilledBySignal9_losesNothing_andNobodyOutlivesTheCommand()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    Process ensemble =
        quorate(
            "ensemble",
            "--servers=3",
            "--observers=1",
            "--dir=" + directory,
            "--base-port=" + freePort());
    List<Child> children = new ArrayList<>();
    String connect = awaitReady(ensemble, children);
    assertThat(children).hasSize(4);
    assertThat(QuorateClient.status(children.get(3).clients(), PATIENCE).get().role())
        .isEqualTo("observer");
    try (QuorateClient client =
        QuorateClient.builder(connect).requestTimeout(PATIENCE).clientName("test").build()) {
      client.blocking().create("/p", "1".getBytes(UTF_8));
      Child leader = leader(children);
      long killedNanos = System.nanoTime();
      leader.process().destroyForcibly();
      client.blocking().set("/p", "2".getBytes(UTF_8));
      System.out.println(
          "[processes] a write after SIGKILL of the leader took "
              + (System.nanoTime() - killedNanos) / 1_000_000
              + " ms");

      assertThat(client.blocking().get("/p", Consistency.LINEARIZABLE).data())
          .isEqualTo("2".getBytes(UTF_8));
      assertThat(client.blocking().get("/p").stat().version()).isEqualTo(1);
    }

    ensemble.destroyForcibly(); // not even SIGKILL of the parent leaves a server behind
    for (Child child : children) {
      child.process().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void serverAskedToEnd_closesInOrder_andNamesABusyPort() throws IOException, InterruptedException {
    String peerPort = freePort();
    Path config = directory.resolve("q.conf");
    Files.writeString(
        config,
        """
        server.id = 1
        data.dir = data
        client.port = 0
        admin.port = off
        peer.port = %s
        ensemble.servers = 1@127.0.0.1:%s
        """
            .formatted(peerPort, peerPort));
    Process server = quorate("server", "--config", config.toString());
    String line = awaitLine(server, "server 1 of 1");
    assertThat(line)
        .matches(
            "server 1 of 1 \\(leader\\): clients 127.0.0.1:\\d+, peers .*, admin off, data"
                + " .*/data");

    CommandRun second = CommandRun.of("", "server", "--config", config.toString());
    assertThat(second.exitCode()).isEqualTo(ExitCodes.UNAVAILABLE);
    assertThat(second.err()).contains("127.0.0.1:" + peerPort).hasLineCount(1);

    CommandRun check = CommandRun.of("", "check", directory.resolve("data").toString());
    assertThat(check.err()).contains("is in use by a running server").hasLineCount(1);
    assertThat(check.out()).contains("segments").endsWith("as far as it was readable in use\n");

    server.destroy(); // SIGTERM
    assertThat(server.waitFor(5, TimeUnit.SECONDS)).as("closed within 5 s").isTrue();
    assertThat(server.exitValue()).isZero();
    CommandRun after = CommandRun.of("", "check", directory.resolve("data").toString());
    assertThat(after.err()).isEmpty();
    assertThat(after.out()).endsWith("sound\n");
  }

  private Process quorate(String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(QuorateMain.class.getName());
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    started.add(process.toHandle());
    return process;
  }

  /** Reads until the command says that it is ready; returns the connect string. */
  private String awaitReady(Process ensemble, List<Child> children) throws IOException {
    BufferedReader lines = ensemble.inputReader(UTF_8);
    String connect = "";
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher child = CHILD.matcher(line);
      if (child.matches()) {
        ProcessHandle process = ProcessHandle.of(Long.parseLong(child.group(3))).orElseThrow();
        started.add(process);
        children.add(new Child(Integer.parseInt(child.group(1)), child.group(2), process));
      } else if (line.startsWith("connect ")) {
        connect = line.substring("connect ".length());
      } else if (line.startsWith("ready ")) {
        System.out.println("[processes] three server processes and an observer " + line);
        return connect;
      }
    }
    throw new IllegalStateException("the ensemble ended before it was ready");
  }

  private static String awaitLine(Process process, String start) throws IOException {
    BufferedReader lines = process.inputReader(UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(start)) {
        return line;
      }
    }
    throw new IllegalStateException("the process ended before it said: " + start);
  }

  private static Child leader(List<Child> children)
      throws InterruptedException, ExecutionException {
    for (Child child : children) {
      CompletableFuture<ServerStatus> status = QuorateClient.status(child.clients(), PATIENCE);
      if (status.get().role().equals("leader")) {
        return child;
      }
    }
    throw new IllegalStateException("nobody leads");
  }

  /** Free now, and below the range that outgoing connections take theirs from. */
  private static String freePort() {
    SplittableRandom random = new SplittableRandom();
    while (true) {
      int port = random.nextInt(15_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return String.valueOf(socket.getLocalPort());
      } catch (IOException e) {
        continue; // busy; the next one
      }
    }
  }
}
