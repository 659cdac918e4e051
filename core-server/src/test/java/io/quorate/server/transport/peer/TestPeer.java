package io.quorate.server.transport.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.server.base.NodeClock;
import io.quorate.server.peer.PeerInbox;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.transport.Await;
import io.quorate.server.transport.EventLoops;
import io.quorate.server.transport.RecordedFaults;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A transport with an inbox that the test reads: the test's thread is the node thread. Checks with
 * every event that a link goes down before it goes up, and delivers only while it is up.
 */
final class TestPeer implements PeerInbox, AutoCloseable {
  static final byte[] SECRET = "of the ensemble".getBytes(StandardCharsets.UTF_8);

  private static final SecureRandom RANDOM = new SecureRandom();

  /** What came: {@code up 2}, {@code down 2}, or {@code 2: text}. */
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  private final Set<Integer> up = ConcurrentHashMap.newKeySet();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final RecordedFaults faults;
  private final EventLoops loops = EventLoops.start("test-peer", 1);
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final int id;
  final NettyPeerTransport transport;
  final InetSocketAddress address;

  TestPeer(PeerTransportOptions options, RecordedFaults faults) {
    this.id = options.selfId();
    this.faults = faults;
    transport =
        new NettyPeerTransport(
            options, loops, new SystemClock(), RANDOM::nextLong, registry, faults);
    address = transport.bind();
  }

  static TestPeer of(int id, RecordedFaults faults) {
    return new TestPeer(options(id), faults);
  }

  static PeerTransportOptions options(int id) {
    return PeerTransportOptions.of(id, "127.0.0.1", 0, SECRET);
  }

  /** Starts all of them as one ensemble. */
  static Membership start(TestPeer... peers) {
    List<Member> members = new ArrayList<>();
    for (TestPeer peer : peers) {
      members.add(member(peer.id, peer.address.getPort()));
    }
    Membership membership = new Membership(0, members);
    for (TestPeer peer : peers) {
      peer.transport.start(membership, peer);
    }
    return membership;
  }

  static Member member(int id, int port) {
    return new Member(id, true, 0, "127.0.0.1", port);
  }

  @Override
  public void linkUp(int peer) {
    if (!up.add(peer)) {
      violations.add("up twice: " + peer);
    }
    events.add("up " + peer);
  }

  @Override
  public void linkDown(int peer, String reason) {
    if (!up.remove(peer)) {
      violations.add("down without up: " + peer);
    }
    events.add("down " + peer);
  }

  @Override
  public void received(int peer, byte[] body) {
    if (!up.contains(peer)) {
      violations.add("received while down: " + peer);
    }
    events.add(peer + ": " + new String(body, StandardCharsets.ISO_8859_1));
  }

  /** The next event; takes note of a link that is up. */
  String next() {
    try {
      String event = events.poll(20, TimeUnit.SECONDS);
      assertThat(event).as("next event of server %d", id).isNotNull();
      if (event.startsWith("up ")) {
        transport.linkSeen(Integer.parseInt(event.substring(3)));
      }
      return event;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Skips everything up to that event. */
  void skipTo(String wanted) {
    while (!next().equals(wanted)) {
      // another one
    }
  }

  void expect(String... wanted) {
    for (String event : wanted) {
      assertThat(next()).isEqualTo(event);
    }
  }

  boolean isQuiet() {
    return events.isEmpty();
  }

  void send(int peer, String text) {
    transport.send(peer, text.getBytes(StandardCharsets.ISO_8859_1));
    transport.flush();
  }

  double refusals(Refusal why) {
    return registry
        .get("quorate.server.peer.refusals")
        .tag("reason", why.name().toLowerCase(Locale.ROOT))
        .counter()
        .count();
  }

  void awaitRefusal(Refusal why) {
    Await.until(
        () -> "a refusal " + why + "; found " + registry.getMetersAsString(),
        () -> refusals(why) > 0);
  }

  @Override
  public void close() {
    transport.close();
    loops.close();
    assertThat(violations).isEmpty();
    faults.assertNone();
  }

  private static final class SystemClock implements NodeClock {
    @Override
    public long monotonicNanos() {
      return System.nanoTime();
    }

    @Override
    public long wallMillis() {
      return System.currentTimeMillis();
    }
  }
}
