package io.quorate.server.transport.peer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.quorate.server.base.Invariant;
import io.quorate.server.transport.Unwatched;
import io.quorate.server.transport.peer.PeerHandshake.Step;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection with a peer, or with somebody who says so: first the handshake, then frames.
 *
 * <p>Ends once, for whatever reason, and delivers nothing afterwards. Confined to the peer loop.
 */
final class PeerConnection extends ChannelInboundHandlerAdapter implements PeerFrameReader.Sink {
  /** Small messages share buffers of this size on their way to the socket, bytes. */
  private static final int GATHERED_BYTES = 64 << 10;

  /** Who hears of it. */
  interface Owner {
    void authenticated(PeerConnection connection, int peer);

    void received(PeerConnection connection, byte[] body);

    /** Called once, also for a connection that never was authenticated. */
    void ended(PeerConnection connection, @Nullable Refusal why, String reason);

    /** An error of our own. */
    void failed(Throwable cause);
  }

  private final Owner owner;
  private final PeerHandshake handshake;
  private final PeerFrameReader reader = new PeerFrameReader();
  private final int bodyBytesMax;
  private final int handshakeMillisMax;
  private final boolean dialled;
  private @Nullable Channel channel;
  private @Nullable ByteBuf gathered;
  private @Nullable ScheduledFuture<?> deadline;
  private AtomicLong waiting = new AtomicLong();
  private int peer;
  private boolean ended;
  private boolean mute;

  PeerConnection(
      Owner owner,
      PeerHandshake handshake,
      boolean dialled,
      int bodyBytesMax,
      int handshakeMillisMax) {
    this.owner = owner;
    this.handshake = handshake;
    this.dialled = dialled;
    this.bodyBytesMax = bodyBytesMax;
    this.handshakeMillisMax = handshakeMillisMax;
  }

  /** Whether this side connected. */
  boolean isDialled() {
    return dialled;
  }

  /** Authenticated, or merely claimed, or 0. */
  int peerAsKnown() {
    return peer != 0 ? peer : handshake.claimedPeer();
  }

  /** For logs. */
  String remoteAddress() {
    return channel == null ? "nowhere" : String.valueOf(channel.remoteAddress());
  }

  /** From now on whatever is written vanishes; the other side sees a connection that is silent. */
  void mute() {
    mute = true;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    channel = context.channel();
    if (ended) {
      Unwatched.close(context.channel());
      return;
    }
    ByteBuf out = context.alloc().buffer(PeerFrames.PREAMBLE_BYTES);
    write(out.writeInt(PeerFrames.PREAMBLE));
    byte[] opening = handshake.opening();
    if (opening != null) {
      writeFrame(opening);
    }
    flush();
    deadline =
        context
            .executor()
            .schedule(this::deadlinePassed, handshakeMillisMax, TimeUnit.MILLISECONDS);
  }

  private void deadlinePassed() {
    if (peer == 0) {
      end(Refusal.DEADLINE, "no handshake within " + handshakeMillisMax + " ms", null);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      reader.read(in, this);
    } finally {
      in.release();
    }
  }

  @Override
  public boolean open() {
    return !ended;
  }

  @Override
  public void frame(byte[] body) {
    if (peer != 0) {
      owner.received(this, body);
      return;
    }
    Step step = handshake.received(body);
    if (step instanceof Step.Reply reply) {
      writeFrame(reply.body());
      flush();
    } else if (step instanceof Step.Authenticated authenticated) {
      if (authenticated.lastWord() != null) {
        writeFrame(authenticated.lastWord());
        flush();
      }
      peer = authenticated.peer();
      reader.limit(bodyBytesMax);
      owner.authenticated(this, peer);
    } else if (step instanceof Step.Refused refused) {
      end(refused.why(), refused.reason(), refused.farewell());
    }
  }

  @Override
  public void illegal(Refusal refusal, String reason) {
    boolean farewell = peer == 0 && (refusal == Refusal.FRAME_SIZE || refusal == Refusal.CHECKSUM);
    end(refusal, reason, farewell ? PeerHandshake.refusal(refusal, reason) : null);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(null, "the other side closed the connection", null);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      owner.failed(cause);
    }
    end(null, "connection lost: " + cause, null);
  }

  /** Ends the connection on this side's wish. What was written and not sent is lost. */
  void close(String reason) {
    end(null, reason, null);
  }

  private void end(@Nullable Refusal why, String reason, byte @Nullable [] farewell) {
    if (ended) {
      return;
    }
    ended = true;
    if (gathered != null) {
      waiting.addAndGet(-gathered.readableBytes());
      gathered.release();
      gathered = null;
    }
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (channel != null) {
      if (farewell != null && channel.isActive() && !mute) {
        ByteBuf out = channel.alloc().buffer(PeerFrames.HEADER_BYTES + farewell.length);
        PeerFrames.write(out, farewell);
        channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
      } else {
        Unwatched.close(channel);
      }
    }
    owner.ended(this, why, reason);
  }

  /**
   * From now on messages are sent.
   *
   * @param newWaiting bytes not sent; lowered by a frame's size once it has left, or can't any more
   */
  void carry(AtomicLong newWaiting) {
    waiting = newWaiting;
  }

  /** Queues one message of a size that counts as waiting already. */
  void send(byte[] body) {
    Invariant.check(peer != 0, "message for a connection that is not authenticated");
    int size = (int) PeerOutbox.sizeOf(body);
    if (ended || mute || channel == null) {
      waiting.addAndGet(-size);
      return;
    }
    if (gathered != null && gathered.writableBytes() < size) {
      writeGathered();
    }
    if (gathered == null) {
      gathered = channel.alloc().buffer(Math.max(size, GATHERED_BYTES));
    }
    PeerFrames.write(gathered, body);
  }

  /** Hands everything queued to the socket. */
  void flushMessages() {
    writeGathered();
    flush();
  }

  private void writeGathered() {
    ByteBuf out = gathered;
    gathered = null;
    if (out != null && channel != null) {
      long size = out.readableBytes();
      channel.write(out).addListener(written -> waiting.addAndGet(-size));
    }
  }

  private void writeFrame(byte[] body) {
    if (channel != null) {
      ByteBuf out = channel.alloc().buffer(PeerFrames.HEADER_BYTES + body.length);
      PeerFrames.write(out, body);
      write(out);
    }
  }

  private void write(ByteBuf out) {
    if (mute || channel == null) {
      out.release();
    } else {
      Unwatched.write(channel, out);
    }
  }

  private void flush() {
    if (channel != null) {
      channel.flush();
    }
  }
}
