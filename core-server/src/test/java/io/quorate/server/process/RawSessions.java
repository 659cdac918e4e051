package io.quorate.server.process;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.quorate.data.WatchKind;
import io.quorate.protocol.Framing;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of connections, each with a session that does nothing but ping, on one thread: so many
 * clients of the library would take as many threads.
 */
final class RawSessions implements AutoCloseable {
  private static final int OPENING_MAX = 100;
  private static final long TIMEOUT_MILLIS = 30_000;

  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Semaphore opening = new Semaphore(OPENING_MAX);
  private final List<Channel> channels = new ArrayList<>();
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger heard = new AtomicInteger();
  private final AtomicInteger pongs = new AtomicInteger();
  private final AtomicLong lastHeardNanos = new AtomicLong();
  private final AtomicReference<@Nullable String> problem = new AtomicReference<>();

  /** Opens so many sessions, spread over the ports; returns when all are open. */
  void open(int count, int[] ports) throws InterruptedException {
    Bootstrap bootstrap =
        new Bootstrap().group(loop).channel(NioSocketChannel.class).handler(new Pipeline());
    int before = opened.get();
    for (int i = 0; i < count; i++) {
      opening.acquire();
      check();
      channels.add(
          bootstrap
              .connect(InetAddress.getLoopbackAddress(), ports[i % ports.length])
              .sync()
              .channel());
    }
    await("sessions", opened, before + count);
  }

  /** Leaves a watch on each connection; returns when all are left. */
  void watchAll(String path) throws InterruptedException {
    int before = answered.get();
    for (Channel channel : channels) {
      send(channel, new ClientMessage.AddWatch(1, 1, path, WatchKind.PERSISTENT));
    }
    await("watches", answered, before + channels.size());
  }

  /** Waits until every connection heard of a change; returns when the last one did. */
  long awaitHeard(int times) throws InterruptedException {
    await("events", heard, channels.size() * times);
    return lastHeardNanos.get();
  }

  int pongs() {
    return pongs.get();
  }

  private void await(String what, AtomicInteger counter, int wanted) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (counter.get() < wanted) {
      check();
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(
            "waited in vain for " + wanted + " " + what + ", found " + counter.get());
      }
      synchronized (counter) {
        counter.wait(1);
      }
    }
  }

  private void check() {
    String found = problem.get();
    if (found != null) {
      throw new IllegalStateException(found);
    }
  }

  private static void send(Channel channel, ClientMessage message) {
    byte[] body = NativeCodec.encode(message);
    ByteBuf frame = channel.alloc().buffer(Framing.LENGTH_BYTES + body.length);
    var unused = channel.writeAndFlush(frame.writeInt(body.length).writeBytes(body));
  }

  @Override
  public void close() {
    problem.set("closed");
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Pipeline extends ChannelInitializer<NioSocketChannel> {
    @Override
    protected void initChannel(NioSocketChannel channel) {
      channel
          .pipeline()
          .addLast(
              new LengthFieldBasedFrameDecoder(
                  Framing.BODY_BYTES_MAX, 0, Framing.LENGTH_BYTES, 0, Framing.LENGTH_BYTES))
          .addLast(new Session());
    }
  }

  private final class Session extends SimpleChannelInboundHandler<ByteBuf> {
    private long lastPing;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      var unused = context.write(Unpooled.wrappedBuffer(Framing.magic()));
      send(context.channel(), new ClientMessage.OpenSession(TIMEOUT_MILLIS, "idle"));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf body)
        throws ProtocolException {
      ServerMessage message = NativeCodec.decodeServer(body.nioBuffer());
      if (message instanceof ServerMessage.SessionOpened session) {
        opened.incrementAndGet();
        opening.release();
        var unused =
            context
                .executor()
                .scheduleAtFixedRate(
                    () -> send(context.channel(), new ClientMessage.Ping(++lastPing, 0)),
                    session.timeoutMillis() / 3,
                    session.timeoutMillis() / 3,
                    TimeUnit.MILLISECONDS);
      } else if (message instanceof ServerMessage.Response) {
        answered.incrementAndGet();
      } else if (message instanceof ServerMessage.Events) {
        lastHeardNanos.set(System.nanoTime());
        heard.incrementAndGet();
      } else if (message instanceof ServerMessage.Pong) {
        pongs.incrementAndGet();
      } else {
        problem.compareAndSet(null, "unexpected " + message);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      problem.compareAndSet(null, "a server closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      problem.compareAndSet(null, "a connection failed: " + cause);
      var unused = context.close();
    }
  }
}
