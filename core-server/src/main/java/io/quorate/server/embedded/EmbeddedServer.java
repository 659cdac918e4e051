package io.quorate.server.embedded;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.server.QuorateServer;
import io.quorate.server.ServerOptions;
import io.quorate.server.base.FaultHandler;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.node.NodeStatus;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One place of the ensemble: the server that runs there, or why none does. Not thread-safe. */
final class EmbeddedServer {
  private final ServerConfig config;
  private final boolean fsync;
  private @Nullable QuorateServer running;

  /** Written by whichever thread of the server found that it can't go on. */
  private volatile @Nullable String fault;

  EmbeddedServer(ServerConfig config, boolean fsync) {
    this.config = config;
    this.fsync = fsync;
  }

  int id() {
    return config.serverId();
  }

  boolean isObserver() {
    return config.self().observer();
  }

  String clientAddress() {
    return config.client().bind() + ":" + config.client().port();
  }

  boolean isRunning() {
    return running != null;
  }

  /** The server; {@link IllegalStateException} if it does not run. */
  QuorateServer running() {
    QuorateServer server = running;
    if (server == null) {
      throw new IllegalStateException("server " + id() + " does not run: restart(id) starts it");
    }
    return server;
  }

  void start() {
    fault = null;
    // A fault must not end the JVM of the tests: it is told by whatever waits for this server.
    FaultHandler faults = (where, cause) -> fault = where + ": " + cause;
    running =
        QuorateServer.start(
            config,
            new ServerOptions(
                faults,
                new SimpleMeterRegistry(),
                NodeObserver.NONE,
                fsync ? UnaryOperator.identity() : UnsyncedDisk::new));
  }

  void kill() {
    running().kill();
    running = null;
  }

  void close() {
    QuorateServer server = running;
    running = null;
    if (server != null) {
      server.close();
    }
  }

  @Nullable NodeStatus status() {
    QuorateServer server = running;
    return server == null || fault != null ? null : server.status();
  }

  boolean serves() {
    NodeStatus status = status();
    return status != null && status.serving();
  }

  boolean leads() {
    NodeStatus status = status();
    return status != null && status.leads();
  }

  /** For messages: what it is at the moment. */
  String describe() {
    String found = fault;
    NodeStatus status = status();
    if (found != null) {
      return "server " + id() + " stopped itself (" + found + ")";
    }
    if (status == null) {
      return "server " + id() + " is down";
    }
    return "server %d is %s in epoch %d, %s, applied 0x%x, digest %016x"
        .formatted(
            id(),
            status.replica().role().name().toLowerCase(Locale.ROOT),
            status.replica().epoch(),
            status.serving() ? "serving" : "not serving",
            status.appliedZxid(),
            status.digest());
  }
}
