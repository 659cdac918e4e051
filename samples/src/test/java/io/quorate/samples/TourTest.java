package io.quorate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: the tour keeps what the README promises. Method: as a user, in a process of its own. */
class TourTest {

  private record Outcome(int exitCode, String output) {}

  private static Outcome tour(Path directory, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-cp", ManagementFactory.getRuntimeMXBean().getClassPath()));
    command.addAll(
        List.of("io.quorate.samples.tour.TourMain", "--dir", directory.resolve("tour").toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream in = process.getInputStream()) {
      String output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      System.out.print(output);
      return new Outcome(process.waitFor(), output);
    }
  }

  @Test
  void tour_passesItsOwnChecks(@TempDir Path directory) throws IOException, InterruptedException {
    Outcome outcome = tour(directory);

    assertThat(outcome.output()).contains("kept the lock").contains("REFUSED").contains("PASS");
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void tourWithoutFencing_fails(@TempDir Path directory) throws IOException, InterruptedException {
    Outcome outcome = tour(directory, "--break", "fencing");

    assertThat(outcome.output()).contains("ACCEPTED").contains("WRONG").contains("FAIL");
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  @Test
  void unknownArgument_showsTheUsage(@TempDir Path directory)
      throws IOException, InterruptedException {
    Outcome outcome = tour(directory, "--nonsense");

    assertThat(outcome.output()).contains("usage: tour");
    assertThat(outcome.exitCode()).isEqualTo(2);
  }
}
