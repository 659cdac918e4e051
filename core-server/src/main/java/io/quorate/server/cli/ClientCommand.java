package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateClientBuilder;
import io.quorate.data.Credential;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What commands share that talk to a running ensemble. */
@Command
abstract class ClientCommand extends ContextCommand {
  @Mixin private final Connection connection = new Connection();

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "10s",
      converter = DurationText.Timeout.class,
      description = "How long to try, such as 500ms or 10s; default ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofSeconds(10);

  ClientCommand(CliContext context) {
    super(context);
  }

  final String servers() {
    return connection.servers(ofQuorate(), context());
  }

  /** What was given before the name of the command. */
  private Connection ofQuorate() {
    return ((QuorateCommand) spec.root().userObject()).connection();
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
    List<Credential> credentials = connection.credentials(ofQuorate(), context());
    try (QuorateClient client = builder().build()) {
      for (Credential credential : credentials) {
        client.blocking().addCredential(credential.scheme(), credential.bytes());
      }
      return run(client, client.blocking());
    }
  }

  /** How the command wants its client. */
  QuorateClientBuilder builder() {
    return QuorateClient.builder(servers()).requestTimeout(timeout).clientName(name());
  }

  private String name() {
    return "quorate " + getClass().getSimpleName().replace("Command", "").toLowerCase(Locale.ROOT);
  }

  /** Does the work; returns one of {@link ExitCodes}. */
  abstract int run(QuorateClient client, BlockingClient blocking)
      throws IOException, InterruptedException;
}
