package io.quorate.server.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Goal: what people write of access, quotas and credentials. Method: text in, values out. */
class CommandTextsTest {

  @Test
  void acl_isReadAndWrittenInOneForm() {
    String text = "world:anyone:r,digest:ann:h=:cdrwa,ip:fd00::/8:rw,auth::a";
    assertThat(AclText.parse(text))
        .containsExactly(
            new Acl(Acl.READ, Identity.ANYONE),
            new Acl(Acl.ALL, new Identity("digest", "ann:h=")),
            new Acl(Acl.READ | Acl.WRITE, new Identity("ip", "fd00::/8")),
            new Acl(Acl.ADMIN, new Identity("auth", "")));
    assertThat(String.join(",", AclText.parse(text).stream().map(AclText::of).toList()))
        .isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "world", "world:anyone", "world:anyone:", ":x:r", "a:b:r,", "a:b:q"})
  void aclThatIsNone_isRefused(String text) {
    assertThatThrownBy(() -> AclText.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          count=5,bytes=-1                                        | 5  | -1 | -1 | -1
          count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=7   | -1 | -1 | 7  | 100
          count=1,bytes=2=;countHardLimit=3                       | 1  | 2  | 3  | -1
          nonsense                                                | -1 | -1 | -1 | -1
          """)
  void quota_isReadInZooKeepersForm(
      String text, long count, long bytes, long countHard, long bytesHard) {
    QuotaLimits limits = QuotaLimits.parse(text.getBytes(US_ASCII));
    assertThat(limits).isEqualTo(new QuotaLimits(count, bytes, countHard, bytesHard));
    assertThat(QuotaLimits.parse(limits.encode())).isEqualTo(limits);
    if (text.startsWith("count")) {
      assertThat(limits.encode()).asString(US_ASCII).isEqualTo(text);
    }
  }

  @Test
  void credentials_comeFromTheNearestPlaceThatNamesAny(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("auth");
    Files.writeString(file, "digest:ann:1\n\ndigest:bob:2\n");
    CliContext context =
        new CliContext(
            System.out,
            System.err,
            new ByteArrayInputStream(new byte[0]),
            "",
            "digest:env:3",
            new StopSignal(() -> {}));
    Connection none = connection();
    Connection outer = connection("--auth", "digest:outer:4");
    Connection inner = connection("--auth-file", file.toString());

    assertThat(none.credentials(none, context))
        .singleElement()
        .satisfies(found -> assertThat(found.bytes()).asString(US_ASCII).isEqualTo("env:3"));
    assertThat(none.credentials(outer, context))
        .singleElement()
        .satisfies(found -> assertThat(found.bytes()).asString(US_ASCII).isEqualTo("outer:4"));
    assertThat(inner.credentials(outer, context)).hasSize(2);
    Connection wrong = connection("--auth", "secret-without-colon");
    assertThatThrownBy(() -> wrong.credentials(none, context))
        .isInstanceOf(CommandFailure.class)
        .hasMessageNotContaining("secret");
  }

  private static Connection connection(String... arguments) {
    Connection connection = new Connection();
    new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("c", mixin(connection)))
        .parseArgs(arguments);
    return connection;
  }

  private static CommandLine.Model.CommandSpec mixin(Connection connection) {
    return CommandLine.Model.CommandSpec.forAnnotatedObject(connection);
  }
}
