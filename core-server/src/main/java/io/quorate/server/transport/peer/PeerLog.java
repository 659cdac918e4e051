package io.quorate.server.transport.peer;

import io.quorate.server.base.NodeClock;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the peer transport tells a person, without drowning them: the same complaint about the same
 * server comes once a minute. Confined to the peer loop.
 */
final class PeerLog {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLog.class);

  private static final long REPEAT_NANOS_MIN = TimeUnit.MINUTES.toNanos(1);

  /** One kind of complaint about one server. */
  private static final class Complaint {
    private long loggedNanos;
    private long suppressed;
  }

  private final int self;
  private final NodeClock clock;

  /** By kind and server: at most 16 times 256 of them. */
  private final Map<Integer, Complaint> complaints = new TreeMap<>();

  PeerLog(int self, NodeClock clock) {
    this.self = self;
    this.clock = clock;
  }

  void linkUp(int peer, String address) {
    LOG.info("link up; server={} peer={} address={}", self, peer, address);
  }

  void linkDown(int peer, String reason) {
    LOG.info("link down: {}; server={} peer={}", reason, self, peer);
  }

  /**
   * A connection was refused, by this server or by the other.
   *
   * @param peer as claimed, 0 if unknown
   */
  void refused(Refusal why, int peer, String address, String reason) {
    Complaint complaint = due(why.wireNumber(), peer);
    if (complaint != null) {
      LOG.warn(
          "no link with {}: {}; server={} peer={} address={} refusal={} suppressed={}",
          peer == 0 ? "a stranger" : "server " + peer,
          reason,
          self,
          peer,
          address,
          why,
          complaint.suppressed);
      complaint.suppressed = 0;
    }
  }

  /** A server could not be reached. */
  void unreachable(int peer, String reason) {
    Complaint complaint = due(0, peer);
    if (complaint != null) {
      LOG.info("server {} can't be reached: {}; server={} peer={}", peer, reason, self, peer);
    }
  }

  private @Nullable Complaint due(int kind, int peer) {
    long now = clock.monotonicNanos();
    Complaint complaint = complaints.get(kind * PeerLinks.IDS + peer);
    if (complaint == null) {
      complaint = new Complaint();
      complaints.put(kind * PeerLinks.IDS + peer, complaint);
    } else if (now - complaint.loggedNanos < REPEAT_NANOS_MIN) {
      complaint.suppressed++;
      return null;
    }
    complaint.loggedNanos = now;
    return complaint;
  }
}
