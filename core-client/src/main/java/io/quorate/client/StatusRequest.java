package io.quorate.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** One status query on a connection of its own. */
final class StatusRequest {
  private StatusRequest() {}

  static CompletableFuture<ServerStatus> send(String server, Duration timeout) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("not built yet: " + server + " " + timeout));
  }
}
