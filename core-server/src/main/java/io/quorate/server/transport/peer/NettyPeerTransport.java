package io.quorate.server.transport.peer;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import io.quorate.server.base.FaultHandler;
import io.quorate.server.base.Invariant;
import io.quorate.server.base.NodeClock;
import io.quorate.server.base.RandomSource;
import io.quorate.server.peer.PeerInbox;
import io.quorate.server.peer.PeerTransport;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.transport.EventLoops;
import io.quorate.server.transport.Unwatched;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links to the other servers over TCP.
 *
 * <p>Of each pair the server with the higher id dials, and dials again, with a growing and jittered
 * pause, until it succeeds. Both prove that they know the shared secret before a link counts as up.
 * A newer authenticated connection replaces an older one, whose death this server may not have
 * noticed.
 *
 * <p>Threads: {@link #send}, {@link #flush}, {@link #linkSeen} and {@link #reset} belong to the
 * node thread. Everything else that changes is confined to one event loop. {@link #bind}, {@link
 * #start} and {@link #close} block for a bounded time and must not be called on either.
 */
public final class NettyPeerTransport implements PeerTransport, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NettyPeerTransport.class);

  /** Most connections in their handshake at once. */
  static final int UNAUTHENTICATED_MAX = 64;

  private static final long CLOSE_MILLIS_MAX = 1_000;

  private final PeerTransportOptions options;
  private final EventLoops loops;
  private final EventLoop loop;
  private final NodeClock clock;
  private final RandomSource random;
  private final PeerLog log;
  private final PeerMeters meters;
  private final FaultHandler faults;
  private final PeerDialler dialler;
  private final PeerOutbox outbox;

  /** Peer loop only: connections that have not authenticated, oldest first. */
  private final Set<PeerConnection> unauthenticated = new LinkedHashSet<>();

  private final ChannelGroup channels;
  private volatile @Nullable PeerLinks links;
  private @Nullable Channel listener;
  private boolean closing;

  /**
   * Opens nothing yet.
   *
   * @param random secure: nonces come from it; jitter, too. Used on the peer loop only
   */
  public NettyPeerTransport(
      PeerTransportOptions options,
      EventLoops loops,
      NodeClock clock,
      RandomSource random,
      MeterRegistry registry,
      FaultHandler faults) {
    this.options = options;
    this.loops = loops;
    this.loop = loops.next();
    this.clock = clock;
    this.random = random;
    this.log = new PeerLog(options.selfId(), clock);
    this.meters = new PeerMeters(registry, options.selfId());
    this.faults = faults;
    this.dialler =
        new PeerDialler(options.selfId(), loop, loops.channelType(), options.connectMillisMax());
    this.outbox = new PeerOutbox(options.frameBytesMax(), options.outboundBytesMax());
    this.channels = new DefaultChannelGroup("peer connections", loop);
  }

  /**
   * Takes the peer port; nobody is accepted before {@link #start}.
   *
   * @return where it listens
   * @throws UncheckedIOException if the port can't be had; the message names it
   */
  public InetSocketAddress bind() {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop, loop)
            .channel(loops.serverChannelType())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
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
              "peer port "
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

  /**
   * Begins to accept and to dial.
   *
   * @param members the whole ensemble; this server is among them
   * @throws IllegalArgumentException if the secret is empty and an address is not loopback
   */
  public void start(Membership members, PeerInbox inbox) {
    Channel listening = listener;
    if (listening == null) {
      throw new IllegalStateException("bind() comes before start()");
    }
    requireSecretBeyondLoopback(members);
    Surroundings surroundings = new Surroundings(inbox);
    PeerLinks started =
        new PeerLinks(
            options.selfId(),
            members,
            peer -> new PeerLink(peer, options.selfId() > peer.id(), surroundings));
    links = started;
    onLoop(
        () -> {
          listening.config().setAutoRead(true);
          started.all().forEach(PeerLink::dial);
        });
  }

  private void requireSecretBeyondLoopback(Membership members) {
    if (options.secret().length > 0) {
      return;
    }
    requireLoopback("the address to listen at", options.bindHost());
    for (Member member : members.members()) {
      requireLoopback("server " + member.id(), member.host());
    }
  }

  /** A name other than localhost could lead elsewhere tomorrow. */
  private static void requireLoopback(String what, String host) {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    boolean loopback = host.equals("localhost");
    if (literal != null) {
      try {
        loopback = InetAddress.getByAddress(literal).isLoopbackAddress();
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("no address: " + host, e);
      }
    }
    if (!loopback) {
      throw new IllegalArgumentException(
          "a shared peer secret is needed, because "
              + what
              + " is at "
              + host
              + ", which is not a loopback address");
    }
  }

  @Override
  public void linkSeen(int peer) {
    outbox.linkSeen(peer);
  }

  @Override
  public void send(int peer, byte[] body) {
    PeerLinks present = links;
    PeerLink link = present == null ? null : present.link(peer);
    Invariant.check(link != null, "server %d is no peer of server %d", peer, options.selfId());
    if (link != null) {
      outbox.add(link, body);
    }
  }

  @Override
  public void flush() {
    List<PeerOutbox.Outgoing> batch = outbox.take();
    if (!batch.isEmpty()) {
      onLoop(() -> write(batch));
    }
  }

  private void write(List<PeerOutbox.Outgoing> batch) {
    PeerLink last = null;
    boolean several = false;
    for (PeerOutbox.Outgoing message : batch) {
      message.link().write(message);
      several |= last != null && last != message.link();
      last = message.link();
    }
    if (several && links != null) {
      links.all().forEach(PeerLink::flush);
    } else if (last != null) {
      last.flush();
    }
  }

  @Override
  public void reset(int peer, String reason) {
    onLink(peer, link -> link.down(reason));
  }

  /** For tests: no connection with that peer, in neither direction, until {@link #unblock}. */
  public void block(int peer) {
    onLinkAndWait(
        peer,
        link -> {
          link.mode(PeerLink.Mode.BLOCKED);
          for (PeerConnection connection : List.copyOf(unauthenticated)) {
            if (connection.peerAsKnown() == peer) {
              connection.close("blocked");
            }
          }
        });
  }

  /**
   * For tests: what this server sends to that peer vanishes while the link stays up, until {@link
   * #unblock}, which begins with a new link. The other direction works.
   */
  public void mute(int peer) {
    onLinkAndWait(peer, PeerLink::muteNow);
  }

  /** For tests: ends {@link #block} or {@link #mute}. */
  public void unblock(int peer) {
    onLinkAndWait(peer, link -> link.mode(PeerLink.Mode.OPEN));
  }

  /**
   * Reports every link down, closes everything, and waits for it for at most about a second. The
   * inbox hears nothing afterwards.
   */
  @Override
  public void close() {
    onLoopAndWait(
        () -> {
          closing = true;
          PeerLinks present = links;
          if (present != null) {
            present.all().forEach(PeerLink::close);
          }
          List.copyOf(unauthenticated).forEach(c -> c.close("this server is closing"));
        });
    channels.close().awaitUninterruptibly(CLOSE_MILLIS_MAX);
    dialler.close();
  }

  // --- on the peer loop --------------------------------------------------------------------------

  private void accept(SocketChannel channel) {
    PeerLinks present = links;
    if (closing || present == null) {
      Unwatched.close(channel);
      return;
    }
    if (unauthenticated.size() >= UNAUTHENTICATED_MAX) {
      meters.refused(Refusal.CROWDED);
      log.refused(
          Refusal.CROWDED,
          0,
          String.valueOf(channel.remoteAddress()),
          UNAUTHENTICATED_MAX + " handshakes are under way");
      Unwatched.close(channel);
      return;
    }
    PeerHandshake handshake =
        PeerHandshake.acceptor(options.selfId(), options.secret(), nonce(), present);
    PeerConnection connection =
        new PeerConnection(
            new Owner(present, null),
            handshake,
            false,
            options.frameBytesMax(),
            options.handshakeMillisMax());
    unauthenticated.add(connection);
    channels.add(channel);
    channel.pipeline().addLast(connection);
  }

  private void dial(PeerLink link, int attempt) {
    PeerLinks present = links;
    if (present == null) {
      return;
    }
    PeerHandshake handshake =
        PeerHandshake.dialler(options.selfId(), link.peerId(), options.secret(), nonce(), present);
    PeerConnection connection =
        new PeerConnection(
            new Owner(present, link),
            handshake,
            true,
            options.frameBytesMax(),
            options.handshakeMillisMax());
    if (link.isMute()) {
      connection.mute();
    }
    unauthenticated.add(connection);
    dialler.dial(
        link.peer().host(),
        link.peer().peerPort(),
        attempt,
        new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            channels.add(channel);
            channel.pipeline().addLast(connection);
          }
        },
        reason -> {
          log.unreachable(link.peerId(), reason);
          connection.close(reason);
        });
  }

  private byte[] nonce() {
    ByteBuffer nonce = ByteBuffer.allocate(PeerHandshake.NONCE_BYTES);
    while (nonce.hasRemaining()) {
      nonce.putLong(random.nextLong());
    }
    return nonce.array();
  }

  /** What becomes of a connection. */
  private final class Owner implements PeerConnection.Owner {
    private final PeerLinks present;
    private final @Nullable PeerLink dialledFor;

    Owner(PeerLinks present, @Nullable PeerLink dialledFor) {
      this.present = present;
      this.dialledFor = dialledFor;
    }

    @Override
    public void authenticated(PeerConnection connection, int peer) {
      unauthenticated.remove(connection);
      PeerLink link = present.link(peer);
      Invariant.check(link != null, "authenticated server %d is not configured", peer);
      if (link != null) {
        link.up(connection);
      }
    }

    @Override
    public void received(PeerConnection connection, byte[] body) {
      PeerLink link = present.link(connection.peerAsKnown());
      if (link != null) {
        link.received(connection, body);
      }
    }

    @Override
    public void ended(PeerConnection connection, @Nullable Refusal why, String reason) {
      boolean handshaking = unauthenticated.remove(connection);
      if (why != null) {
        meters.refused(why);
        if (why != Refusal.BLOCKED) {
          log.refused(why, connection.peerAsKnown(), connection.remoteAddress(), reason);
        }
      }
      PeerLink link = present.link(connection.peerAsKnown());
      if (link != null && link.carries(connection)) {
        link.down(reason);
      }
      if (handshaking && dialledFor != null) {
        dialledFor.dialEnded();
      }
    }

    @Override
    public void failed(Throwable cause) {
      faults.fatal("peer transport", cause);
    }
  }

  /** What the links see of this transport. */
  private final class Surroundings implements PeerLink.Surroundings {
    private final PeerInbox inbox;

    Surroundings(PeerInbox inbox) {
      this.inbox = inbox;
    }

    @Override
    public EventLoop loop() {
      return loop;
    }

    @Override
    public NodeClock clock() {
      return clock;
    }

    @Override
    public RandomSource random() {
      return random;
    }

    @Override
    public PeerInbox inbox() {
      return inbox;
    }

    @Override
    public PeerTransportOptions options() {
      return options;
    }

    @Override
    public PeerLog log() {
      return log;
    }

    @Override
    public PeerMeters meters() {
      return meters;
    }

    @Override
    public void dial(PeerLink link, int attempt) {
      NettyPeerTransport.this.dial(link, attempt);
    }
  }

  // --- onto the peer loop ------------------------------------------------------------------------

  private interface LinkAction {
    void on(PeerLink link);
  }

  private void onLink(int peer, LinkAction action) {
    PeerLinks present = links;
    PeerLink link = present == null ? null : present.link(peer);
    if (link != null) {
      onLoop(() -> action.on(link));
    }
  }

  private void onLinkAndWait(int peer, LinkAction action) {
    PeerLinks present = links;
    PeerLink link = present == null ? null : present.link(peer);
    if (link == null) {
      throw new IllegalArgumentException("server " + peer + " is no peer");
    }
    onLoopAndWait(() -> action.on(link));
  }

  private void onLoop(Runnable task) {
    try {
      loop.execute(() -> guarded(task));
    } catch (RejectedExecutionException e) {
      LOG.debug("server {}: the peer loop has ended", options.selfId());
    }
  }

  private void onLoopAndWait(Runnable task) {
    Invariant.check(!loop.inEventLoop(), "would wait for itself on the peer loop");
    try {
      loop.submit(() -> guarded(task)).await(CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("server {}: the peer loop has ended", options.selfId());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) { // thread top: of a task on the peer loop
      faults.fatal("peer transport", e);
    }
  }
}
