package io.quorate.client.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.quorate.protocol.Framing;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import org.jspecify.annotations.Nullable;

/** Bytes to messages and back, on one connection. Confined to the I/O thread. */
final class FrameHandler extends ChannelInboundHandlerAdapter {

  /** What happens on the connection; in this order, the last one once. */
  interface Events {
    void up();

    void received(ServerMessage message);

    /** For now nothing more has arrived. */
    void idle();

    void down(String cause);
  }

  private final Events events;
  private @Nullable ChannelHandlerContext context;
  private String cause = "closed by the server";
  private boolean down;

  private FrameHandler(Events events) {
    this.events = events;
  }

  /** What makes a channel speak the native protocol. */
  static final class Initializer extends ChannelInitializer<SocketChannel> {
    private final FrameHandler handler;

    Initializer(Events events) {
      this.handler = new FrameHandler(events);
    }

    FrameHandler handler() {
      return handler;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      ChannelPipeline pipeline = channel.pipeline();
      pipeline.addLast(
          new LengthFieldBasedFrameDecoder(
              Framing.BODY_BYTES_MAX, 0, Framing.LENGTH_BYTES, 0, Framing.LENGTH_BYTES));
      pipeline.addLast(handler);
    }
  }

  /** Queues a message; nothing happens if the connection is down. */
  void write(ClientMessage message) {
    ChannelHandlerContext to = context;
    if (to == null || down) {
      return;
    }
    byte[] body = NativeCodec.encode(message);
    ByteBuf frame = to.alloc().buffer(Framing.LENGTH_BYTES + body.length);
    frame.writeInt(body.length).writeBytes(body);
    var unused = to.write(frame, to.voidPromise());
  }

  /** Whether to read from the server: what it sends then waits in the sockets, and in it. */
  void read(boolean wanted) {
    ChannelHandlerContext from = context;
    if (from != null && !down && from.channel().config().isAutoRead() != wanted) {
      from.channel().config().setAutoRead(wanted);
    }
  }

  void flush() {
    ChannelHandlerContext to = context;
    if (to != null && !down) {
      to.flush();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext channel) {
    context = channel;
    var unused = channel.write(Unpooled.wrappedBuffer(Framing.magic()), channel.voidPromise());
    events.up();
  }

  @Override
  public void channelRead(ChannelHandlerContext channel, Object message) {
    ByteBuf frame = (ByteBuf) message;
    try {
      if (!down) {
        events.received(NativeCodec.decodeServer(frame.nioBuffer()));
      }
    } catch (ProtocolException e) {
      fail(channel, "server fault: " + e.getMessage());
    } finally {
      frame.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext channel) {
    events.idle();
  }

  @Override
  public void channelInactive(ChannelHandlerContext channel) {
    goDown();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext channel, Throwable thrown) {
    fail(channel, ClientIo.firstLine(thrown));
  }

  private void fail(ChannelHandlerContext channel, String why) {
    cause = why;
    var unused = channel.close();
    goDown();
  }

  private void goDown() {
    if (!down) {
      down = true;
      events.down(cause);
      events.idle();
    }
  }
}
