package io.quorate.recipes.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the recipe and {@code quorate lock} keep each other out, though they share no code. Method:
 * processes of the command and clients of the recipe at one path; each holder leaves its token in a
 * file when it comes and when it goes.
 */
class CommandAndRecipeTest extends LockTestBase {
  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process command(String script, Path argument) throws IOException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                "io.quorate.server.cli.QuorateMain",
                "lock",
                "--connect",
                ensemble.connectString(),
                "--session",
                "10s",
                path,
                "--",
                "sh",
                "-c",
                script,
                argument.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    started.add(process);
    return process;
  }

  /** Of a client that outlives the start of many processes on a slow machine. */
  private DistributedLock lockOf(String name) {
    return Recipes.on(client(name, Duration.ofSeconds(10))).lock(path);
  }

  private static void awaitEnd(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private static void trace(Path file, String sign, Grant grant) {
    try {
      Files.writeString(file, sign + grant.fencingToken() + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void commandsAndRecipesInOneQueue_neverOverlapAndTheirTokensGrow()
      throws IOException, InterruptedException {
    Path trace = Files.createFile(directory.resolve("trace"));
    QuorateClient observer = client("observer", Duration.ofSeconds(10));
    Grant first = lockOf("first").acquire(LONG);
    trace(trace, "+", first);
    List<CompletableFuture<Void>> recipes = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      command(
          "echo +$QUORATE_FENCING_TOKEN >> $0; sleep 0.05; echo -$QUORATE_FENCING_TOKEN >> $0",
          trace);
      awaitQueued(observer, 2 * i);
      recipes.add(
          lockOf("recipe-" + i)
              .acquireAsync(LONG)
              .thenAcceptAsync(
                  grant -> {
                    trace(trace, "+", grant);
                    trace(trace, "-", grant);
                    grant.close();
                  }));
      awaitQueued(observer, 2 * i + 1);
    }
    trace(trace, "-", first);
    first.close();
    for (Process process : started) {
      awaitEnd(process);
    }
    recipes.forEach(CompletableFuture::join);

    List<String> lines = Files.readAllLines(trace);
    assertThat(lines).hasSize(14);
    long last = 0;
    for (int i = 0; i < lines.size(); i += 2) {
      long token = Long.parseLong(lines.get(i).substring(1));
      assertThat(lines.subList(i, i + 2)).containsExactly("+" + token, "-" + token);
      assertThat(token).isGreaterThan(last);
      last = token;
    }
    awaitQueued(observer, 0);
  }

  @Test
  void lockOfARunningCommand_isWaitedForByTheRecipe() throws IOException, InterruptedException {
    Path signal = directory.resolve("signal");
    Process holder =
        command("echo $QUORATE_FENCING_TOKEN; while [ ! -e $0 ]; do sleep 0.05; done", signal);
    try (BufferedReader output = holder.inputReader(UTF_8)) {
      final long token = Long.parseLong(output.readLine());
      DistributedLock lock = lockOf("waiter");
      assertThatThrownBy(() -> lock.acquire(SHORT)).isInstanceOf(AcquireTimeoutException.class);

      Files.createFile(signal);
      try (Grant grant = lock.acquire(LONG)) {
        assertThat(grant.fencingToken()).isGreaterThan(token);
      }
      awaitEnd(holder);
    }
  }
}
