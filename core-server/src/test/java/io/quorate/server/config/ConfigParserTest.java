package io.quorate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: a person sees every mistake at once and knows what to write. Method: texts in, lines out.
 */
class ConfigParserTest {
  private static final Path FILE = Path.of("/etc/quorate/q.conf");
  private static final String SERVERS = "ensemble.servers = 1@127.0.0.1:2888\n";
  private static final String MINIMAL = "server.id = 1\ndata.dir = data\n" + SERVERS;

  @Test
  void minimalFile_givesTheDefaults() {
    ServerConfig config = ConfigParser.parse(FILE, MINIMAL);

    assertThat(config)
        .isEqualTo(
            new ServerConfig(
                    1,
                    Path.of("/etc/quorate/data"),
                    ClientConfig.defaults(),
                    EnsembleConfig.of(
                        2888, List.of(new PeerAddress(1, new HostPort("127.0.0.1", 2888)))),
                    StorageConfig.defaults())
                .withAdmin(AdminConfig.defaults()));
  }

  @Test
  void adminPort_isOffOrAPortOfItsOwn() {
    assertThat(ConfigParser.parse(FILE, MINIMAL + "admin.port = off\n").admin().isOn()).isFalse();
    assertThat(problems(MINIMAL + "admin.port = 2181\n"))
        .singleElement()
        .asString()
        .contains("admin.port: expected another port than client.port and peer.port");
  }

  @Test
  void windowsLineEndsBlanksAndComments_areNoTrouble() {
    ServerConfig config =
        ConfigParser.parse(
            FILE,
            "\r\n # first\r\n  server.id=1\r\ndata.dir = /a b # c \r\n\tensemble.servers ="
                + " 1@localhost:2888");

    assertThat(config.dataDir()).isEqualTo(Path.of("/a b # c"));
  }

  @Test
  void manyMistakes_areAllReportedAtOnceInFileOrder() {
    assertThat(
            problems(
                """
                # everything wrong
                server.id = 300
                client.prot = 2181
                client.port = many
                client.port = 2181
                just words
                = 4
                election.timeout = 10
                heartbeat.interval =
                log.segment.bytes = 64MB
                session.timeout.min = 10s
                session.timeout.max = 5s
                """))
        .containsExactly(
            "/etc/quorate/q.conf:2: server.id: expected a server id from 1 to 255, found \"300\"",
            "/etc/quorate/q.conf:3: client.prot: expected a known setting, such as client.port,"
                + " found an unknown one",
            "/etc/quorate/q.conf:4: client.port: expected a port from 0 to 65535, found \"many\"",
            "/etc/quorate/q.conf:5: client.port: expected every setting once, found it again; line"
                + " 4 has it",
            "/etc/quorate/q.conf:6: line: expected key = value, found no =",
            "/etc/quorate/q.conf:7: line: expected key = value, found no key",
            "/etc/quorate/q.conf:8: election.timeout: expected a duration with its unit (ms, s, m,"
                + " h) from 50ms to 1m, found \"10\"",
            "/etc/quorate/q.conf:9: heartbeat.interval: expected a duration with its unit (ms, s,"
                + " m, h) from 5ms to 10s, found nothing",
            "/etc/quorate/q.conf:10: log.segment.bytes: expected a size with its unit (B, KiB, MiB,"
                + " GiB) from 64KiB to 1GiB, found \"64MB\"",
            "/etc/quorate/q.conf:12: session.timeout.max: expected at least session.timeout.min,"
                + " which is 10s, found 5s",
            "/etc/quorate/q.conf: data.dir: expected a path, found no such setting",
            "/etc/quorate/q.conf: ensemble.servers: expected servers as id@host:port or"
                + " id@host:port:observer, separated by commas, such as 1@n1:2888, 2@n2:2888,"
                + " 3@n3:2888, found no such setting");
  }

  @Test
  void textThatIsNothingLikeASetting_getsNoSuggestion() {
    assertThat(problems(MINIMAL + "zzzzzz = 1\n"))
        .containsExactly(
            "/etc/quorate/q.conf:4: zzzzzz: expected a known setting, found an unknown one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1@a:1                                | beyond loopback  | loopback only
          1@127.0.0.1:2888, 1@127.0.0.1:2889   | the same id      | every id once
          1@127.0.0.1:2888, 2@127.0.0.1:2888   | the same address | every address once
          1@127.0.0.1:2888, 2@127.0.0.1:0      | no port          | ports from 1 to 65535
          1@127.0.0.1:2888, 2@127.0.0.1:2181   | the client port  | another port than that of a server
          2@127.0.0.1:2888                     | this one missing | an id that ensemble.servers lists
          1@127.0.0.1:2999                     | another port     | the port that ensemble.servers gives
          1@127.0.0.1:2888,                    | a comma too many | servers as id@host:port
          0@127.0.0.1:2888                     | an id too low    | servers as id@host:port
          1@::1:2888                           | no brackets      | servers as id@host:port
          1@127.0.0.1:2888:observer            | nobody votes     | at least one server that votes
          1@127.0.0.1:2888:Observer            | another word     | servers as id@host:port
          1@127.0.0.1:2888, 2@127.0.0.1:2889:voter | no such word | servers as id@host:port
          1@127.0.0.1:2888, 1@127.0.0.1:2889:observer | the same id | every id once
          """)
  void serversThatCanNotBe_areRefused(String servers, String why, String expected) {
    assertThat(problems("server.id = 1\ndata.dir = data\nensemble.servers = " + servers + "\n"))
        .as(why)
        .anyMatch(problem -> problem.contains(expected));
  }

  @Test
  void observer_isReadAndPrinted() {
    ServerConfig config =
        ConfigParser.parse(
            FILE,
            "server.id = 2\ndata.dir = d\npeer.port = 2889\n"
                + "ensemble.servers = 1@127.0.0.1:2888, 2@[::1]:2889:observer\n");
    assertThat(config.ensemble().servers())
        .containsExactly(
            new PeerAddress(1, new HostPort("127.0.0.1", 2888)),
            new PeerAddress(2, new HostPort("::1", 2889), true));
    assertThat(config.self().observer()).isTrue();
    assertThat(ConfigKeys.ENSEMBLE_SERVERS.type().print(config.ensemble().servers()))
        .isEqualTo("1@127.0.0.1:2888, 2@[::1]:2889:observer");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          peer.port = 2999            | peer.port          | the port that ensemble.servers gives
          client.port = 2888          | client.port        | another port than peer.port
          peer.bind = 0.0.0.0         | peer.bind          | loopback only
          heartbeat.interval = 400ms  | heartbeat.interval | at most a third of election.timeout
          session.timeout.min = 1s    | session.timeout.min| at least three times election.timeout
          election.timeout = 20s      | session.timeout.min| at least three times election.timeout
          """)
  void settingsThatContradictOthers_areRefused(String line, String subject, String expected) {
    assertThat(problems(MINIMAL + line + "\n"))
        .singleElement()
        .asString()
        .contains(subject + ": expected " + expected);
  }

  @Test
  void loopbackBindOfAServerThatOthersReachFromOutside_isRefused() {
    assertThat(
            problems(
                "server.id = 1\ndata.dir = d\nensemble.servers = 1@n1:2888\n"
                    + "peer.secret = 0123456789abcdef\n"))
        .containsExactly(
            "/etc/quorate/q.conf: peer.bind: expected an address at which the others reach n1,"
                + " found 127.0.0.1, which only this machine reaches");
  }

  @Test
  void shortSecret_isRefusedWithoutBeingShown() {
    assertThat(problems(MINIMAL + "peer.secret = hunter2\n"))
        .containsExactly(
            "/etc/quorate/q.conf:4: peer.secret: expected a text of at least 16 bytes, found a"
                + " shorter one");
  }

  @Test
  void secretBesideAFileWithIt_isRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("q.conf");
    Files.writeString(directory.resolve("s"), "0123456789abcdef\n");

    assertThat(problems(file, MINIMAL + "peer.secret = 0123456789abcdef\npeer.secret.file = s\n"))
        .singleElement()
        .asString()
        .contains(":5: peer.secret.file: expected either a secret or a file with it, found both");
  }

  @Test
  void secretFile_isReadFromBesideTheConfiguration(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("q.conf");
    Files.writeString(directory.resolve("s"), "0123456789abcdef\n");
    Files.writeString(file, MINIMAL + "peer.secret.file = s\n");

    assertThat(ConfigParser.read(file).ensemble().secret())
        .isEqualTo(Secret.of("0123456789abcdef"));
  }

  @Test
  void missingSecretFile_isNamed(@TempDir Path directory) {
    assertThat(problems(directory.resolve("q.conf"), MINIMAL + "peer.secret.file = gone\n"))
        .singleElement()
        .asString()
        .contains(":4: peer.secret.file: expected a file with the secret, found no file")
        .contains("gone");
  }

  @Test
  void fileThatIsNotThere_isNamed(@TempDir Path directory) {
    Path file = directory.resolve("gone.conf");

    ConfigException thrown =
        catchThrowableOfType(ConfigException.class, () -> ConfigParser.read(file));

    assertThat(thrown)
        .hasMessage(file + ": file: expected a configuration file, found none of that name");
  }

  @Test
  void byteOrderMark_isNoPartOfTheFirstLine() {
    assertThat(problems("\uFEFFno.such.key = 1")).isEqualTo(problems("no.such.key = 1"));
  }

  @Test
  void bytesThatAreNoUtf8_areRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("q.conf");
    Files.write(file, new byte[] {'#', (byte) 0xC3, (byte) 0x28});

    ConfigException thrown =
        catchThrowableOfType(ConfigException.class, () -> ConfigParser.read(file));

    assertThat(thrown).hasMessageContaining("expected a text in UTF-8");
  }

  private static List<String> problems(String text) {
    return problems(FILE, text);
  }

  private static List<String> problems(Path file, String text) {
    ConfigException thrown =
        catchThrowableOfType(ConfigException.class, () -> ConfigParser.parse(file, text));
    assertThat(thrown).as("nothing was refused in\n%s", text).isNotNull();
    return thrown.problems().stream().map(ConfigProblem::toString).toList();
  }
}
