package io.quorate.client;

import io.quorate.client.connection.ServerAddress;
import io.quorate.client.connection.StatusExchange;
import io.quorate.protocol.message.ServerMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
        status -> future.complete(picture(status)),
        cause ->
            future.completeExceptionally(
                new UnavailableException("status of " + address + ": " + cause)));
    return future;
  }

  private static ServerStatus picture(ServerMessage.Status status) {
    List<ServerStatus.Peer> peers = new ArrayList<>();
    for (ServerMessage.PeerStatus peer : status.peers()) {
      peers.add(
          new ServerStatus.Peer(
              peer.serverId(),
              peer.role(),
              peer.linkUp(),
              peer.state(),
              peer.counts(),
              peer.matchZxid(),
              peer.ackAgeMillis()));
    }
    return new ServerStatus(
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
        status.znodes(),
        status.committedZxid(),
        status.leaderZxid(),
        status.lagEntries(),
        status.lagMillis(),
        status.logTimeMillis(),
        status.uptimeMillis(),
        status.snapshotAgeMillis(),
        status.stateVersion(),
        status.stateVersionMax(),
        status.reason(),
        status.alarm(),
        peers);
  }
}
