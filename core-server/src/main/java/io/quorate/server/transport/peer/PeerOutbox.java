package io.quorate.server.transport.peer;

import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the node has sent since its last flush. Confined to the node thread, but for the byte counts
 * of the links, which the peer loop lowers.
 */
final class PeerOutbox {
  /**
   * One message on its way.
   *
   * @param life of the link, counted from 1, in which it was sent; in another one it is lost
   * @param body null to close the link, because this message found no room
   */
  record Outgoing(PeerLink link, long life, byte @Nullable [] body) {}

  private final int bodyBytesMax;
  private final long waitingBytesMax;
  private final long[] seen = new long[PeerLinks.IDS];

  /** Life in which the budget ran out; what follows in it is lost. */
  private final long[] overflowed = new long[PeerLinks.IDS];

  private List<Outgoing> batch = new ArrayList<>();

  PeerOutbox(int bodyBytesMax, long waitingBytesMax) {
    this.bodyBytesMax = bodyBytesMax;
    this.waitingBytesMax = waitingBytesMax;
  }

  /** Bytes that a message takes on the wire and from the budget. */
  static long sizeOf(byte[] body) {
    return (long) PeerFrames.HEADER_BYTES + body.length;
  }

  void linkSeen(int peer) {
    seen[peer]++;
  }

  void add(PeerLink link, byte[] body) {
    Invariant.check(
        body.length > 0 && body.length <= bodyBytesMax,
        "peer message of 1 to %d bytes expected, found %d",
        bodyBytesMax,
        body.length);
    int peer = link.peerId();
    long life = seen[peer];
    if (life == overflowed[peer]) {
      return; // never up, or doomed
    }
    long size = sizeOf(body);
    if (link.waitingBytes().addAndGet(size) > waitingBytesMax) {
      link.waitingBytes().addAndGet(-size);
      overflowed[peer] = life;
      batch.add(new Outgoing(link, life, null));
      return;
    }
    batch.add(new Outgoing(link, life, body));
  }

  /** Everything since the last call, in order; empty if there is nothing. */
  List<Outgoing> take() {
    if (batch.isEmpty()) {
      return List.of();
    }
    List<Outgoing> taken = batch;
    batch = new ArrayList<>();
    return taken;
  }
}
