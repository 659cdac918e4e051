package io.quorate.server.cli;

import io.quorate.server.config.ConfigType;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as the configuration does. */
abstract class DurationText implements ITypeConverter<Duration> {
  private final ConfigType<Duration> type;

  private DurationText(Duration min, Duration max) {
    this.type = ConfigType.duration(min, max);
  }

  @Override
  public Duration convert(String text) {
    try {
      return type.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("expected " + type.expected() + ", found \"" + text + "\"");
    }
  }

  /** How long to try. */
  static final class Timeout extends DurationText {
    Timeout() {
      super(Duration.ofMillis(10), Duration.ofHours(1));
    }
  }

  /** How long a znode lives. */
  static final class Lifetime extends DurationText {
    Lifetime() {
      super(Duration.ofMillis(1), Duration.ofDays(3650));
    }
  }
}
