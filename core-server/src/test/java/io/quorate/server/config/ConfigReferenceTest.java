package io.quorate.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: documents show the settings that there are. Method: compare with the generated text; {@code
 * mvn test -Dtest=ConfigReferenceTest -Dquorate.test.jvmArgs=-Dquorate.rewrite=true} writes them
 * anew.
 */
class ConfigReferenceTest {
  private static final Path EXAMPLE = Path.of("src/main/dist/conf/quorate.conf.example");

  static Stream<Arguments> documents() {
    return Stream.of(
        Arguments.of(Path.of("../docs/operations/configuration.md"), ConfigReference.markdown()),
        Arguments.of(EXAMPLE, ConfigReference.example()));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void document_showsTheSettingsThatThereAre(Path document, String generated) throws IOException {
    if (Boolean.getBoolean("quorate.rewrite")) {
      Files.createDirectories(document.toAbsolutePath().normalize().getParent());
      Files.writeString(document, generated);
    }

    assertThat(document).hasContent(generated);
  }

  @Test
  void example_isAConfigurationThatStarts() {
    assertThat(ConfigParser.read(EXAMPLE).client()).isEqualTo(ClientConfig.defaults());
  }
}
