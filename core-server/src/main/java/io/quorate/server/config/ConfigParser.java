package io.quorate.server.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration file, strictly, and says everything that is wrong with it at once.
 *
 * <p>One {@code key = value} per line, UTF-8. A line whose first character (after blanks) is {@code
 * #} is a comment; elsewhere a {@code #} belongs to the value. There is no escaping and no
 * continuation. Paths are relative to the directory of the file.
 *
 * <p>A parser is used for one file and thrown away; not thread-safe.
 */
public final class ConfigParser {
  /** A larger file is not a configuration. */
  private static final int FILE_BYTES_MAX = 1 << 20;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final String file;
  private final Path directory;
  private final List<ConfigProblem> problems = new ArrayList<>();
  private final Map<ConfigKey<?>, Setting> settings = new LinkedHashMap<>();

  private ConfigParser(Path file) {
    this.file = file.toString();
    Path parent = file.toAbsolutePath().getParent();
    this.directory = parent == null ? file.toAbsolutePath() : parent;
  }

  /** A value with the line that gives it; null if the text is not legal, which was reported. */
  private record Setting(int line, @Nullable Object value) {}

  /** Reads that file; {@link ConfigException} with every problem if it can't be used. */
  public static ServerConfig read(Path file) {
    ConfigParser parser = new ConfigParser(file);
    String text = parser.load(file);
    if (text != null) {
      parser.parseLines(text);
      parser.reportMissing();
    }
    return parser.finish();
  }

  /** The same for a text that is already at hand; {@code file} gives name and directory. */
  public static ServerConfig parse(Path file, String text) {
    ConfigParser parser = new ConfigParser(file);
    parser.parseLines(text);
    parser.reportMissing();
    return parser.finish();
  }

  private @Nullable String load(Path path) {
    try {
      long size = Files.size(path);
      if (size > FILE_BYTES_MAX) {
        report(0, "file", "at most " + FILE_BYTES_MAX + " bytes", size + " bytes");
        return null;
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
          .toString();
    } catch (CharacterCodingException e) {
      report(0, "file", "a text in UTF-8", "bytes that are not");
    } catch (NoSuchFileException e) {
      report(0, "file", "a configuration file", "none of that name");
    } catch (IOException e) {
      report(0, "file", "a readable configuration file", reason(e));
    }
    return null;
  }

  // ---- line by line ----------------------------------------------------------------------------

  private void parseLines(String given) {
    // Some editors begin a text in UTF-8 with a byte order mark; it belongs to no line.
    String text = given.startsWith(BYTE_ORDER_MARK) ? given.substring(1) : given;
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String content = line.strip();
      if (!content.isEmpty() && !content.startsWith("#")) {
        parseLine(number, content);
      }
    }
  }

  private void parseLine(int line, String content) {
    int equals = content.indexOf('=');
    if (equals <= 0) {
      // The line is not repeated: it may hold a secret.
      report(line, "line", "key = value", equals == 0 ? "no key" : "no =");
      return;
    }
    String name = content.substring(0, equals).strip();
    String value = content.substring(equals + 1).strip();
    ConfigKey<?> key = keyOf(name);
    if (key == null) {
      report(line, name, expectedInsteadOf(name), "an unknown one");
      return;
    }
    Setting earlier = settings.get(key);
    if (earlier != null) {
      report(line, name, "every setting once", "it again; line " + earlier.line() + " has it");
      return;
    }
    settings.put(key, new Setting(line, parseValue(line, key, value)));
  }

  private @Nullable Object parseValue(int line, ConfigKey<?> key, String value) {
    if (value.isEmpty()) {
      report(line, key.name(), key.type().expected(), "nothing");
      return null;
    }
    try {
      return key.type().parse(value);
    } catch (IllegalArgumentException e) {
      boolean secret = key.equals(ConfigKeys.PEER_SECRET);
      report(
          line, key.name(), key.type().expected(), secret ? "a shorter one" : "\"" + value + "\"");
      return null;
    }
  }

  private static @Nullable ConfigKey<?> keyOf(String name) {
    for (ConfigKey<?> key : ConfigKeys.all()) {
      if (key.name().equals(name)) {
        return key;
      }
    }
    return null;
  }

  private static String expectedInsteadOf(String name) {
    String nearest = nearestName(name);
    return nearest == null ? "a known setting" : "a known setting, such as " + nearest;
  }

  /** The known name with the fewest letters different, if these are few. */
  static @Nullable String nearestName(String name) {
    String nearest = null;
    int fewest = Math.max(2, name.length() / 3) + 1;
    for (ConfigKey<?> key : ConfigKeys.all()) {
      int distance = distance(name, key.name());
      if (distance < fewest) {
        fewest = distance;
        nearest = key.name();
      }
    }
    return nearest;
  }

  /** Levenshtein: insertions, deletions and replacements from one to the other. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }

  // ---- as a whole ------------------------------------------------------------------------------

  private void reportMissing() {
    for (ConfigKey<?> key : ConfigKeys.all()) {
      if (key.required() && !settings.containsKey(key)) {
        report(0, key.name(), key.type().expected(), "no such setting");
      }
    }
  }

  private ServerConfig finish() {
    Secret secret = secret();
    reportContradictions();
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparingInt(p -> p.line() == 0 ? Integer.MAX_VALUE : p.line()));
      throw new ConfigException(problems);
    }
    return new ServerConfig(
        value(ConfigKeys.SERVER_ID),
        directory.resolve(value(ConfigKeys.DATA_DIR)).normalize(),
        new ClientConfig(
            value(ConfigKeys.CLIENT_BIND),
            value(ConfigKeys.CLIENT_PORT),
            value(ConfigKeys.CLIENT_CONNECTIONS_MAX).intValue(),
            value(ConfigKeys.CLIENT_PENDING_REQUESTS_MAX).intValue(),
            value(ConfigKeys.CLIENT_PENDING_BYTES_MAX),
            value(ConfigKeys.CLIENT_WRITES_IN_FLIGHT_MAX).intValue(),
            value(ConfigKeys.SESSION_TIMEOUT_MIN),
            value(ConfigKeys.SESSION_TIMEOUT_MAX)),
        new EnsembleConfig(
            value(ConfigKeys.PEER_BIND),
            value(ConfigKeys.PEER_PORT),
            value(ConfigKeys.ENSEMBLE_SERVERS),
            secret,
            value(ConfigKeys.ELECTION_TIMEOUT),
            value(ConfigKeys.HEARTBEAT_INTERVAL)),
        new StorageConfig(
            value(ConfigKeys.LOG_SEGMENT_BYTES),
            value(ConfigKeys.SNAPSHOT_EVERY_ENTRIES),
            value(ConfigKeys.SNAPSHOT_EVERY_BYTES),
            value(ConfigKeys.SNAPSHOT_WRITE_RATE),
            value(ConfigKeys.SNAPSHOTS_KEPT).intValue(),
            value(ConfigKeys.LOG_KEPT_BYTES)),
        new LimitsConfig(
            value(ConfigKeys.CONNECTIONS_PER_ADDRESS_MAX).intValue(),
            value(ConfigKeys.HANDSHAKE_TIMEOUT),
            value(ConfigKeys.OUTBOUND_BYTES_MAX).intValue(),
            value(ConfigKeys.OUTBOUND_TOTAL_BYTES_MAX),
            LimitsConfig.budgetOrDefault(given(ConfigKeys.MEMORY_BUDGET)),
            value(ConfigKeys.DISK_RESERVE),
            value(ConfigKeys.WATCH_HISTORY_CHANGES_MAX).intValue(),
            value(ConfigKeys.WATCH_HISTORY_BYTES_MAX)),
        new AdminConfig(value(ConfigKeys.ADMIN_BIND), value(ConfigKeys.ADMIN_PORT)),
        new TreeConfig(
            given(ConfigKeys.AUTH_SUPER_DIGEST),
            value(ConfigKeys.SWEEP_DUE_INTERVAL),
            value(ConfigKeys.SWEEP_CONTAINERS_INTERVAL),
            value(ConfigKeys.SWEEP_BATCH_MAX).intValue(),
            value(ConfigKeys.SWEEP_CONTAINERS_UNUSED)));
  }

  private @Nullable Secret secret() {
    Secret given = given(ConfigKeys.PEER_SECRET);
    Path path = given(ConfigKeys.PEER_SECRET_FILE);
    if (path == null) {
      return given;
    }
    if (settings.containsKey(ConfigKeys.PEER_SECRET)) {
      report(
          lineOf(ConfigKeys.PEER_SECRET_FILE),
          ConfigKeys.PEER_SECRET_FILE.name(),
          "either a secret or a file with it",
          "both; line " + lineOf(ConfigKeys.PEER_SECRET) + " has the secret");
      return given;
    }
    return secretIn(directory.resolve(path));
  }

  private @Nullable Secret secretIn(Path path) {
    ConfigKey<Secret> key = ConfigKeys.PEER_SECRET;
    int line = lineOf(ConfigKeys.PEER_SECRET_FILE);
    String subject = ConfigKeys.PEER_SECRET_FILE.name();
    try {
      String text = Files.readString(path).lines().findFirst().orElse("").strip();
      return key.type().parse(text);
    } catch (NoSuchFileException e) {
      report(line, subject, "a file with the secret", "no file " + path);
    } catch (IOException e) {
      report(line, subject, "a file with the secret", reason(e));
    } catch (IllegalArgumentException e) {
      report(line, subject, key.type().expected() + " in " + path, "a shorter one");
    }
    return null;
  }

  /** Each check runs as soon as all that it compares is legal by itself. */
  private void reportContradictions() {
    if (legal(ConfigKeys.ENSEMBLE_SERVERS)) {
      List<PeerAddress> servers = value(ConfigKeys.ENSEMBLE_SERVERS);
      reportAll(EnsembleConfig.serverContradictions(servers));
      if (legal(ConfigKeys.PEER_BIND)) {
        // A secret that is there but wrong has been reported; it need not be missed as well.
        boolean secretGiven =
            settings.containsKey(ConfigKeys.PEER_SECRET)
                || settings.containsKey(ConfigKeys.PEER_SECRET_FILE);
        reportAll(
            EnsembleConfig.secretContradictions(value(ConfigKeys.PEER_BIND), servers, secretGiven));
      }
      if (legal(ConfigKeys.SERVER_ID)
          && legal(ConfigKeys.CLIENT_PORT)
          && legal(ConfigKeys.PEER_BIND)
          && legal(ConfigKeys.PEER_PORT)) {
        reportAll(
            ServerConfig.placeContradictions(
                value(ConfigKeys.SERVER_ID),
                value(ConfigKeys.CLIENT_PORT),
                value(ConfigKeys.PEER_BIND),
                value(ConfigKeys.PEER_PORT),
                servers));
      }
    }
    if (legal(ConfigKeys.ADMIN_PORT)
        && legal(ConfigKeys.CLIENT_PORT)
        && legal(ConfigKeys.PEER_PORT)) {
      reportAll(
          AdminConfig.contradictions(
              value(ConfigKeys.ADMIN_PORT),
              value(ConfigKeys.CLIENT_PORT),
              value(ConfigKeys.PEER_PORT)));
    }
    if (legal(ConfigKeys.DISK_RESERVE) && legal(ConfigKeys.LOG_SEGMENT_BYTES)) {
      reportAll(
          LimitsConfig.reserveContradictions(
              value(ConfigKeys.DISK_RESERVE), value(ConfigKeys.LOG_SEGMENT_BYTES)));
    }
    if (legal(ConfigKeys.ELECTION_TIMEOUT)) {
      if (legal(ConfigKeys.HEARTBEAT_INTERVAL)) {
        reportAll(
            EnsembleConfig.timingContradictions(
                value(ConfigKeys.ELECTION_TIMEOUT), value(ConfigKeys.HEARTBEAT_INTERVAL)));
      }
      if (legal(ConfigKeys.SESSION_TIMEOUT_MIN)) {
        reportAll(
            ServerConfig.timingContradictions(
                value(ConfigKeys.SESSION_TIMEOUT_MIN), value(ConfigKeys.ELECTION_TIMEOUT)));
      }
    }
    if (legal(ConfigKeys.SESSION_TIMEOUT_MIN) && legal(ConfigKeys.SESSION_TIMEOUT_MAX)) {
      reportAll(
          ClientConfig.contradictions(
              value(ConfigKeys.SESSION_TIMEOUT_MIN), value(ConfigKeys.SESSION_TIMEOUT_MAX)));
    }
  }

  private void reportAll(List<Contradiction> contradictions) {
    for (Contradiction each : contradictions) {
      report(lineOf(each.key()), each.key().name(), each.expected(), each.found());
    }
  }

  private boolean legal(ConfigKey<?> key) {
    Setting setting = settings.get(key);
    return setting == null ? key.defaultValue() != null : setting.value() != null;
  }

  private <T> T value(ConfigKey<T> key) {
    return key.orDefault(given(key));
  }

  // A key's setting holds what the type of that very key has parsed.
  @SuppressWarnings("unchecked")
  private <T> @Nullable T given(ConfigKey<T> key) {
    Setting setting = settings.get(key);
    return setting == null ? null : (T) setting.value();
  }

  private int lineOf(ConfigKey<?> key) {
    Setting setting = settings.get(key);
    return setting == null ? 0 : setting.line();
  }

  private void report(int line, String subject, String expected, String found) {
    problems.add(new ConfigProblem(file, line, subject, expected, found));
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
