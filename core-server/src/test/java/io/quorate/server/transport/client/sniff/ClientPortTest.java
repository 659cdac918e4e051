package io.quorate.server.transport.client.sniff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchKind;
import io.quorate.protocol.Framing;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.transport.Await;
import io.quorate.server.transport.EventLoops;
import io.quorate.server.transport.client.ClientListener;
import io.quorate.server.transport.client.ClientListenerOptions;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.ClientMeters.Cause;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client port over loopback sockets. */
class ClientPortTest {
  private static final ClientMessage OPEN = new ClientMessage.OpenSession(5_000, "test");
  private static final ServerMessage OPENED =
      new ServerMessage.SessionOpened(7, new byte[Framing.SECRET_BYTES], 5_000, 7, 100, 1);

  private static ServerMessage answer(long xid) {
    return new ServerMessage.Response(xid, xid, new OpResult.Done());
  }

  /** A client with an open session. */
  private static ClientConnection open(TestClientPort port, RawClient client) throws IOException {
    client.begin(OPEN);
    ClientConnection connection = port.inbox.nextOpened();
    assertThat(port.inbox.nextMessage()).isEqualTo(OPEN);
    connection.send(OPENED);
    connection.flush();
    assertThat(client.read()).isInstanceOf(ServerMessage.SessionOpened.class);
    return connection;
  }

  @Test
  void conversation_goesBothWaysInOrder() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      assertThat(connection.remoteAddress()).contains("127.0.0.1");
      int count = 1_000;
      ClientMessage[] syncs = new ClientMessage[count];
      for (int i = 0; i < count; i++) {
        syncs[i] = new ClientMessage.Sync(i + 1);
      }
      client.send(syncs);
      for (int i = 0; i < count; i++) {
        assertThat(port.inbox.nextMessage()).isEqualTo(syncs[i]);
        connection.send(answer(i + 1));
        if (i % 100 == 99) {
          connection.flush();
        }
      }
      for (int i = 0; i < count; i++) {
        assertThat(client.read()).isEqualTo(answer(i + 1));
      }
      client.close();
      port.inbox.expectClosed(connection);
    }
  }

  @Test
  void connectionClosedByTheNode_deliversWhatWasSentBefore() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      connection.send(answer(1));
      connection.close();
      connection.send(answer(2));
      connection.flush();
      assertThat(client.read()).isEqualTo(answer(1));
      assertThat(client.readToEnd()).isEmpty();
      client.close();
      port.inbox.expectClosed(connection);
    }
  }

  @Test
  void clientThatDoesNotCloseAfterTheLastWord_isClosedAfterTheLinger() throws IOException {
    ClientListenerOptions options = TestClientPort.DEFAULTS.withDeadlines(5_000, 5_000, 5_000, 50);
    try (TestClientPort port = new TestClientPort(options);
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      connection.close();
      port.inbox.expectClosed(connection);
      assertThat(port.connections()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ruok, UNSERVED_PROTOCOL",
    "stat, UNSERVED_PROTOCOL",
    "'\0\0\0-', UNSERVED_PROTOCOL", // length of a ZooKeeper connect request
    "'\u0016\u0003\u0001\u0002', UNSERVED_PROTOCOL", // TLS record
    "'\u0016', UNSERVED_PROTOCOL",
    "GET / HTTP/1.1, UNKNOWN_PROTOCOL",
    "'\u00d1Qx', UNKNOWN_PROTOCOL",
    "'\u00d1QP\u0001', UNKNOWN_PROTOCOL", // a peer at the wrong port
    "'\u00ff', UNKNOWN_PROTOCOL",
  })
  void otherProtocols_areRecognisedAndClosed(String first, Cause cause) throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      client.write(first.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(client.readToEnd()).isEmpty();
      port.awaitClosed(cause);
      assertThat(port.inbox.isQuiet()).isTrue();
    }
  }

  @Test
  void magicByteByByte_isRecognised() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      for (byte next : Framing.magic()) {
        client.write(new byte[] {next});
      }
      for (byte next : RawClient.frames(OPEN)) {
        client.write(new byte[] {next});
      }
      port.inbox.nextOpened();
      assertThat(port.inbox.nextMessage()).isEqualTo(OPEN);
    }
  }

  @Test
  void otherVersionOfTheProtocol_isToldWhichOneIsServed() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      client.write(new byte[] {(byte) 0xD1, 'Q', 'R', 9});
      ServerMessage.Refused refused = client.readRefused();
      assertThat(refused.code()).isEqualTo(ErrorCode.UNIMPLEMENTED);
      assertThat(refused.reason()).contains("version 1 expected, found 9");
      assertThat(client.readToEnd()).isEmpty();
      assertThat(port.inbox.isQuiet()).isTrue();
    }
  }

  @Test
  void noFirstBytes_areNotWaitedForLong() throws IOException {
    ClientListenerOptions options = TestClientPort.DEFAULTS.withDeadlines(50, 5_000, 5_000, 50);
    try (TestClientPort port = new TestClientPort(options);
        RawClient silent = port.connect();
        RawClient slow = port.connect()) {
      slow.write(new byte[] {(byte) 0xD1, 'Q'});
      assertThat(silent.readToEnd()).isEmpty();
      assertThat(slow.readToEnd()).isEmpty();
      Await.until("both counted", () -> port.closed(Cause.SILENT) == 2);
    }
  }

  @Test
  void noFirstMessage_isRefused() throws IOException {
    ClientListenerOptions options = TestClientPort.DEFAULTS.withDeadlines(5_000, 50, 5_000, 50);
    try (TestClientPort port = new TestClientPort(options);
        RawClient client = port.connect()) {
      client.write(Framing.magic(), new byte[] {0, 0});
      ClientConnection connection = port.inbox.nextOpened();
      assertThat(client.readRefused().reason()).contains("within 50 ms");
      port.inbox.expectClosed(connection);
    }
  }

  @Test
  void connectionWithoutASession_mayNotBeIdleForEver() throws IOException {
    ClientListenerOptions options = TestClientPort.DEFAULTS.withDeadlines(5_000, 50, 50, 50);
    try (TestClientPort port = new TestClientPort(options);
        RawClient client = port.connect()) {
      client.begin(new ClientMessage.StatusQuery(1));
      ClientConnection connection = port.inbox.nextOpened();
      port.inbox.nextMessage();
      connection.send(answer(1));
      connection.flush();
      assertThat(client.read()).isEqualTo(answer(1));
      assertThat(client.readRefused().reason()).contains("without a session");
      port.inbox.expectClosed(connection);
    }
  }

  @Test
  void connectionWithASession_mayBeIdle() throws IOException {
    ClientListenerOptions options = TestClientPort.DEFAULTS.withDeadlines(5_000, 30, 30, 30);
    try (TestClientPort port = new TestClientPort(options);
        RawClient client = port.connect();
        RawClient other = port.connect()) {
      ClientConnection connection = open(port, client);
      other.write(Framing.magic());
      ClientConnection second = port.inbox.nextOpened();
      other.readRefused(); // so the deadline of the first one has passed, too
      port.inbox.expectClosed(second);
      client.send(new ClientMessage.Sync(1));
      assertThat(port.inbox.nextMessage()).isEqualTo(new ClientMessage.Sync(1));
      assertThat(connection.id()).isNotEqualTo(second.id());
    }
  }

  @Test
  void firstMessageAboveItsLimit_isRefusedBeforeItCame() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      client.write(
          Framing.magic(),
          new byte[] {0, 0, (byte) (Framing.BODY_BYTES_BEFORE_SESSION_MAX >> 8), 1});
      ClientConnection connection = port.inbox.nextOpened();
      ServerMessage.Refused refused = client.readRefused();
      assertThat(refused.code()).isEqualTo(ErrorCode.REQUEST_TOO_LARGE);
      assertThat(refused.reason()).contains("1024 bytes expected before a session is open");
      client.close();
      port.inbox.expectClosed(connection);
    }
  }

  @Test
  void laterMessageAboveItsLimit_isRefusedEvenThoughTheClientKeepsSending() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      client.write(new byte[] {0x7F, 0, 0, 0});
      for (int i = 0; i < 16; i++) {
        client.tryWrite(new byte[64 << 10]);
      }
      assertThat(client.readRefused().code()).isEqualTo(ErrorCode.REQUEST_TOO_LARGE);
      client.close();
      port.inbox.expectClosed(connection);
    }
  }

  @Test
  void messageLongerThanTheFirstLimit_passesOnceTheSessionIsOpen() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      open(port, client);
      ClientMessage large =
          new ClientMessage.AddWatch(
              1, 1, "/" + "p".repeat(Framing.BODY_BYTES_BEFORE_SESSION_MAX), WatchKind.PERSISTENT);
      client.send(large);
      assertThat(port.inbox.nextMessage()).isEqualTo(large);
    }
  }

  @Test
  void bytesThatAreNoMessage_areRefusedAsMalformed() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      client.write(Framing.magic(), new byte[] {0, 0, 0, 2, -1, -1});
      ClientConnection connection = port.inbox.nextOpened();
      assertThat(client.readRefused().code()).isEqualTo(ErrorCode.MALFORMED);
      client.close();
      port.inbox.expectClosed(connection);
      assertThat(port.closed(Cause.MALFORMED)).isEqualTo(1);
    }
  }

  @Test
  void connectionsBeyondTheLimit_areToldSoAndOthersGoOn() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS.withConnections(2, 2));
        RawClient first = port.connect();
        RawClient second = port.connect()) {
      ClientConnection one = open(port, first);
      open(port, second);
      try (RawClient third = port.connect()) {
        third.begin(OPEN);
        ServerMessage.Refused refused = third.readRefused();
        assertThat(refused.code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(refused.reason()).contains("at most 2 in all");
      }
      first.close();
      port.inbox.expectClosed(one);
      Await.until("room again", () -> port.connections() == 1);
      try (RawClient fourth = port.connect()) {
        open(port, fourth);
      }
    }
  }

  @Test
  void clientThatDoesNotRead_isRefusedWhenTooMuchWaits() throws IOException {
    ClientListenerOptions options =
        TestClientPort.DEFAULTS.withWaiting(1 << 20, 100).withDeadlines(5_000, 5_000, 5_000, 100);
    try (TestClientPort port = new TestClientPort(options);
        RawClient lazy = port.connect()) {
      ClientConnection connection = open(port, lazy);
      ServerMessage bulky =
          new ServerMessage.Events(
              1,
              List.of(
                  new ServerMessage.Fired(
                      1, io.quorate.data.WatchEvent.Type.values()[0], "/" + "x".repeat(100_000))));
      Await.until(
          "the limit is reached",
          () -> {
            connection.send(bulky);
            connection.flush();
            // Cut off by its own limit, not only by that of all together.
            assertThat(port.waitingBytes()).isLessThan(2 << 20);
            return port.closed(Cause.TOO_SLOW) > 0;
          });
      port.inbox.expectClosed(connection);
    }
  }

  @Test
  void manySlowReaders_areCutOffTogetherBeforeAnyReachesItsOwnLimit() throws IOException {
    long total = 2 << 20;
    int readers = 8;
    ClientListenerOptions options =
        TestClientPort.DEFAULTS
            .withOutboundTotal(total)
            .withWaiting(2 << 20, 100)
            .withDeadlines(5_000, 5_000, 5_000, 100);
    List<RawClient> clients = new ArrayList<>();
    try (TestClientPort port = new TestClientPort(options)) {
      List<ClientConnection> connections = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        RawClient client = port.connect();
        clients.add(client);
        connections.add(open(port, client));
      }
      ServerMessage bulky =
          new ServerMessage.Events(
              1,
              List.of(
                  new ServerMessage.Fired(
                      1, io.quorate.data.WatchEvent.Type.values()[0], "/" + "x".repeat(20_000))));
      // Kernel buffers take some megabytes of each; none gets to its own 2 MiB before the sum ends
      // it.
      Await.until(
          "somebody is cut off",
          () -> {
            for (ClientConnection connection : connections) {
              connection.send(bulky);
              connection.flush();
            }
            assertThat(port.waitingBytes()).isLessThan(total * 3 / 2);
            return port.closed(Cause.TOO_SLOW) >= 3;
          });
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void clientWithTooManyOpenRequests_isNotReadUntilTheyAreAnswered() throws IOException {
    ClientListenerOptions options = TestClientPort.DEFAULTS.withWaiting(1 << 20, 10);
    try (TestClientPort port = new TestClientPort(options);
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      int count = 5_000;
      String path = "/" + "p".repeat(1_000);
      Thread writer =
          new Thread(
              () -> {
                try {
                  for (int i = 1; i <= count; i++) {
                    client.send(new ClientMessage.AddWatch(i, i, path, WatchKind.PERSISTENT));
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      writer.start();
      int mostWaiting = 0;
      for (int i = 1; i <= count; i++) {
        assertThat(port.inbox.nextMessage())
            .isEqualTo(new ClientMessage.AddWatch(i, i, path, WatchKind.PERSISTENT));
        mostWaiting = Math.max(mostWaiting, port.inbox.pending());
        connection.send(answer(i));
        connection.flush();
      }
      for (int i = 1; i <= count; i++) {
        assertThat(client.read()).isEqualTo(answer(i));
      }
      // The limit, and what one read of the socket (64 KiB) holds beyond it.
      assertThat(mostWaiting).isBetween(2, 100);
    }
  }

  /** Sends on a thread of its own, as fast as it is read; ends with the connection. */
  private static void flood(RawClient client, int count, int bytes) {
    String path = "/" + "p".repeat(bytes);
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 1; i <= count; i++) {
                  client.send(new ClientMessage.AddWatch(i, i, path, WatchKind.PERSISTENT));
                }
              } catch (IOException e) {
                // The test is over, or has failed on its own thread.
              }
            });
    writer.start();
  }

  @Test
  void clientThatSendsFasterThanTheNodeTakes_isNotReadUntilItTook() throws IOException {
    int total = 16 << 20; // so one connection may have 1 MiB waiting
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS.withInboundTotal(total));
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      int count = 400; // 40 MB: more than kernel buffers of both sides hold
      flood(client, count, 100_000);
      Await.until("the bound is passed", () -> port.untakenBytes() > (1 << 20));
      double most = 0;
      for (int i = 1; i <= count; i++) {
        most = Math.max(most, port.untakenBytes());
        assertThat(port.inbox.nextMessage()).isInstanceOf(ClientMessage.AddWatch.class);
        connection.send(answer(i));
        connection.flush();
      }
      // The bound and one frame; a few, if a read of the socket had more than one.
      assertThat(most).isBetween((double) (1 << 20), (double) (1 << 20) + 300_000);
      assertThat(port.untakenBytes()).isZero();
    }
  }

  @Test
  void manyClientsThatSendFasterThanTheNodeTakes_areBoundedTogether() throws IOException {
    int total = 4 << 20; // so 256 KiB for each, for 16 of the 40
    int clients = 40;
    int count = 30;
    ClientListenerOptions options = TestClientPort.DEFAULTS.withInboundTotal(total);
    List<RawClient> flooding = new ArrayList<>();
    try (TestClientPort port = new TestClientPort(options)) {
      for (int i = 0; i < clients; i++) {
        RawClient client = port.connect();
        flooding.add(client);
        open(port, client);
      }
      for (RawClient client : flooding) {
        flood(client, count, 40_000);
      }
      Await.until("the bound is passed", () -> port.untakenBytes() > total);
      double most = 0;
      for (int i = 0; i < clients * count; i++) {
        most = Math.max(most, port.untakenBytes());
        assertThat(port.inbox.nextMessage()).isInstanceOf(ClientMessage.AddWatch.class);
      }
      // Each may have one read and the frame that it ends: without the bound in sum, 40 times 256
      // KiB.
      assertThat(most).isLessThan(total + clients * ((64 << 10) + 40_000.0));
      assertThat(port.untakenBytes()).isZero();
    } finally {
      for (RawClient client : flooding) {
        client.close();
      }
    }
  }

  @Test
  void closingServer_saysSoToItsClients() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      Thread closer = new Thread(port::closeListener);
      closer.start();
      assertThat(client.readRefused().code()).isEqualTo(ErrorCode.CLOSING);
      assertThatThrownBy(client::read).isInstanceOf(EOFException.class);
      client.close();
      port.inbox.expectClosed(connection);
      assertThatThrownBy(port::connect).isInstanceOf(IOException.class);
    }
  }

  @Test
  void closedPort_leavesNoConnectionAndNoThread() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect();
        RawClient silent = port.connect()) {
      open(port, client);
      silent.write(new byte[] {(byte) 0xD1});
      port.close();
      assertThat(port.inbox.open()).isZero();
      client.readToEnd();
      assertThat(silent.readToEnd()).isEmpty();
      Await.until(
          "no thread is left",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().startsWith("test-client")));
    }
  }

  @Test
  void killedPort_breaksItsConnectionsWithoutAWord() throws IOException {
    try (TestClientPort port = new TestClientPort(TestClientPort.DEFAULTS);
        RawClient client = port.connect()) {
      ClientConnection connection = open(port, client);
      connection.send(answer(1));
      port.killListener();
      assertThat(client.readToEnd()).isEmpty();
      port.inbox.expectClosed(connection);
      connection.send(answer(2));
      connection.flush();
      connection.close();
      assertThatThrownBy(port::connect).isInstanceOf(IOException.class);
    }
  }

  @Test
  void portInUse_isNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        EventLoops loops = EventLoops.start("test-client", 1)) {
      ClientListener listener =
          new ClientListener(
              ClientListenerOptions.of("127.0.0.1", taken.getLocalPort()),
              loops,
              new ClientMeters(new SimpleMeterRegistry(), 1));
      assertThatThrownBy(listener::bind)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("client port 127.0.0.1:" + taken.getLocalPort());
    }
  }
}
