package io.quorate.server.transport.peer;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Finds a peer's address and connects to it. The name is looked up anew for every attempt, as a
 * server may move; a name with several addresses gets them in turn.
 *
 * <p>A lookup may block for as long as the system's resolver likes, so it has threads of its own:
 * at most one per peer, and none while nothing is looked up.
 */
final class PeerDialler implements AutoCloseable {
  private static final long IDLE_SECONDS_MAX = 5;

  private final EventLoop loop;
  private final Class<? extends SocketChannel> channelType;
  private final int connectMillisMax;
  private final ThreadPoolExecutor lookups;

  PeerDialler(
      int self, EventLoop loop, Class<? extends SocketChannel> channelType, int connectMillisMax) {
    this.loop = loop;
    this.channelType = channelType;
    this.connectMillisMax = connectMillisMax;
    this.lookups =
        new ThreadPoolExecutor(
            0,
            PeerLinks.IDS,
            IDLE_SECONDS_MAX,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "quorate-" + self + "-peer-lookup");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * One attempt. Called on the peer loop.
   *
   * @param attempt counts up; picks among several addresses
   * @param connection handler of the connection, if it comes about
   * @param failed called on the peer loop with the reason if it does not
   */
  void dial(
      String host, int port, int attempt, ChannelHandler connection, Consumer<String> failed) {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    if (literal != null) {
      try {
        connect(InetAddress.getByAddress(host, literal), port, connection, failed);
      } catch (UnknownHostException e) {
        failed.accept("no address: " + host);
      }
      return;
    }
    lookups.execute(
        () -> {
          try {
            InetAddress[] found = InetAddress.getAllByName(host);
            InetAddress next = found[Math.floorMod(attempt, found.length)];
            onLoop(() -> connect(next, port, connection, failed));
          } catch (UnknownHostException e) {
            onLoop(() -> failed.accept("name " + host + " has no address at the moment"));
          }
        });
  }

  private void connect(
      InetAddress address, int port, ChannelHandler connection, Consumer<String> failed) {
    new Bootstrap()
        .group(loop)
        .channel(channelType)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillisMax)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .handler(connection)
        .connect(new InetSocketAddress(address, port))
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                failed.accept(String.valueOf(connected.cause().getMessage()));
              }
            });
  }

  /** The loop may have ended while a name was looked up; then nobody waits for the answer. */
  private void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      lookups.shutdown();
    }
  }

  @Override
  public void close() {
    lookups.shutdownNow();
  }
}
