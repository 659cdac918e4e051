package io.quorate.server.transport.peer;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.quorate.server.base.Invariant;
import io.quorate.server.base.NodeClock;
import io.quorate.server.base.RandomSource;
import io.quorate.server.peer.PeerInbox;
import io.quorate.server.replication.Member;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All that this server knows about its link with one peer: whether it is up, when to dial again,
 * what may pass.
 *
 * <p>A link lives as long as one authenticated connection; the next one begins a new life, after
 * the inbox was told that the old one is down. Confined to the peer loop, except for {@link
 * #waitingBytes()} and the constants.
 */
final class PeerLink {
  /**
   * A link that was up this long counts as sound: its next loss is dialled without a long pause.
   */
  private static final long SOUND_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);

  /** What a test lets through. */
  enum Mode {
    /** Everything. */
    OPEN,
    /** Nothing: no connection, in neither direction. */
    BLOCKED,
    /** What the peer sends, but not what this server sends; the peer sees silence. */
    MUTE
  }

  /** What a link needs of its transport. */
  interface Surroundings {
    EventLoop loop();

    NodeClock clock();

    RandomSource random();

    PeerInbox inbox();

    PeerTransportOptions options();

    PeerLog log();

    PeerMeters meters();

    /** Begins one attempt; ends in {@link #up}, or in {@link #dialEnded}. */
    void dial(PeerLink link, int attempt);
  }

  private final Member peer;
  private final boolean dials;
  private final Surroundings surroundings;
  private final AtomicLong waitingBytes = new AtomicLong();
  private Mode mode = Mode.OPEN;
  private @Nullable PeerConnection connection;
  private long lives;
  private long upSinceNanos;
  private int failures;
  private int attempts;
  private boolean dialling;
  private boolean closed;
  private @Nullable ScheduledFuture<?> pause;

  PeerLink(Member peer, boolean dials, Surroundings surroundings) {
    this.peer = peer;
    this.dials = dials;
    this.surroundings = surroundings;
  }

  int peerId() {
    return peer.id();
  }

  Member peer() {
    return peer;
  }

  /** Bytes accepted from the node that have neither left nor been given up. Any thread. */
  AtomicLong waitingBytes() {
    return waitingBytes;
  }

  boolean isBlocked() {
    return mode == Mode.BLOCKED;
  }

  boolean isMute() {
    return mode == Mode.MUTE;
  }

  boolean carries(PeerConnection candidate) {
    return connection == candidate;
  }

  /** Dials now, if that is this side's part and there is nothing yet. */
  void dial() {
    if (!dials || closed || dialling || connection != null || mode == Mode.BLOCKED) {
      return;
    }
    if (pause != null) {
      pause.cancel(false);
      pause = null;
    }
    dialling = true;
    surroundings.dial(this, attempts++);
  }

  /** The attempt came to nothing. */
  void dialEnded() {
    dialling = false;
    failures++;
    dialLater();
  }

  private void dialLater() {
    if (!dials || closed || pause != null || mode == Mode.BLOCKED) {
      return;
    }
    pause =
        surroundings
            .loop()
            .schedule(
                () -> {
                  pause = null;
                  dial();
                },
                nextPauseMillis(),
                TimeUnit.MILLISECONDS);
  }

  /** Doubles with every failure up to the limit; a random half of it is taken off. */
  private long nextPauseMillis() {
    PeerTransportOptions options = surroundings.options();
    int doublings = Math.min(failures, 20);
    long pauseMillis =
        Math.min(options.backOffMillisMax(), (long) options.backOffMillisMin() << doublings);
    return pauseMillis - surroundings.random().nextBelow(pauseMillis / 2 + 1);
  }

  /** An authenticated connection: the newest counts, an older one is done with first. */
  void up(PeerConnection fresh) {
    if (fresh.isDialled()) {
      dialling = false;
    }
    if (closed || mode == Mode.BLOCKED) {
      fresh.close("blocked");
      return;
    }
    down("replaced by a new connection");
    Invariant.check(connection == null, "link with server %d went up twice", peer.id());
    connection = fresh;
    fresh.carry(waitingBytes);
    if (mode == Mode.MUTE) {
      fresh.mute();
    }
    lives++;
    upSinceNanos = surroundings.clock().monotonicNanos();
    surroundings.meters().linkUp();
    surroundings.log().linkUp(peer.id(), fresh.remoteAddress());
    surroundings.inbox().linkUp(peer.id());
  }

  /** Ends the present life, if there is one, and dials again after a pause. */
  void down(String reason) {
    PeerConnection old = connection;
    if (old == null) {
      return;
    }
    connection = null;
    boolean sound = surroundings.clock().monotonicNanos() - upSinceNanos >= SOUND_NANOS_MIN;
    failures = sound ? 0 : failures + 1;
    surroundings.meters().linkDown();
    surroundings.log().linkDown(peer.id(), reason);
    surroundings.inbox().linkDown(peer.id(), reason);
    old.close(reason);
    dialLater();
  }

  /** Delivers what came in on the connection that counts; drops what an older one still had. */
  void received(PeerConnection from, byte[] body) {
    if (connection == from) {
      surroundings.meters().received(body.length);
      surroundings.inbox().received(peer.id(), body);
    }
  }

  /** Writes, or loses, one message. */
  void write(PeerOutbox.Outgoing message) {
    byte[] body = message.body();
    PeerConnection current = message.life() == lives ? connection : null;
    if (body == null) {
      if (current != null) {
        surroundings.meters().refused(Refusal.OUTBOUND_FULL);
        down(
            "more than "
                + surroundings.options().outboundBytesMax()
                + " bytes wait for server "
                + peer.id());
      }
    } else if (current == null) {
      waitingBytes.addAndGet(-PeerOutbox.sizeOf(body));
    } else {
      surroundings.meters().sent(body.length);
      current.send(body);
    }
  }

  void flush() {
    if (connection != null) {
      connection.flushMessages();
    }
  }

  /** For tests: what may pass from now on. Another mode than the present one begins a new life. */
  void mode(Mode newMode) {
    if (mode != newMode) {
      mode = newMode;
      down("the link is now " + newMode);
    }
    failures = 0;
    dial();
  }

  /** For tests: swallows what this server sends without closing the link. */
  void muteNow() {
    mode = Mode.MUTE;
    if (connection != null) {
      connection.mute();
    }
  }

  /** No further connection, no further word to the inbox. */
  void close() {
    closed = true;
    if (pause != null) {
      pause.cancel(false);
      pause = null;
    }
    down("this server is closing");
  }
}
