package io.quorate.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The documentation of all settings, written from {@link ConfigKeys}. */
public final class ConfigReference {
  private static final int COMMENT_COLUMNS_MAX = 98;

  private ConfigReference() {}

  /** The text of {@code docs/operations/configuration.md}. */
  public static String markdown() {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # Configuration

        <!-- Generated from ConfigKeys; ConfigReferenceTest compares the two and says how to write it anew. -->

        `quorate server --config FILE` reads one file, once, at the start. `quorate server --config FILE --check-config`
        reads it, says what is wrong or prints every setting with its value, and starts nothing.

        * One `key = value` per line, UTF-8. A line that begins with `#` is a comment; a `#` further right belongs to the value.
        * Nothing is guessed: unknown or repeated settings, bad values and settings that contradict each other stop the
          start. All problems are reported at once, each with file, line, what was expected and what was found.
        * Durations and sizes carry their unit: `500ms`, `10s`, `2m`, `1h`; `512B`, `64KiB`, `64MiB`, `1GiB`.
        * Paths are relative to the directory of the file.
        * Every address is loopback unless you change it. As soon as one between the servers is not, they need a secret.
        """);
    for (String group : ConfigKeys.groups()) {
      out.append("\n## ").append(group).append("\n\n");
      out.append("| setting | type | default | what it is for |\n");
      out.append("| --- | --- | --- | --- |\n");
      for (ConfigKey<?> key : ConfigKeys.all()) {
        if (key.group().equals(group)) {
          out.append("| `").append(key.name()).append("` | ").append(key.type().name());
          out.append(" | ").append(defaultCell(key)).append(" | ").append(key.doc());
          out.append(" Expects ").append(key.type().expected()).append(". |\n");
        }
      }
    }
    return out.toString();
  }

  /** The text of the example in the distribution: required settings, and the others as comments. */
  public static String example() {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        # An example of Quorate's configuration: a single server on this machine. Copy it to
        # quorate.conf, change what you need, and start it with
        #
        #   bin/quorate server --config conf/quorate.conf
        #
        # Every setting is shown; those behind a # have the value that holds anyway, or none.
        """);
    for (String group : ConfigKeys.groups()) {
      out.append("\n# ---- ").append(group).append('\n');
      for (ConfigKey<?> key : ConfigKeys.all()) {
        if (key.group().equals(group)) {
          out.append('\n');
          wrap(out, key.doc());
          out.append(exampleLine(key)).append('\n');
        }
      }
    }
    return out.toString();
  }

  /**
   * Every setting of a configuration with its value, as lines of a file; secrets as {@code ***}.
   */
  public static String print(ServerConfig config) {
    StringBuilder out = new StringBuilder();
    line(out, ConfigKeys.SERVER_ID, config.serverId());
    line(out, ConfigKeys.DATA_DIR, config.dataDir());
    line(out, ConfigKeys.CLIENT_BIND, config.client().bind());
    line(out, ConfigKeys.CLIENT_PORT, config.client().port());
    line(out, ConfigKeys.PEER_BIND, config.ensemble().bind());
    line(out, ConfigKeys.PEER_PORT, config.ensemble().port());
    line(out, ConfigKeys.ADMIN_BIND, config.admin().bind());
    line(out, ConfigKeys.ADMIN_PORT, config.admin().port());
    line(out, ConfigKeys.ENSEMBLE_SERVERS, config.ensemble().servers());
    line(out, ConfigKeys.PEER_SECRET, config.ensemble().secret());
    line(out, ConfigKeys.ELECTION_TIMEOUT, config.ensemble().electionTimeout());
    line(out, ConfigKeys.HEARTBEAT_INTERVAL, config.ensemble().heartbeatInterval());
    line(out, ConfigKeys.SESSION_TIMEOUT_MIN, config.client().sessionTimeoutMin());
    line(out, ConfigKeys.SESSION_TIMEOUT_MAX, config.client().sessionTimeoutMax());
    line(out, ConfigKeys.CLIENT_CONNECTIONS_MAX, (long) config.client().connectionsMax());
    line(out, ConfigKeys.CLIENT_PENDING_REQUESTS_MAX, (long) config.client().pendingRequestsMax());
    line(out, ConfigKeys.CLIENT_PENDING_BYTES_MAX, config.client().pendingBytesMax());
    line(out, ConfigKeys.CLIENT_WRITES_IN_FLIGHT_MAX, (long) config.client().writesInFlightMax());
    line(out, ConfigKeys.LOG_SEGMENT_BYTES, config.storage().segmentBytes());
    line(out, ConfigKeys.SNAPSHOT_EVERY_ENTRIES, config.storage().snapshotEveryEntries());
    line(out, ConfigKeys.SNAPSHOT_EVERY_BYTES, config.storage().snapshotEveryBytes());
    line(out, ConfigKeys.SNAPSHOT_WRITE_RATE, config.storage().snapshotWriteRate());
    line(out, ConfigKeys.SNAPSHOTS_KEPT, (long) config.storage().snapshotsKept());
    line(out, ConfigKeys.LOG_KEPT_BYTES, config.storage().logKeptBytes());
    return out.toString();
  }

  private static <T> void line(StringBuilder out, ConfigKey<T> key, @Nullable T value) {
    if (value != null) {
      out.append(key.name()).append(" = ").append(key.type().print(value)).append('\n');
    }
  }

  private static <T> String defaultCell(ConfigKey<T> key) {
    T value = key.defaultValue();
    if (value != null) {
      return "`" + key.type().print(value) + "`";
    }
    return key.required() ? "required" : "none";
  }

  private static <T> String exampleLine(ConfigKey<T> key) {
    T value = key.defaultValue();
    if (value != null) {
      return "#" + key.name() + " = " + key.type().print(value);
    }
    if (key.equals(ConfigKeys.SERVER_ID)) {
      return key.name() + " = 1";
    }
    if (key.equals(ConfigKeys.DATA_DIR)) {
      return key.name() + " = ../data";
    }
    if (key.equals(ConfigKeys.ENSEMBLE_SERVERS)) {
      return "# Three servers: 1@n1.example:2888, 2@n2.example:2888, 3@n3.example:2888\n"
          + key.name()
          + " = "
          + ConfigKeys.ENSEMBLE_SERVERS
              .type()
              .print(List.of(new PeerAddress(1, new HostPort("127.0.0.1", 2888))));
    }
    return "#" + key.name() + " =";
  }

  private static void wrap(StringBuilder out, String text) {
    StringBuilder line = new StringBuilder("#");
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > COMMENT_COLUMNS_MAX) {
        out.append(line).append('\n');
        line = new StringBuilder("#");
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }
}
