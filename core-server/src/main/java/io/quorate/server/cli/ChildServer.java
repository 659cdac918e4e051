package io.quorate.server.cli;

import io.quorate.server.cli.EnsembleLayout.ServerFiles;
import io.quorate.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server as a JVM of its own, with the flags and the class path of this one.
 *
 * <p>It ends by itself when its standard input does, so it never outlives this process.
 */
final class ChildServer {
  private static final int LOG_LINES_SHOWN = 5;

  private final ServerConfig config;
  private final ServerFiles files;
  private final Process process;

  private ChildServer(ServerConfig config, ServerFiles files, Process process) {
    this.config = config;
    this.files = files;
    this.process = process;
  }

  static ChildServer start(ServerFiles files) throws IOException {
    RuntimeMXBean jvm = ManagementFactory.getRuntimeMXBean();
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(jvm.getInputArguments());
    command.add("-cp");
    command.add(jvm.getClassPath());
    command.add(QuorateMain.class.getName());
    command.addAll(List.of("server", "--config", files.config().toString()));
    command.add("--until-input-ends");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()))
            .start();
    return new ChildServer(files.read(), files, process);
  }

  int id() {
    return config.serverId();
  }

  String clientAddress() {
    return config.client().bind() + ":" + config.client().port();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** One line about it. */
  String describe() {
    return "server %d: clients %s, peers %s, admin http://%s:%d, pid %d, data %s, log %s"
        .formatted(
            id(),
            clientAddress(),
            config.self().address(),
            config.admin().bind(),
            config.admin().port(),
            process.pid(),
            config.dataDir(),
            files.log());
  }

  /** Says that it ended, and the last that it said. */
  void explainEnd(PrintStream err) throws IOException {
    err.println("server " + id() + " ended with exit code " + process.exitValue() + "; its log:");
    List<String> lines = Files.readAllLines(files.log(), StandardCharsets.UTF_8);
    lines
        .subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size())
        .forEach(line -> err.println("  " + line));
  }

  /** Asks it to close in good order; returns at once. */
  void askToEnd() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The pipe is broken: then it has ended, or is about to be ended.
      process.destroy();
    }
  }

  /** Waits for its end; ends it hard when {@code atMost} is over. */
  void awaitEnd(Duration atMost) throws InterruptedException {
    if (!process.waitFor(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
