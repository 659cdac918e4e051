package io.quorate.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.Created;
import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/**
 * Goal: {@code quorate lock} runs its command only while it holds the lock. Method: real processes
 * against a real ensemble; the test plays the recipes' part with znodes of their names.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LockCommandTest {
  private EmbeddedEnsemble ensemble;
  private QuorateClient client;
  private final List<ProcessHandle> started = new ArrayList<>();
  private String path = "";

  @BeforeAll
  void startEnsemble() {
    ensemble = EmbeddedEnsemble.start(1);
    client = ensemble.client("test");
  }

  @AfterAll
  void stopEnsemble() {
    client.close();
    ensemble.close();
  }

  @BeforeEach
  void choosePath(TestInfo test) {
    path = "/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void endAll() {
    started.forEach(ProcessHandle::destroyForcibly);
  }

  private Process lock(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                QuorateMain.class.getName(),
                "lock",
                "--connect",
                ensemble.connectString(),
                "--session",
                "4s",
                path));
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    started.add(process.toHandle());
    return process;
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private List<String> names() {
    try {
      return client.blocking().children(path).names();
    } catch (NoNodeException e) {
      return List.of();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private ProcessHandle commandOf(BufferedReader output) throws IOException {
    ProcessHandle command = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
    started.add(command);
    return command;
  }

  @Test
  void command_getsItsTokenAndGivesItsExitCode() throws IOException, InterruptedException {
    Process process =
        lock("--", "sh", "-c", "echo $QUORATE_LOCK; echo $QUORATE_FENCING_TOKEN; exit 7");

    try (BufferedReader output = process.inputReader(UTF_8)) {
      assertThat(output.readLine()).isEqualTo(path);
      assertThat(Long.parseLong(output.readLine())).isPositive();
    }
    assertThat(exitCode(process)).isEqualTo(7);
    assertThat(names()).isEmpty();
  }

  @Test
  void lockOfARecipe_isWaitedFor() throws IOException, InterruptedException {
    client.blocking().create(path, null);
    Created held = client.blocking().create(path + "/lock-", null, CreateMode.EPHEMERAL_SEQUENTIAL);

    Process late = lock("--wait", "300ms", "--", "sh", "-c", "echo ran");
    assertThat(exitCode(late)).isEqualTo(ExitCodes.NO);
    assertThat(late.inputReader(UTF_8).readLine()).isNull();
    ensemble.await("only the holder", () -> names().size() == 1);
    Process patient = lock("--", "sh", "-c", "echo ran");
    ensemble.await("the command to queue", () -> names().size() == 2);
    client.blocking().delete(held.path());

    assertThat(patient.inputReader(UTF_8).readLine()).isEqualTo("ran");
    assertThat(exitCode(patient)).isZero();
  }

  @Test
  void lostLock_endsTheCommand_evenOneThatIgnoresSigterm()
      throws IOException, InterruptedException {
    Process process =
        lock(
            "--grace",
            "300ms",
            "--",
            "sh",
            "-c",
            "trap '' TERM; echo $$; while true; do sleep 0.1; done");
    try (BufferedReader output = process.inputReader(UTF_8)) {
      ProcessHandle command = commandOf(output);

      client.blocking().delete(ZnodePath.child(path, names().get(0)));

      assertThat(exitCode(process)).isEqualTo(ExitCodes.NO);
      assertThat(command.isAlive()).isFalse();
    }
  }

  @Test
  void expiredSession_endsTheCommand() throws IOException, InterruptedException {
    Process process = lock("--", "sh", "-c", "echo $$; exec sleep 600");
    try (BufferedReader output = process.inputReader(UTF_8)) {
      ProcessHandle command = commandOf(output);
      String place = ZnodePath.child(path, names().get(0));
      long session = client.blocking().get(place).stat().ephemeralOwner();

      ensemble.expireSession(session);

      assertThat(exitCode(process)).isEqualTo(ExitCodes.NO);
      assertThat(command.isAlive()).isFalse();
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void sigterm_endsTheCommandAndGivesTheLockBack() throws IOException, InterruptedException {
    Process process = lock("--", "sh", "-c", "echo $$; exec sleep 600");
    try (BufferedReader output = process.inputReader(UTF_8)) {
      ProcessHandle command = commandOf(output);

      process.destroy();

      assertThat(exitCode(process)).isNotZero();
      assertThat(command.isAlive()).isFalse();
      ensemble.await("the lock to be free", () -> names().isEmpty());
    }
  }
}
