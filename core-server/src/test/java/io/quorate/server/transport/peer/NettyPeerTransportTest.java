package io.quorate.server.transport.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.base.InvariantViolation;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.transport.Await;
import io.quorate.server.transport.RecordedFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Links over loopback sockets. */
class NettyPeerTransportTest {
  private final RecordedFaults faults = new RecordedFaults();

  @AfterEach
  void noFaults() {
    faults.close();
    faults.assertNone();
  }

  private TestPeer peer(int id) {
    return TestPeer.of(id, faults);
  }

  @Test
  void threeServers_linkEveryPairAndTalkBothWays() {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2);
        TestPeer three = peer(3)) {
      TestPeer.start(one, two, three);
      for (TestPeer peer : List.of(one, two, three)) {
        assertThat(List.of(peer.next(), peer.next())).allMatch(event -> event.startsWith("up "));
      }
      one.send(2, "a");
      two.send(1, "b");
      three.send(1, "c");
      one.send(3, "d");
      two.expect("1: a");
      three.expect("1: d");
      assertThat(List.of(one.next(), one.next())).containsExactlyInAnyOrder("2: b", "3: c");
    }
  }

  @Test
  void manyMessagesOfAllSizes_arriveInOrder() {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2)) {
      TestPeer.start(one, two);
      one.expect("up 2");
      two.expect("up 1");
      int count = 2_000;
      for (int i = 0; i < count; i++) {
        String text = i + " " + "x".repeat(i % 7 == 0 ? 40_000 : i % 100);
        one.transport.send(2, text.getBytes(StandardCharsets.ISO_8859_1));
        if (i % 10 == 0) {
          one.transport.flush();
        }
        if (i % 100 == 0) {
          two.send(1, "back " + i);
        }
      }
      one.transport.flush();
      for (int i = 0; i < count; i++) {
        assertThat(two.next()).startsWith("1: " + i + " ");
      }
      for (int i = 0; i < count; i += 100) {
        one.expect("2: back " + i);
      }
    }
  }

  @Test
  void largestMessage_passesAndALargerOneIsABug() {
    PeerTransportOptions options = TestPeer.options(1).withLimits(100_000, 1 << 20);
    try (TestPeer one = new TestPeer(options, faults);
        TestPeer two = new TestPeer(TestPeer.options(2).withLimits(100_000, 1 << 20), faults)) {
      TestPeer.start(one, two);
      one.expect("up 2");
      two.expect("up 1");
      one.send(2, "y".repeat(100_000));
      two.expect("1: " + "y".repeat(100_000));
      assertThatThrownBy(() -> one.send(2, "y".repeat(100_001)))
          .isInstanceOf(InvariantViolation.class)
          .hasMessageContaining("100000 bytes expected, found 100001");
    }
  }

  @Test
  void peerThatEnds_isNoticedAtOnceAndFoundAgainWhenItReturns() {
    try (TestPeer two = peer(2)) {
      Membership membership;
      int port;
      try (TestPeer one = peer(1)) {
        membership = TestPeer.start(one, two);
        two.expect("up 1");
        one.expect("up 2");
        port = one.address.getPort();
      }
      two.expect("down 1");
      try (TestPeer again =
          new TestPeer(PeerTransportOptions.of(1, "127.0.0.1", port, TestPeer.SECRET), faults)) {
        again.transport.start(membership, again);
        two.expect("up 1");
        again.expect("up 2");
        two.send(1, "hello again");
        again.expect("2: hello again");
      }
    }
  }

  @Test
  void diallerThatEnds_isNoticedAtOnce() {
    try (TestPeer one = peer(1)) {
      try (TestPeer two = peer(2)) {
        TestPeer.start(one, two);
        one.expect("up 2");
      }
      one.expect("down 2");
    }
  }

  @Test
  void newerConnection_replacesTheOlderOne() throws IOException {
    try (TestPeer one = peer(1)) {
      one.transport.start(
          new Membership(0, List.of(TestPeer.member(1, 0), TestPeer.member(2, 1))), one);
      try (RawPeer older = new RawPeer(one.address);
          RawPeer newer = new RawPeer(one.address)) {
        older.authenticate(2, 1, TestPeer.SECRET);
        older.write(RawPeer.frames("old".getBytes(StandardCharsets.ISO_8859_1)));
        one.expect("up 2", "2: old");
        newer.authenticate(2, 1, TestPeer.SECRET);
        one.expect("down 2", "up 2");
        older.tryWrite(RawPeer.frames("too late".getBytes(StandardCharsets.ISO_8859_1)));
        older.awaitClosed();
        newer.write(RawPeer.frames("new".getBytes(StandardCharsets.ISO_8859_1)));
        one.expect("2: new");
        one.send(2, "answer");
        assertThat(new String(newer.readFrame(), StandardCharsets.ISO_8859_1)).isEqualTo("answer");
      }
      one.expect("down 2");
    }
  }

  @Test
  void whatWasSentBeforeTheNodeHeardOfALife_isLost() throws IOException {
    try (TestPeer one = peer(1)) {
      one.transport.start(
          new Membership(0, List.of(TestPeer.member(1, 0), TestPeer.member(2, 1))), one);
      try (RawPeer older = new RawPeer(one.address);
          RawPeer newer = new RawPeer(one.address)) {
        older.authenticate(2, 1, TestPeer.SECRET);
        one.expect("up 2");
        newer.authenticate(2, 1, TestPeer.SECRET);
        older.awaitClosed();
        one.send(2, "of the first life"); // the node has not heard of the second one yet
        one.expect("down 2", "up 2");
        one.send(2, "of the second life");
        assertThat(new String(newer.readFrame(), StandardCharsets.ISO_8859_1))
            .isEqualTo("of the second life");
      }
    }
  }

  @Test
  void handshakeUnderWay_doesNotDisturbTheLink() throws IOException {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2)) {
      TestPeer.start(one, two);
      one.expect("up 2");
      two.expect("up 1");
      try (RawPeer stranger = new RawPeer(one.address)) {
        PeerHandshake handshake =
            RawPeer.dialler(2, 1, "guess".getBytes(StandardCharsets.UTF_8), 1);
        stranger.write(RawPeer.preamble());
        stranger.write(RawPeer.frames(handshake.opening()));
        stranger.readPreamble();
        stranger.write(
            RawPeer.frames(
                ((PeerHandshake.Step.Reply) handshake.received(stranger.readFrame())).body()));
        stranger.awaitClosed();
      }
      // The connection is closed before it is counted.
      one.awaitRefusal(Refusal.WRONG_SECRET);
      assertThat(one.refusals(Refusal.WRONG_SECRET)).isEqualTo(1);
      two.send(1, "still here");
      one.expect("2: still here");
    }
  }

  @Test
  void wrongSecret_neverLinksAndIsCountedOnBothSides() {
    try (TestPeer one = peer(1);
        TestPeer two =
            new TestPeer(
                PeerTransportOptions.of(
                    2, "127.0.0.1", 0, "another".getBytes(StandardCharsets.UTF_8)),
                faults)) {
      TestPeer.start(one, two);
      one.awaitRefusal(Refusal.WRONG_SECRET);
      two.awaitRefusal(Refusal.BY_PEER);
      assertThat(one.isQuiet()).isTrue();
      assertThat(two.isQuiet()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    // id that dials, id that it wants, why server 2 refuses
    "3, 1, WRONG_PEER",
    "9, 2, UNKNOWN_PEER",
    "1, 2, WRONG_DIRECTION",
    "2, 1, SELF",
  })
  void serverThatIsNotTheRightOne_isRefusedAndTold(int from, int wanted, Refusal why)
      throws IOException {
    try (TestPeer two = peer(2)) {
      two.transport.start(
          new Membership(
              0, List.of(TestPeer.member(1, 1), TestPeer.member(2, 0), TestPeer.member(3, 1))),
          two);
      try (RawPeer raw = new RawPeer(two.address)) {
        PeerHandshake handshake = RawPeer.dialler(from, wanted, TestPeer.SECRET, 1);
        raw.write(RawPeer.preamble());
        raw.write(RawPeer.frames(handshake.opening()));
        raw.readPreamble();
        assertThat(raw.readFrame()).startsWith(5, why.wireNumber());
        raw.awaitClosed();
      }
      two.awaitRefusal(why);
      assertThat(two.isQuiet()).isTrue();
    }
  }

  @Test
  void addressThatLeadsBackToItself_isNamedSo() {
    try (TestPeer two = peer(2)) {
      two.transport.start(
          new Membership(
              0, List.of(TestPeer.member(1, two.address.getPort()), TestPeer.member(2, 0))),
          two);
      two.awaitRefusal(Refusal.SELF);
      assertThat(two.isQuiet()).isTrue();
    }
  }

  @Test
  void silentStranger_isClosedAtTheDeadline() throws IOException {
    try (TestPeer one = new TestPeer(TestPeer.options(1).withHandshakeMillisMax(50), faults)) {
      one.transport.start(
          new Membership(0, List.of(TestPeer.member(1, 0), TestPeer.member(2, 1))), one);
      try (RawPeer silent = new RawPeer(one.address)) {
        silent.awaitClosed();
      }
      one.awaitRefusal(Refusal.DEADLINE);
    }
  }

  @Test
  void acceptorThatIsSilent_isDialledAgain() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        TestPeer two = new TestPeer(TestPeer.options(2).withHandshakeMillisMax(50), faults)) {
      two.transport.start(
          new Membership(
              0, List.of(TestPeer.member(1, silent.getLocalPort()), TestPeer.member(2, 0))),
          two);
      silent.accept().close();
      silent.accept().close();
      assertThat(silent.accept().isConnected()).isTrue();
      two.awaitRefusal(Refusal.DEADLINE);
    }
  }

  @Test
  void crowdOfStrangers_isBoundedAndDoesNotKeepPeersOut() throws IOException {
    try (TestPeer one = new TestPeer(TestPeer.options(1).withHandshakeMillisMax(300), faults);
        TestPeer two = peer(2)) {
      Membership membership =
          new Membership(
              0,
              List.of(
                  TestPeer.member(1, one.address.getPort()),
                  TestPeer.member(2, two.address.getPort())));
      one.transport.start(membership, one);
      List<RawPeer> crowd = new java.util.ArrayList<>();
      for (int i = 0; i < NettyPeerTransport.UNAUTHENTICATED_MAX + 5; i++) {
        crowd.add(new RawPeer(one.address));
      }
      Await.until("the last ones are refused", () -> one.refusals(Refusal.CROWDED) >= 5);
      two.transport.start(membership, two);
      two.expect("up 1");
      for (RawPeer stranger : crowd) {
        stranger.close();
      }
    }
  }

  @Test
  void peerThatDoesNotRead_losesItsLinkRatherThanAMessage() throws IOException {
    PeerTransportOptions options = TestPeer.options(1).withLimits(1 << 20, 4 << 20);
    try (TestPeer one = new TestPeer(options, faults)) {
      one.transport.start(
          new Membership(0, List.of(TestPeer.member(1, 0), TestPeer.member(2, 1))), one);
      try (RawPeer lazy = new RawPeer(one.address)) {
        lazy.authenticate(2, 1, TestPeer.SECRET);
        one.expect("up 2");
        byte[] body = new byte[1 << 20];
        for (int i = 0; i < 40; i++) {
          one.transport.send(2, body);
          one.transport.flush();
        }
        one.expect("down 2");
        assertThat(one.refusals(Refusal.OUTBOUND_FULL)).isEqualTo(1);
      }
      try (RawPeer keen = new RawPeer(one.address)) {
        keen.authenticate(2, 1, TestPeer.SECRET);
        one.expect("up 2");
        for (int round = 0; round < 20; round++) { // the whole budget is there again
          one.send(2, "z".repeat(1 << 20));
          assertThat(keen.readFrame()).hasSize(1 << 20);
        }
      }
    }
  }

  @Test
  void damagedFrame_closesTheLinkAndIsCounted() throws IOException {
    try (TestPeer one = peer(1)) {
      one.transport.start(
          new Membership(0, List.of(TestPeer.member(1, 0), TestPeer.member(2, 1))), one);
      try (RawPeer raw = new RawPeer(one.address)) {
        raw.authenticate(2, 1, TestPeer.SECRET);
        byte[] frame = RawPeer.frames("fine".getBytes(StandardCharsets.ISO_8859_1));
        byte[] damaged = frame.clone();
        damaged[damaged.length - 1] ^= 1;
        raw.write(frame);
        raw.write(damaged);
        raw.tryWrite(frame);
        raw.awaitClosed();
        one.expect("up 2", "2: fine", "down 2");
        assertThat(one.refusals(Refusal.CHECKSUM)).isEqualTo(1);
        assertThat(one.isQuiet()).isTrue();
      }
    }
  }

  @Test
  void frameAboveTheLimit_closesTheLink() throws IOException {
    try (TestPeer one = peer(1)) {
      one.transport.start(
          new Membership(0, List.of(TestPeer.member(1, 0), TestPeer.member(2, 1))), one);
      try (RawPeer raw = new RawPeer(one.address)) {
        raw.authenticate(2, 1, TestPeer.SECRET);
        raw.write(new byte[] {0x7F, -1, -1, -1, 0, 0, 0, 0});
        raw.awaitClosed();
        one.expect("up 2", "down 2");
        assertThat(one.refusals(Refusal.FRAME_SIZE)).isEqualTo(1);
      }
    }
  }

  @Test
  void resetLink_goesDownOnBothSidesAndComesBack() {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2)) {
      TestPeer.start(one, two);
      one.expect("up 2");
      two.expect("up 1");
      one.transport.reset(2, "it said something illegal");
      one.expect("down 2", "up 2");
      two.expect("down 1", "up 1");
      one.send(2, "fresh");
      two.expect("1: fresh");
    }
  }

  @Test
  void blockedLink_staysDownUntilUnblocked() {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2)) {
      TestPeer.start(one, two);
      one.expect("up 2");
      two.expect("up 1");
      one.transport.block(2);
      one.expect("down 2");
      two.expect("down 1");
      Await.until("refused a few times", () -> one.refusals(Refusal.BLOCKED) >= 3);
      assertThat(one.isQuiet()).isTrue();
      one.transport.unblock(2);
      one.expect("up 2");
      two.expect("up 1");
      two.transport.block(1);
      two.expect("down 1");
      one.expect("down 2");
      two.transport.unblock(1);
      two.expect("up 1");
      one.expect("up 2");
    }
  }

  @Test
  void unblockOfALinkThatWasNotBlocked_leavesItUp() {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2)) {
      TestPeer.start(one, two);
      one.expect("up 2");
      two.expect("up 1");
      one.transport.unblock(2);
      two.transport.unblock(1);
      one.send(2, "still there");
      two.send(1, "here, too");
      two.expect("1: still there");
      one.expect("2: here, too");
    }
  }

  @Test
  void muteLink_staysUpAndCarriesOneDirectionOnly() {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2)) {
      TestPeer.start(one, two);
      one.expect("up 2");
      two.expect("up 1");
      one.transport.mute(2);
      one.send(2, "into the void");
      two.send(1, "heard");
      one.expect("2: heard");
      assertThat(two.isQuiet()).isTrue();
      one.transport.unblock(2);
      one.expect("down 2", "up 2");
      two.expect("down 1", "up 1");
      one.send(2, "loud");
      two.expect("1: loud");
    }
  }

  @Test
  void closedTransport_reportsItsLinksDownOnceAndLeavesNoThread() {
    TestPeer one = peer(1);
    TestPeer two = peer(2);
    TestPeer.start(one, two);
    one.expect("up 2");
    two.expect("up 1");
    two.close();
    two.expect("down 1");
    assertThat(two.isQuiet()).isTrue();
    one.expect("down 2");
    one.close();
    one.close();
    assertThat(one.isQuiet()).isTrue();
    Await.until(
        "no thread is left",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("test-peer")));
  }

  @Test
  void nameInsteadOfAnAddress_isLookedUpAside() {
    try (TestPeer one = peer(1);
        TestPeer two = peer(2)) {
      Membership membership =
          new Membership(
              0,
              List.of(
                  new Member(1, true, 0, "localhost", one.address.getPort()),
                  new Member(2, true, 0, "localhost", two.address.getPort())));
      one.transport.start(membership, one);
      two.transport.start(membership, two);
      one.expect("up 2");
      two.expect("up 1");
    }
  }

  @Test
  void unknownName_isTriedAgainAndDisturbsNobody() {
    try (TestPeer two = peer(2);
        TestPeer three = peer(3)) {
      Membership membership =
          new Membership(
              0,
              List.of(
                  new Member(1, true, 0, "no-such-host.invalid", 1),
                  TestPeer.member(2, two.address.getPort()),
                  TestPeer.member(3, three.address.getPort())));
      two.transport.start(membership, two);
      three.transport.start(membership, three);
      two.expect("up 3");
      three.expect("up 2");
    }
  }

  @Test
  void portInUse_isNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      PeerTransportOptions options =
          PeerTransportOptions.of(1, "127.0.0.1", taken.getLocalPort(), TestPeer.SECRET);
      assertThatThrownBy(() -> new TestPeer(options, faults))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("peer port 127.0.0.1:" + taken.getLocalPort());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1, true",
    "127.0.0.1, localhost, true",
    "127.0.0.1, ::1, true",
    "127.0.0.1, 10.0.0.7, false",
    "127.0.0.1, db.example.org, false",
    "0.0.0.0, 127.0.0.1, false",
  })
  void emptySecret_isForLoopbackOnly(String bindHost, String peerHost, boolean allowed) {
    PeerTransportOptions options = PeerTransportOptions.of(1, bindHost, 0, new byte[0]);
    Membership membership =
        new Membership(0, List.of(TestPeer.member(1, 0), new Member(2, true, 0, peerHost, 2888)));
    try (TestPeer one = new TestPeer(options, faults)) {
      if (allowed) {
        one.transport.start(membership, one);
      } else {
        assertThatThrownBy(() -> one.transport.start(membership, one))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("a shared peer secret is needed");
      }
    }
  }
}
