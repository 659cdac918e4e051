package io.quorate.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: the commands behind docs/figures.md go on working; their figures are nobody's promise.
 *
 * <p>Method: each runs to its end at a thousandth of its size, all of them at the same three server
 * processes; they check what they count themselves.
 */
class FiguresTest {
  private static final Pattern MAIN = Pattern.compile("run-test-main\" (\\S+)");

  @Test
  void figures_areMeasuredToTheEnd_atATinySize(@TempDir Path directory)
      throws IOException, InterruptedException {
    try (ServerProcesses servers =
        new ServerProcesses(
            directory,
            List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
            "snapshot.every.entries = 400%n".formatted())) {
      servers.awaitAllServing();
      try (QuorateClient client = QuorateClient.builder(servers.connectString()).build();
          RawSessions sessions = new RawSessions()) {
        ManyConnections.run(servers, client, sessions, 20, Duration.ZERO, 2);
        MillionChildren.run(servers, client, 300);
        assertThat(client.blocking().get("/many").stat().numChildren()).isZero();
      }
      new MillionZnodes(servers, 500, Duration.ZERO).run();
      assertThat(servers.status(1)).isNotNull().matches(status -> status.znodes() > 500);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"kill-rounds", "many-connections", "million-children", "million-znodes", "sim"})
  void command_namesAClassThatIsThere(String name)
      throws IOException, ClassNotFoundException, NoSuchMethodException {
    Matcher main = MAIN.matcher(Files.readString(Path.of("bin", name)));
    assertThat(main.find()).as("a main class in bin/" + name).isTrue();
    assertThat(Class.forName(main.group(1)).getMethod("main", String[].class)).isNotNull();
  }
}
