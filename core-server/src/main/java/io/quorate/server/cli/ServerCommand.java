package io.quorate.server.cli;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.quorate.server.QuorateServer;
import io.quorate.server.ServerOptions;
import io.quorate.server.TerminatingFaultHandler;
import io.quorate.server.config.ConfigParser;
import io.quorate.server.config.ConfigReference;
import io.quorate.server.config.HostPort;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate server}. */
@Command(
    name = "server",
    description = {
      "Runs one server in the foreground until SIGTERM or Ctrl-C, then closes it within 5 s.",
      "Exit codes: 0 after a clean close, 69 if a port or the data directory can not be had,",
      "70 if the server stopped itself, 78 if the configuration is not right."
    })
final class ServerCommand extends ContextCommand {
  /** How long the start waits for a leader before it says that there is none yet. */
  private static final Duration ROLE_PATIENCE = Duration.ofSeconds(1);

  private static final Duration ROLE_POLL = Duration.ofMillis(20);

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The configuration; docs/operations/configuration.md lists the settings.")
  private Path config = Path.of("");

  @Option(
      names = "--check-config",
      description = "Only read the configuration, and print every setting with its value.")
  private boolean checkConfig;

  /** The servers of {@code quorate ensemble} end with their parent, however that ended. */
  @Option(names = "--until-input-ends", hidden = true)
  private boolean untilInputEnds;

  ServerCommand(CliContext context) {
    super(context);
  }

  @Override
  public Integer call() throws InterruptedException {
    ServerConfig settings = ConfigParser.read(config);
    if (checkConfig) {
      context().out().print(ConfigReference.print(settings));
      return ExitCodes.OK;
    }
    if (untilInputEnds) {
      stopWhenInputEnds();
    }
    context().stop().arm();
    try (QuorateServer server = start(settings)) {
      boolean stopped = awaitRole(server);
      context().out().println(startLine(server, settings));
      if (!stopped) {
        context().stop().await();
      }
      context().out().println("server " + server.id() + " closes");
    }
    return ExitCodes.OK;
  }

  /** Of this process: those of the server, and those of the JVM around it. */
  private static PrometheusMeterRegistry meters() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    JvmGcMetrics garbage = new JvmGcMetrics(); // listens until the process ends
    garbage.bindTo(registry);
    return registry;
  }

  private static QuorateServer start(ServerConfig settings) {
    try {
      return QuorateServer.start(
          settings, ServerOptions.of(new TerminatingFaultHandler(), meters()));
    } catch (StorageException e) {
      throw new CommandFailure(ExitCodes.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCodes.CONFIG, String.valueOf(e.getMessage()), e);
    }
  }

  /** Waits a moment for the role; tells whether the process was asked to end meanwhile. */
  private boolean awaitRole(QuorateServer server) throws InterruptedException {
    long end = System.nanoTime() + ROLE_PATIENCE.toNanos();
    while (!server.serves() && System.nanoTime() - end < 0) {
      if (context().stop().await(ROLE_POLL)) {
        return true;
      }
    }
    return context().stop().isRequested();
  }

  private static String startLine(QuorateServer server, ServerConfig settings) {
    InetSocketAddress admin = server.adminAddress();
    return "server %d of %d (%s): clients %s, peers %s, admin %s, data %s"
        .formatted(
            server.id(),
            settings.ensemble().servers().size(),
            server.role(),
            text(server.clientAddress()),
            text(server.peerAddress()),
            admin == null ? "off" : "http://" + text(admin),
            settings.dataDir());
  }

  private static HostPort text(InetSocketAddress address) {
    return new HostPort(address.getAddress().getHostAddress(), address.getPort());
  }

  private void stopWhenInputEnds() {
    Thread thread = new Thread(this::awaitEndOfInput, "input-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void awaitEndOfInput() {
    InputStream in = context().in();
    try {
      while (in.read() >= 0) {
        // Nothing is ever sent; only the end means something.
        continue;
      }
    } catch (IOException e) {
      context().err().println("quorate server: input: " + e.getMessage());
    }
    context().stop().trigger();
  }
}
