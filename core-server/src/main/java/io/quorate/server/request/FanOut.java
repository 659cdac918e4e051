package io.quorate.server.request;

import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.watch.WatchRegistry;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of one entry on their way to many connections. They are not all sent at once, which
 * would take long for ten thousand: each connection holds its own, sends them before anything else
 * that it sends, and the rest is sent batch by batch. The next entry is applied only when all are
 * sent, so there is one {@code Events} per connection at most, and order is kept. Confined to the
 * node thread.
 */
final class FanOut {
  /** Connections per {@link #sendSome}. */
  private static final int BATCH = 64;

  private final SessionBindings bindings;
  private final ArrayDeque<ClientSession> waiting = new ArrayDeque<>();

  FanOut(SessionBindings bindings) {
    this.bindings = bindings;
  }

  /** All that an entry means to the watches. */
  void begin(long zxid, List<WatchRegistry.Firing> firings) {
    for (WatchRegistry.Firing firing : firings) {
      ClientSession session = bindings.ofConnection(firing.connectionId());
      if (session != null) {
        session.hold(new ServerMessage.Events(zxid, firing.fired()));
        waiting.add(session);
      }
    }
  }

  /** Sends a batch; whether there is more. */
  boolean sendSome() {
    for (int i = 0; i < BATCH; i++) {
      @Nullable ClientSession session = waiting.poll();
      if (session == null) {
        return false;
      }
      bindings.sendHeld(session);
    }
    return !waiting.isEmpty();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
