package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.server.config.ConfigType;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What commands share that talk to a running ensemble. */
@Command
abstract class ClientCommand extends ContextCommand {
  private static final Duration TIMEOUT_MIN = Duration.ofMillis(10);
  private static final Duration TIMEOUT_MAX = Duration.ofHours(1);

  @Option(
      names = "--connect",
      paramLabel = "HOST:PORT,...",
      description =
          "Servers to talk to; else the environment's QUORATE_CONNECT, else 127.0.0.1:2181.")
  private String connect = "";

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "10s",
      converter = DurationConverter.class,
      description = "How long to try, such as 500ms or 10s; default ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofSeconds(10);

  ClientCommand(CliContext context) {
    super(context);
  }

  final String servers() {
    return connect.isEmpty() ? context().connect() : connect;
  }

  final Duration timeout() {
    return timeout;
  }

  /** One line of an answer. */
  final void print(String line) {
    context().out().println(line);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (QuorateClient client =
        QuorateClient.builder(servers()).requestTimeout(timeout).clientName(name()).build()) {
      return run(client, client.blocking());
    }
  }

  private String name() {
    return "quorate " + getClass().getSimpleName().replace("Command", "").toLowerCase(Locale.ROOT);
  }

  /** Does the work; returns one of {@link ExitCodes}. */
  abstract int run(QuorateClient client, BlockingClient blocking)
      throws IOException, InterruptedException;

  /** Reads durations as the configuration does. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      ConfigType<Duration> type = ConfigType.duration(TIMEOUT_MIN, TIMEOUT_MAX);
      try {
        return type.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "expected " + type.expected() + ", found \"" + text + "\"");
      }
    }
  }
}
