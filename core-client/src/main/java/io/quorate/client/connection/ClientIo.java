package io.quorate.client.connection;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One I/O thread and how to connect from it: epoll where it loads, else NIO. Names are looked up on
 * another thread, because a lookup may take seconds and the I/O thread keeps the time.
 */
final class ClientIo {
  private static final long LOOKUP_IDLE_SECONDS = 5;

  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final Class<? extends SocketChannel> channelType;
  private final ThreadPoolExecutor lookups;

  ClientIo(String threadName) {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.group =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(threadName, true), handlers);
    this.loop = group.next();
    this.channelType = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    this.lookups =
        new ThreadPoolExecutor(
            1,
            1,
            LOOKUP_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory(threadName + "-lookup", true));
    lookups.allowCoreThreadTimeOut(true);
  }

  EventLoop loop() {
    return loop;
  }

  /** One attempt to connect. */
  interface Attempt {
    /** Ends it, or closes what came of it. I/O thread. */
    void cancel();
  }

  /**
   * Connects. {@code handler} hears of the channel; {@code failed} is called on the I/O thread,
   * unless cancelled, with the cause if there will be none. Called on the I/O thread.
   */
  Attempt connect(ServerAddress server, ChannelHandler handler, Consumer<String> failed) {
    PendingConnect attempt = new PendingConnect(handler, failed);
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(server.host());
    if (literal != null) {
      try {
        InetAddress address = InetAddress.getByAddress(server.host(), literal);
        attempt.connect(new InetSocketAddress(address, server.port()));
      } catch (UnknownHostException e) {
        throw new IllegalStateException("a literal address of 4 or 16 bytes", e);
      }
    } else {
      lookups.execute(() -> attempt.lookUp(server));
    }
    return attempt;
  }

  private final class PendingConnect implements Attempt {
    private final ChannelHandler handler;
    private final Consumer<String> failed;
    private boolean cancelled;
    private @Nullable Channel channel;

    PendingConnect(ChannelHandler handler, Consumer<String> failed) {
      this.handler = handler;
      this.failed = failed;
    }

    /** Lookup thread. */
    void lookUp(ServerAddress server) {
      InetSocketAddress address = new InetSocketAddress(server.host(), server.port());
      if (!loop.isShuttingDown()) {
        loop.execute(() -> connect(address));
      }
    }

    void connect(InetSocketAddress address) {
      if (cancelled) {
        return;
      }
      if (address.isUnresolved()) {
        failed.accept("unknown host");
        return;
      }
      Bootstrap bootstrap =
          new Bootstrap()
              .group(loop)
              .channel(channelType)
              .option(ChannelOption.TCP_NODELAY, true)
              .option(ChannelOption.SO_KEEPALIVE, true)
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
              .handler(handler);
      var connecting = bootstrap.connect(address);
      channel = connecting.channel();
      connecting.addListener(
          done -> {
            Throwable cause = done.cause();
            if (cause != null && !cancelled) {
              failed.accept(firstLine(cause));
            }
          });
    }

    @Override
    public void cancel() {
      cancelled = true;
      Channel open = channel;
      if (open != null) {
        var unused = open.close();
      }
    }
  }

  /** What a person needs of it. */
  static String firstLine(Throwable cause) {
    String message = cause.getMessage();
    String text = message == null ? cause.getClass().getSimpleName() : message;
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  /** Ends the I/O thread soon, after what it has been given. */
  void shutDown() {
    lookups.shutdownNow();
    var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
