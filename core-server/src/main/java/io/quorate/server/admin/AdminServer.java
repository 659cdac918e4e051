package io.quorate.server.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.quorate.server.transport.EventLoops;
import io.quorate.server.transport.Unwatched;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP port for probes and people: one request per connection, answered from {@link
 * AdminPages}, closed afterwards.
 *
 * <p>{@link #bind}, {@link #start} and {@link #close} belong to the owner.
 */
public final class AdminServer implements AutoCloseable {
  private static final int LINE_BYTES_MAX = 1 << 10;
  private static final int HEADER_BYTES_MAX = 8 << 10;

  /** Nobody has a reason to send a body; a small one is read and ignored. */
  private static final int BODY_BYTES_MAX = 1 << 10;

  private static final long CLOSE_MILLIS_MAX = 1_000;

  /**
   * @param bind host name or address of this machine
   * @param port 0 for any free one
   * @param connectionsMax further ones are closed at once
   * @param deadline for a whole exchange, from the first byte of the connection to the last
   */
  public record Options(String bind, int port, int connectionsMax, Duration deadline) {
    private static final int CONNECTIONS_MAX = 64;
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    public static Options of(String bind, int port) {
      return new Options(bind, port, CONNECTIONS_MAX, DEADLINE);
    }
  }

  private final Options options;
  private final EventLoops loops;
  private final ChannelGroup channels =
      new DefaultChannelGroup("admin", GlobalEventExecutor.INSTANCE);
  private final Queue<Channel> opened = new ConcurrentLinkedQueue<>();

  /** Null until {@link #start}: then nothing is accepted. */
  private volatile @Nullable AdminPages pages;

  private @Nullable Channel listener;

  /**
   * @param loops its own; closed by the caller after this
   */
  public AdminServer(Options options, EventLoops loops) {
    this.options = options;
    this.loops = loops;
  }

  /**
   * Takes the port; nobody is answered before {@link #start}.
   *
   * @throws UncheckedIOException if the port can't be had; the message names it
   */
  public InetSocketAddress bind() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannelType())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accept(channel);
                  }
                });
    ChannelFuture bound =
        bootstrap
            .bind(new InetSocketAddress(options.bind(), options.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new UncheckedIOException(
          new IOException(
              "admin port "
                  + options.bind()
                  + ":"
                  + options.port()
                  + " can't be opened (admin.port = off does without): "
                  + bound.cause(),
              bound.cause()));
    }
    Channel channel = bound.channel();
    listener = channel;
    return (InetSocketAddress) channel.localAddress();
  }

  /** Answers from now on. Once, after {@link #bind}. */
  public void start(AdminPages answers) {
    pages = answers;
    Channel listening = listener;
    if (listening != null) {
      listening.config().setAutoRead(true);
    }
  }

  private void accept(SocketChannel channel) {
    AdminPages present = pages;
    if (present == null) {
      Unwatched.close(channel);
      return;
    }
    // Room is made by the oldest: connections that idle must not keep a probe out.
    opened.add(channel);
    while (opened.size() > options.connectionsMax()) {
      Channel oldest = opened.poll();
      if (oldest != null) {
        Unwatched.close(oldest);
      }
    }
    channel.closeFuture().addListener(closed -> opened.remove(channel));
    channels.add(channel);
    var deadline =
        channel
            .eventLoop()
            .schedule(
                () -> Unwatched.close(channel),
                options.deadline().toMillis(),
                TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(closed -> deadline.cancel(false));
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(LINE_BYTES_MAX)
                    .setMaxHeaderSize(HEADER_BYTES_MAX)))
        .addLast(new HttpObjectAggregator(BODY_BYTES_MAX, true))
        .addLast(new AdminHandler(present));
  }

  /** Closes the port and every connection; waits for about a second. */
  @Override
  public void close() {
    Channel listening = listener;
    if (listening != null) {
      listening.close().awaitUninterruptibly(CLOSE_MILLIS_MAX);
    }
    channels.close().awaitUninterruptibly(CLOSE_MILLIS_MAX);
  }
}
