package io.quorate.client;

import io.quorate.client.connection.ServerAddress;
import io.quorate.client.connection.StatusExchange;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** One status query on a connection of its own. */
final class StatusRequest {
  private StatusRequest() {}

  static CompletableFuture<ServerStatus> send(String server, Duration timeout) {
    CompletableFuture<ServerStatus> future = new CompletableFuture<>();
    ServerAddress address = ServerAddress.parse(server);
    StatusExchange.ask(
        address,
        timeout,
        status ->
            future.complete(
                new ServerStatus(
                    status.serverId(),
                    status.role(),
                    status.leaderId(),
                    status.epoch(),
                    status.serving(),
                    status.durableZxid(),
                    status.appliedZxid(),
                    status.digest(),
                    status.snapshotZxid(),
                    status.sessions(),
                    status.connections(),
                    status.watches(),
                    status.znodes())),
        cause ->
            future.completeExceptionally(
                new UnavailableException("status of " + address + ": " + cause)));
    return future;
  }
}
