package io.quorate.server.transport.client.proto;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.ScheduledFuture;
import io.quorate.data.ErrorCode;
import io.quorate.protocol.Framing;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.base.FaultHandler;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.request.ClientInbox;
import io.quorate.server.transport.Unwatched;
import io.quorate.server.transport.client.Admission;
import io.quorate.server.transport.client.ClientListenerOptions;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.ClientMeters.Cause;
import io.quorate.server.transport.client.InboundBudget;
import io.quorate.server.transport.client.OutboundBudget;
import io.quorate.server.transport.client.ServerClosing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One native client.
 *
 * <p>In: frames are decoded on the connection's loop and handed to the inbox in order. Nothing is
 * read while the client does not take what is written to it, has too many requests open, or the
 * node has not taken up what came before.
 *
 * <p>Out: the node thread encodes into one buffer per flush; the loop writes it. What waits is
 * bounded; a client that exceeds it is refused and closed.
 *
 * <p>The end: a refusal is the last word. The output is then shut, and input is discarded until the
 * client closes or the linger time is over: closing a socket with unread bytes would reset the
 * connection and could take the refusal with it.
 */
final class ProtoConnection extends ChannelInboundHandlerAdapter
    implements ClientConnection, ProtoFrameReader.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(ProtoConnection.class);

  private static final int BUFFER_BYTES = 1 << 10;

  private final long id;
  private final Channel channel;
  private final String remoteAddress;
  private final String hostAddress;
  private final Admission admission;
  private final ClientInbox inbox;
  private final ClientListenerOptions options;
  private final ClientMeters meters;
  private final OutboundBudget budget;
  private final InboundBudget inbound;
  private final FaultHandler faults;

  // --- any thread
  /** Bytes handed to the loop that have not left. */
  private final AtomicLong waitingBytes = new AtomicLong();

  /** Messages of the client without an answer. Events answer nothing. */
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Bytes of messages that the node has not taken up. */
  private final AtomicLong untakenBytes = new AtomicLong();

  /** Whether the answer that opened or attached a session is on its way. */
  private volatile boolean established;

  /** Not read because of too many requests in flight. Set on the loop. */
  private volatile boolean throttled;

  /** Not read because the node has not taken up what came before. Set on the loop. */
  private volatile boolean heldBack;

  /** The last word has been said. Set on the loop. */
  private volatile boolean finishing;

  private final Object outLock = new Object();

  @GuardedBy("outLock")
  private @Nullable ByteBuf out;

  @GuardedBy("outLock")
  private boolean gone;

  // --- loop only
  private final ProtoFrameReader reader = new ProtoFrameReader();
  private @Nullable ScheduledFuture<?> deadline;
  private boolean opened;
  private long messages;
  private long messagesAtDeadline;

  ProtoConnection(
      long id,
      Channel channel,
      Admission admission,
      ClientInbox inbox,
      ClientListenerOptions options,
      ClientMeters meters,
      OutboundBudget budget,
      InboundBudget inbound,
      FaultHandler faults) {
    this.id = id;
    this.channel = channel;
    this.remoteAddress = String.valueOf(channel.remoteAddress());
    this.hostAddress = hostAddress(channel.remoteAddress());
    this.admission = admission;
    this.inbox = inbox;
    this.options = options;
    this.meters = meters;
    this.budget = budget;
    this.inbound = inbound;
    this.faults = faults;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public String hostAddress() {
    return hostAddress;
  }

  @Override
  public String remoteAddress() {
    return remoteAddress;
  }

  @Override
  public String toString() {
    return "client connection " + id + " from " + remoteAddress;
  }

  @Override
  public void taken(int bytes) {
    inbound.add(-bytes);
    long own = untakenBytes.addAndGet(-bytes);
    if (heldBack && inbound.letsGo(own)) {
      onLoop(this::updateReading);
    }
  }

  // --- out: the node thread
  // ------------------------------------------------------------------------

  @Override
  public void send(ServerMessage message) {
    if (finishing) {
      return;
    }
    byte[] body = NativeCodec.encode(message);
    if (!(message instanceof ServerMessage.Events)) {
      inFlight.decrementAndGet();
    }
    if (message instanceof ServerMessage.SessionOpened
        || message instanceof ServerMessage.SessionAttached) {
      established = true;
    }
    synchronized (outLock) {
      if (gone) {
        return;
      }
      if (out == null) {
        out = channel.alloc().buffer(Math.max(BUFFER_BYTES, Framing.LENGTH_BYTES + body.length));
      }
      out.writeInt(body.length).writeBytes(body);
      budget.add(Framing.LENGTH_BYTES + body.length);
      long waiting = out.readableBytes() + waitingBytes.get();
      String overflow = overflowAt(waiting);
      if (overflow == null) {
        return;
      }
      budget.add(-out.readableBytes());
      out.release();
      out = null;
      gone = true;
      onLoop(() -> refuse(Cause.TOO_SLOW, ErrorCode.OVERLOADED, overflow));
    }
  }

  /** Why so much must not wait for this client; null if it may. */
  private @Nullable String overflowAt(long waiting) {
    if (waiting > options.outboundBytesMax()) {
      return "at most "
          + options.outboundBytesMax()
          + " bytes may wait to be read by this client"
          + ", found "
          + waiting;
    }
    if (budget.isTooMuch(waiting)) {
      return "at most "
          + budget.bytesMax()
          + " bytes may wait to be read by all clients, found "
          + budget.bytes()
          + ", of them "
          + waiting
          + " by this one";
    }
    return null;
  }

  @Override
  public void flush() {
    ByteBuf ready;
    synchronized (outLock) {
      ready = out;
      out = null;
    }
    if (ready != null) {
      waitingBytes.addAndGet(ready.readableBytes());
      int size = ready.readableBytes();
      if (!onLoop(() -> write(ready))) {
        ready.release();
        left(size);
      }
    }
    if (throttled && inFlight.get() <= options.inFlightMax() / 2) {
      onLoop(this::updateReading);
    }
  }

  @Override
  public void close() {
    flush();
    onLoop(this::finish);
  }

  // --- out: the loop
  // -------------------------------------------------------------------------------

  private void write(ByteBuf ready) {
    int size = ready.readableBytes();
    if (finishing) {
      ready.release();
      left(size);
      return;
    }
    channel.writeAndFlush(ready).addListener(written -> left(size));
  }

  /** So many bytes do not wait any more. */
  private void left(int size) {
    waitingBytes.addAndGet(-size);
    budget.add(-size);
  }

  private void refuse(Cause cause, ErrorCode code, String reason) {
    if (finishing) {
      return;
    }
    meters.closed(cause);
    LOG.debug("{}: refused, {}: {}", this, code, reason);
    sayLast(new ServerMessage.Refused(code, reason));
  }

  private void sayLast(ServerMessage message) {
    byte[] body = NativeCodec.encode(message);
    int size = Framing.LENGTH_BYTES + body.length;
    ByteBuf last = channel.alloc().buffer(size);
    waitingBytes.addAndGet(size);
    budget.add(size);
    write(last.writeInt(body.length).writeBytes(body));
    finish();
  }

  /** Ends the connection once everything written has left; see the class comment. */
  private void finish() {
    if (finishing) {
      return;
    }
    finishing = true;
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (!channel.isActive()) {
      return;
    }
    channel.config().setAutoRead(true);
    deadline =
        channel
            .eventLoop()
            .schedule(
                () -> Unwatched.close(channel), options.lingerMillisMax(), TimeUnit.MILLISECONDS);
    ByteBuf nothing = channel.alloc().buffer(0);
    channel
        .writeAndFlush(nothing)
        .addListener(
            written -> {
              if (channel instanceof DuplexChannel duplex && written.isSuccess()) {
                duplex.shutdownOutput().addListener(shut -> {});
              } else {
                Unwatched.close(channel);
              }
            });
  }

  // --- in: the loop
  // --------------------------------------------------------------------------------

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    budget.leave();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    budget.enter();
    deadline =
        context
            .executor()
            .schedule(this::checkSilence, options.firstMessageMillisMax(), TimeUnit.MILLISECONDS);
  }

  private void checkSilence() {
    if (established || finishing) {
      return;
    }
    if (messages == messagesAtDeadline && inFlight.get() <= 0) {
      refuse(
          Cause.SILENT,
          ErrorCode.MALFORMED,
          messages == 0
              ? "a first message is expected within " + options.firstMessageMillisMax() + " ms"
              : "a connection without a session may be silent for "
                  + options.idleMillisMax()
                  + " ms");
      return;
    }
    messagesAtDeadline = messages;
    deadline =
        channel
            .eventLoop()
            .schedule(this::checkSilence, options.idleMillisMax(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    long before = messages;
    try {
      reader.read(context.alloc(), in, this);
    } finally {
      in.release();
    }
    if (messages > before) {
      meters.received((int) (messages - before));
      if (inFlight.get() > options.inFlightMax() || inbound.holdsBack(untakenBytes.get())) {
        updateReading();
      }
    }
  }

  @Override
  public void magic(int magic) {
    if (magic != Framing.MAGIC) {
      refuse(
          Cause.MALFORMED,
          ErrorCode.UNIMPLEMENTED,
          "native protocol version "
              + (Framing.MAGIC & 0xFF)
              + " expected, found "
              + (magic & 0xFF));
    } else if (admission == Admission.ADMITTED) {
      opened = true;
      inbox.opened(this);
    } else {
      refuse(
          Cause.TOO_MANY,
          ErrorCode.OVERLOADED,
          "too many connections: at most "
              + options.connectionsMax()
              + " in all and "
              + options.connectionsPerAddressMax()
              + " from one address");
    }
  }

  @Override
  public int bodyBytesMax() {
    return established ? Framing.BODY_BYTES_MAX : Framing.BODY_BYTES_BEFORE_SESSION_MAX;
  }

  @Override
  public boolean open() {
    return !finishing;
  }

  @Override
  public void body(ByteBuffer body) {
    int bytes = body.remaining();
    ClientMessage message;
    try {
      message = NativeCodec.decodeClient(body);
    } catch (ProtocolException e) {
      Cause cause = e.code() == ErrorCode.REQUEST_TOO_LARGE ? Cause.TOO_LARGE : Cause.MALFORMED;
      refuse(cause, e.code(), String.valueOf(e.getMessage()));
      return;
    }
    messages++;
    inFlight.incrementAndGet();
    inbound.add(bytes);
    untakenBytes.addAndGet(bytes);
    inbox.received(this, message, bytes);
  }

  @Override
  public void tooLarge(long length, int max) {
    refuse(
        Cause.TOO_LARGE,
        ErrorCode.REQUEST_TOO_LARGE,
        "message of at most "
            + max
            + " bytes expected"
            + (established ? "" : " before a session is open")
            + ", found "
            + length);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    updateReading();
    context.fireChannelWritabilityChanged();
  }

  private void updateReading() {
    if (finishing) {
      return;
    }
    int resumeAt = options.inFlightMax() / 2;
    throttled = inFlight.get() > (throttled ? resumeAt : options.inFlightMax());
    // The node thread may have answered in between, before it could see that reading is off.
    if (throttled && inFlight.get() <= resumeAt) {
      throttled = false;
    }
    long own = untakenBytes.get();
    heldBack = heldBack ? !inbound.letsGo(own) : inbound.holdsBack(own);
    // Likewise: what the node took before it could see this does not come again.
    if (heldBack && inbound.letsGo(untakenBytes.get())) {
      heldBack = false;
    }
    channel.config().setAutoRead(channel.isWritable() && !throttled && !heldBack);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ServerClosing.EVENT && !finishing) {
      sayLast(new ServerMessage.Refused(ErrorCode.CLOSING, "this server is closing"));
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finishing = true;
    if (deadline != null) {
      deadline.cancel(false);
    }
    reader.release();
    synchronized (outLock) {
      gone = true;
      if (out != null) {
        budget.add(-out.readableBytes());
        out.release();
        out = null;
      }
    }
    if (opened) {
      opened = false;
      inbox.closed(this);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("{}: connection lost: {}", this, cause.toString());
    } else if (cause instanceof RuntimeException) {
      // A mistake in reading one client's bytes costs that client its connection, never the server.
      LOG.error("{}: closed, because reading from it failed", this, cause);
    } else {
      faults.fatal("client transport", cause);
    }
    Unwatched.close(channel);
  }

  /** Runs on the loop; false if it has ended, and with it the connection. */
  private boolean onLoop(Runnable task) {
    try {
      channel.eventLoop().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: its loop has ended", this);
      return false;
    }
  }

  /** Without the zone that a link-local address has: it means something on this machine only. */
  private static String hostAddress(@Nullable SocketAddress remote) {
    if (!(remote instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return "";
    }
    String text = inet.getAddress().getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
