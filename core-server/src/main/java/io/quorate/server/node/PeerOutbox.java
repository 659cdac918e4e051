package io.quorate.server.node;

import io.quorate.server.codec.PeerMessageCodec;
import io.quorate.server.peer.PeerTransport;
import io.quorate.server.replication.Effect;
import io.quorate.server.replication.Message;
import org.jspecify.annotations.Nullable;

/**
 * Messages of the replica as bytes to the transport; one that goes to several peers in a row is
 * encoded once. Confined to the node thread.
 */
final class PeerOutbox {
  private final PeerTransport transport;
  private @Nullable Message lastMessage;
  private byte[] lastBody = new byte[0];

  /** Whether anything was sent since the last flush. */
  private boolean sent;

  PeerOutbox(PeerTransport transport) {
    this.transport = transport;
  }

  void send(Effect.Send send) {
    // The same object, not an equal one: comparing long messages would cost what encoding does.
    if (lastMessage != send.message()) {
      lastMessage = send.message();
      lastBody = PeerMessageCodec.encode(send.message());
    }
    transport.send(send.peer(), lastBody);
    sent = true;
  }

  void flush() {
    lastMessage = null;
    if (sent) {
      sent = false;
      transport.flush();
    }
  }
}
