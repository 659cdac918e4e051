package io.quorate.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: each scenario reads as a transcript: commands behind {@code >}, below each what happened.
 *
 * <p>Method: every script is run and its output compared with the file. {@code
 * -Dquorate.rewrite=true} writes the files anew; commit that only if every changed line is
 * understood. {@link Script} knows the verbs.
 */
class ScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/replication");

  static Stream<String> scripts() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(n -> n.endsWith(".txt"))
              .sorted()
              .toList();
      assertThat(names).hasSizeGreaterThan(10);
      return names.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void script_happensAsWritten(String name) throws IOException {
    Path file = SCRIPTS.resolve(name);
    String written = Files.readString(file);
    String happened = run(written);
    if (Boolean.getBoolean("quorate.rewrite")) {
      Files.writeString(file, happened);
    }
    assertThat(happened).isEqualTo(Boolean.getBoolean("quorate.rewrite") ? happened : written);
  }

  static String run(String text) {
    Script script = new Script();
    List<String> happened = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("#") || line.isBlank()) {
        happened.add(line);
      } else if (line.startsWith("> ")) {
        happened.add(line);
        for (String output : script.execute(line.substring(2).trim())) {
          happened.add("  " + output);
        }
      }
    }
    return String.join("\n", happened) + "\n";
  }

  /** For running a script outside of the test. */
  static String runFile(Path file) {
    try {
      return run(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
