package io.quorate.server.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A fixed number of threads that serve sockets: epoll where it loads, NIO else.
 *
 * <p>The threads are daemons: a process does not live on for its sockets alone. Thread-safe.
 */
public final class EventLoops implements AutoCloseable {
  /** How long {@link #close()} waits for the threads to end. */
  public static final long CLOSE_MILLIS_MAX = 2_000;

  private final EventLoopGroup group;
  private final boolean epoll;

  private EventLoops(EventLoopGroup group, boolean epoll) {
    this.group = group;
    this.epoll = epoll;
  }

  /**
   * Starts (lazily) that many threads.
   *
   * @param name prefix of the threads' names
   */
  public static EventLoops start(String name, int threads) {
    return start(name, threads, Epoll.isAvailable());
  }

  static EventLoops start(String name, int threads, boolean epoll) {
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    DefaultThreadFactory factory = new DefaultThreadFactory(name, true);
    return new EventLoops(new MultiThreadIoEventLoopGroup(threads, factory, handlers), epoll);
  }

  /** All loops; a channel registered here gets one of them in turn. */
  public EventLoopGroup group() {
    return group;
  }

  /** One loop, for a component that wants to be confined to a single thread. */
  public EventLoop next() {
    return group.next();
  }

  /** The kind of listening socket that fits these loops. */
  public Class<? extends ServerSocketChannel> serverChannelType() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** The kind of connection that fits these loops. */
  public Class<? extends SocketChannel> channelType() {
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /**
   * Ends the threads; waits for at most {@link #CLOSE_MILLIS_MAX}. Whatever is served by them is
   * closed before: a loop that ends while it is busy may leave its sockets open for good, and the
   * other side would never hear of the end.
   */
  @Override
  public void close() {
    group
        .shutdownGracefully(0, CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_MILLIS_MAX);
  }
}
