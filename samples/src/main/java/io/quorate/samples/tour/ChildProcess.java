package io.quorate.samples.tour;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A JVM of its own that speaks in lines on standard output, listens on standard input, and ends
 * when that closes. Errors go to a file.
 */
final class ChildProcess implements AutoCloseable {
  private final String name;
  private final Process process;
  private final Writer input;
  private boolean stopped;

  /**
   * Starts {@code mainClass} with this JVM's own class path.
   *
   * @param onLine called on a thread of its own for each line it prints
   */
  ChildProcess(
      String name, Path logFile, Consumer<String> onLine, String mainClass, String... args) {
    this.name = name;
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    // Short-lived small JVMs: quick to start, one collector thread, little heap.
    command.addAll(
        List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", ManagementFactory.getRuntimeMXBean().getClassPath(), mainClass));
    command.addAll(List.of(args));
    try {
      process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(new File(logFile.toString())))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("can't start " + name, e);
    }
    input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread reader = new Thread(() -> read(onLine), name + "-output");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(Consumer<String> onLine) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        onLine.accept(line);
        line = lines.readLine();
      }
    } catch (IOException e) {
      // The process was killed while it wrote.
      return;
    }
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends one line. */
  void tell(String line) {
    try {
      input.write(line + "\n");
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " does not listen any more", e);
    }
  }

  /** SIGKILL: no shutdown hook, no flush, nothing. */
  void kill() {
    process.destroyForcibly();
    waitForEnd();
  }

  /** SIGSTOP: not scheduled any more; its clocks and its connections go on without it. */
  void freeze() {
    stopped = true;
    signal("-STOP");
  }

  /** SIGCONT. */
  void thaw() {
    signal("-CONT");
    stopped = false;
  }

  private void signal(String which) {
    try {
      int exit =
          new ProcessBuilder("kill", which, Long.toString(pid())).inheritIO().start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill " + which + " " + pid() + " ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("this tour needs the command kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Ends it for certain; also when it is frozen. */
  @Override
  public void close() {
    if (stopped && process.isAlive()) {
      thaw();
    }
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void waitForEnd() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
