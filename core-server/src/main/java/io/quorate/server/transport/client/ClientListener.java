package io.quorate.server.transport.client;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.quorate.server.transport.EventLoops;
import io.quorate.server.transport.Unwatched;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The client port: accepts, counts, and hands each connection to a {@link ConnectionStart}.
 *
 * <p>{@link #bind}, {@link #start} and {@link #close} belong to the thread that owns the server and
 * block for a bounded time.
 */
public final class ClientListener implements AutoCloseable {
  /** How long clients have, when the server closes, to close their side. */
  static final long FAREWELL_MILLIS_MAX = 300;

  private static final long CLOSE_MILLIS_MAX = 1_000;
  private static final int BACKLOG = 1_024;

  /** Reading stops while more than the high mark waits to be written, bytes. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 << 10, 256 << 10);

  private final ClientListenerOptions options;
  private final EventLoops loops;
  private final ConnectionLimits limits;
  private final ClientMeters meters;
  private final ChannelGroup channels;
  private volatile @Nullable ConnectionStart start;
  private @Nullable Channel listener;

  /** Opens nothing yet. */
  public ClientListener(ClientListenerOptions options, EventLoops loops, ClientMeters meters) {
    this.options = options;
    this.loops = loops;
    this.meters = meters;
    this.limits =
        new ConnectionLimits(options.connectionsMax(), options.connectionsPerAddressMax());
    this.channels = new DefaultChannelGroup("client connections", loops.next(), true);
  }

  /**
   * Takes the client port; nobody is accepted before {@link #start}.
   *
   * @return where it listens
   * @throws UncheckedIOException if the port can't be had; the message names it
   */
  public InetSocketAddress bind() {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannelType())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accept(channel);
                  }
                })
            .bind(new InetSocketAddress(options.bindHost(), options.bindPort()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new UncheckedIOException(
          new IOException(
              "client port "
                  + options.bindHost()
                  + ":"
                  + options.bindPort()
                  + " can't be opened: "
                  + bound.cause(),
              bound.cause()));
    }
    listener = bound.channel();
    channels.add(listener);
    return (InetSocketAddress) listener.localAddress();
  }

  /** Begins to accept. */
  public void start(ConnectionStart newStart) {
    Channel listening = listener;
    if (listening == null) {
      throw new IllegalStateException("bind() comes before start()");
    }
    start = newStart;
    listening.config().setAutoRead(true);
  }

  private void accept(SocketChannel channel) {
    ConnectionStart present = start;
    if (present == null) {
      Unwatched.close(channel);
      return;
    }
    InetAddress address = channel.remoteAddress().getAddress();
    Admission admission = limits.enter(address);
    meters.opened();
    channel
        .closeFuture()
        .addListener(
            closed -> {
              limits.leave(address, admission);
              meters.gone();
            });
    if (admission == Admission.DROPPED) {
      meters.closed(ClientMeters.Cause.TOO_MANY);
      Unwatched.close(channel);
      return;
    }
    channels.add(channel);
    present.begin(channel.pipeline(), admission);
  }

  /**
   * Closes the port, tells every client, and closes what then is still open. Waits for at most
   * {@link #FAREWELL_MILLIS_MAX} for the clients and about a second for the sockets.
   */
  @Override
  public void close() {
    closePort();
    for (Channel channel : channels) {
      channel.pipeline().fireUserEventTriggered(ServerClosing.EVENT);
    }
    channels.newCloseFuture().awaitUninterruptibly(FAREWELL_MILLIS_MAX);
    channels.close().awaitUninterruptibly(CLOSE_MILLIS_MAX);
  }

  /**
   * For tests: closes everything without a word to the clients, as the end of the process would.
   */
  public void kill() {
    closePort();
    channels.close().awaitUninterruptibly(CLOSE_MILLIS_MAX);
  }

  private void closePort() {
    Channel listening = listener;
    if (listening != null) {
      listening.close().awaitUninterruptibly(CLOSE_MILLIS_MAX);
    }
  }
}
