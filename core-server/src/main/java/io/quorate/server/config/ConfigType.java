package io.quorate.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the text of a setting becomes its value, and back.
 *
 * @param <T> the value
 */
public final class ConfigType<T> {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})\\s*(ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})\\s*(B|KiB|MiB|GiB)");
  private static final Pattern COUNT = Pattern.compile("[0-9](_?[0-9]){0,17}");
  private static final int SERVERS_MAX = 255;

  private final String name;
  private final String expected;
  private final Function<String, T> parser;
  private final Function<T, String> printer;

  private ConfigType(
      String name, String expected, Function<String, T> parser, Function<T, String> printer) {
    this.name = name;
    this.expected = expected;
    this.parser = parser;
    this.printer = printer;
  }

  /** One word for the table of settings. */
  public String name() {
    return name;
  }

  /** What a legal text looks like, to follow "expected". */
  public String expected() {
    return expected;
  }

  /** The value; {@link IllegalArgumentException} if the text is not legal. */
  public T parse(String text) {
    return parser.apply(text);
  }

  /** A text that parses to {@code value}; {@code ***} for a secret. */
  public String print(T value) {
    return printer.apply(value);
  }

  /** A whole number; underscores may group its digits. */
  static ConfigType<Long> count(long min, long max) {
    return new ConfigType<>(
        "number",
        "a whole number from " + grouped(min) + " to " + grouped(max),
        text -> {
          require(COUNT.matcher(text).matches());
          return requireRange(Long.parseLong(text.replace("_", "")), min, max);
        },
        ConfigType::grouped);
  }

  /** A duration with its unit, to the millisecond. */
  public static ConfigType<Duration> duration(Duration min, Duration max) {
    return new ConfigType<>(
        "duration",
        "a duration with its unit (ms, s, m, h) from " + text(min) + " to " + text(max),
        text -> {
          Matcher matcher = DURATION.matcher(text);
          require(matcher.matches());
          long millis = Long.parseLong(matcher.group(1)) * millisPer(matcher.group(2));
          return Duration.ofMillis(requireRange(millis, min.toMillis(), max.toMillis()));
        },
        ConfigType::text);
  }

  /** A number of bytes with its unit. */
  static ConfigType<Long> size(long min, long max) {
    return new ConfigType<>(
        "size",
        "a size with its unit (B, KiB, MiB, GiB) from " + sizeText(min) + " to " + sizeText(max),
        text -> {
          Matcher matcher = SIZE.matcher(text);
          require(matcher.matches());
          long unit = bytesPer(matcher.group(2));
          long number = Long.parseLong(matcher.group(1));
          require(number <= max / unit);
          return requireRange(number * unit, min, max);
        },
        ConfigType::sizeText);
  }

  static ConfigType<Integer> port() {
    return new ConfigType<>("port", "a port from 0 to 65535", HostPort::parsePort, String::valueOf);
  }

  /** A port, or {@link AdminConfig#OFF} for none. */
  static ConfigType<Integer> portOrOff() {
    return new ConfigType<>(
        "port",
        "a port from 0 to 65535, or off",
        text -> text.equals("off") ? Integer.valueOf(AdminConfig.OFF) : HostPort.parsePort(text),
        port -> port == AdminConfig.OFF ? "off" : String.valueOf(port));
  }

  static ConfigType<Integer> serverId() {
    return new ConfigType<>(
        "number",
        "a server id from 1 to 255",
        text -> {
          require(text.matches("[0-9]{1,3}"));
          return (int) requireRange(Integer.parseInt(text), PeerAddress.ID_MIN, PeerAddress.ID_MAX);
        },
        String::valueOf);
  }

  static ConfigType<String> host() {
    return new ConfigType<>(
        "host",
        "a host name or an address of this machine, such as 127.0.0.1 or 0.0.0.0",
        text ->
            HostPort.requireHost(
                text.startsWith("[") && text.endsWith("]")
                    ? text.substring(1, text.length() - 1)
                    : text),
        text -> text);
  }

  static ConfigType<Path> path() {
    return new ConfigType<>("path", "a path", Path::of, Path::toString);
  }

  static ConfigType<Secret> secret(int bytesMin) {
    return new ConfigType<>(
        "secret",
        "a text of at least " + bytesMin + " bytes",
        text -> {
          Secret secret = Secret.of(text);
          require(secret.length() >= bytesMin);
          return secret;
        },
        Secret::toString);
  }

  static ConfigType<List<PeerAddress>> servers() {
    return new ConfigType<>(
        "servers",
        "servers as id@host:port or id@host:port:observer, separated by commas, such as"
            + " 1@n1:2888, 2@n2:2888, 3@n3:2888",
        text -> {
          List<PeerAddress> servers = new ArrayList<>();
          for (String server : text.split(",", -1)) {
            servers.add(PeerAddress.parse(server.strip()));
          }
          require(servers.size() <= SERVERS_MAX);
          return List.copyOf(servers);
        },
        ConfigType::serversText);
  }

  private static String serversText(List<PeerAddress> servers) {
    return String.join(", ", servers.stream().map(PeerAddress::toString).toList());
  }

  private static void require(boolean legal) {
    if (!legal) {
      throw new IllegalArgumentException("not legal");
    }
  }

  private static long requireRange(long value, long min, long max) {
    require(value >= min && value <= max);
    return value;
  }

  private static long millisPer(String unit) {
    return switch (unit) {
      case "ms" -> 1;
      case "s" -> 1_000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      default -> throw new IllegalArgumentException("no unit of time: " + unit);
    };
  }

  private static long bytesPer(String unit) {
    return switch (unit) {
      case "B" -> 1;
      case "KiB" -> 1L << 10;
      case "MiB" -> 1L << 20;
      case "GiB" -> 1L << 30;
      default -> throw new IllegalArgumentException("no unit of size: " + unit);
    };
  }

  private static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value).replace(',', '_');
  }

  /** The shortest text in the largest unit that is exact. */
  private static String text(Duration value) {
    long millis = value.toMillis();
    for (String unit : List.of("h", "m", "s")) {
      if (millis != 0 && millis % millisPer(unit) == 0) {
        return millis / millisPer(unit) + unit;
      }
    }
    return millis + "ms";
  }

  private static String sizeText(long bytes) {
    for (String unit : List.of("GiB", "MiB", "KiB")) {
      if (bytes != 0 && bytes % bytesPer(unit) == 0) {
        return bytes / bytesPer(unit) + unit;
      }
    }
    return bytes + "B";
  }
}
