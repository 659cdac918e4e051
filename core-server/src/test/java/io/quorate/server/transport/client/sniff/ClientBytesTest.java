package io.quorate.server.transport.client.sniff;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import io.quorate.protocol.Framing;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.transport.RecordedFaults;
import io.quorate.server.transport.client.Admission;
import io.quorate.server.transport.client.ClientListenerOptions;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.proto.NativeProtocol;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole pipeline of a connection without a socket: every split, many damages. */
class ClientBytesTest {
  private static final ClientMessage OPEN = new ClientMessage.OpenSession(5_000, "test");
  private static final ClientMessage SYNC = new ClientMessage.Sync(2);
  private static final ClientMessage WATCH =
      new ClientMessage.AddWatch(3, 4, "/a/b", WatchKind.PERSISTENT);
  private static final int SEEDS = Boolean.getBoolean("quorate.long") ? 20_000 : 400;

  private final RecordedFaults faults = new RecordedFaults();
  private final RecordingInbox inbox = new RecordingInbox();
  private final ProtocolSniffer sniffer;

  ClientBytesTest() {
    ClientListenerOptions options = TestClientPort.DEFAULTS;
    ClientMeters meters = new ClientMeters(new SimpleMeterRegistry(), 1);
    sniffer =
        new ProtocolSniffer(
            List.of(
                new NativeProtocol(
                    inbox, new AtomicLong()::incrementAndGet, options, meters, faults)),
            options,
            meters);
  }

  @AfterEach
  void noFaults() {
    faults.close();
    faults.assertNone();
    inbox.assertLegal();
  }

  private static byte[] conversation() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Framing.magic());
    out.writeBytes(RawClient.frames(OPEN, SYNC, WATCH));
    return out.toByteArray();
  }

  private EmbeddedChannel channel() {
    EmbeddedChannel channel = new EmbeddedChannel();
    sniffer.begin(channel.pipeline(), Admission.ADMITTED);
    return channel;
  }

  private static void feed(EmbeddedChannel channel, byte[] bytes, int from, int to) {
    if (to > from && channel.isOpen()) {
      channel.writeInbound(channel.alloc().buffer(to - from).writeBytes(bytes, from, to - from));
      channel.runPendingTasks();
    }
  }

  @Test
  void everySplitPoint_givesTheSameMessages() {
    byte[] bytes = conversation();
    for (int cut = 0; cut <= bytes.length; cut++) {
      EmbeddedChannel channel = channel();
      feed(channel, bytes, 0, cut);
      feed(channel, bytes, cut, bytes.length);
      assertWholeConversation(channel);
    }
  }

  @Test
  void piecesOfAnySize_giveTheSameMessages() {
    byte[] bytes = conversation();
    for (int size = 1; size < bytes.length; size++) {
      EmbeddedChannel channel = channel();
      for (int from = 0; from < bytes.length; from += size) {
        feed(channel, bytes, from, Math.min(bytes.length, from + size));
      }
      assertWholeConversation(channel);
    }
  }

  /** A body above 4 KiB that came in pieces once ended the process. */
  @Test
  void largeBodyInPieces_arrivesWhole() {
    // The first message of a connection is small; only then may a large one follow.
    byte[] first = RawClient.frames(OPEN);
    for (int dataBytes : new int[] {4_000, 4_096, 5_000, 100_000, 900_000}) {
      ClientMessage.Write large =
          new ClientMessage.Write(
              2, 1, 0, new WriteOp.SetData("/a", new byte[dataBytes], WriteOp.ANY_VERSION));
      byte[] second = RawClient.frames(large);
      for (int size : new int[] {1_448, 4_096, 65_536}) {
        EmbeddedChannel channel = channel();
        feed(channel, Framing.magic(), 0, 4);
        feed(channel, first, 0, first.length);
        ClientConnection connection = inbox.nextOpened();
        assertThat(inbox.nextMessage()).isEqualTo(OPEN);
        connection.send(new ServerMessage.SessionOpened(1, new byte[16], 5_000, 1, 16, 1));
        connection.flush();
        channel.runPendingTasks();
        for (int from = 0; from < second.length; from += size) {
          feed(channel, second, from, Math.min(second.length, from + size));
        }
        ClientMessage.Write arrived = (ClientMessage.Write) inbox.nextMessage();
        assertThat(((WriteOp.SetData) arrived.op()).data()).hasSize(dataBytes);
        channel.finishAndReleaseAll();
        inbox.expectClosed(connection);
      }
    }
  }

  private void assertWholeConversation(EmbeddedChannel channel) {
    channel.finishAndReleaseAll();
    assertThat(drain()).containsExactly(OPEN, SYNC, WATCH);
  }

  @Test
  void everyTruncation_deliversOnlyWholeMessagesAndClosesOnce() {
    byte[] bytes = conversation();
    for (int length = 0; length < bytes.length; length++) {
      EmbeddedChannel channel = channel();
      feed(channel, bytes, 0, length);
      channel.finishAndReleaseAll();
      List<ClientMessage> messages = drain();
      assertThat(messages).hasSizeLessThan(3);
      assertThat(messages).isEqualTo(List.of(OPEN, SYNC, WATCH).subList(0, messages.size()));
    }
  }

  @Test
  void damagedConversations_endInARefusalOrAClosedConnection() {
    byte[] valid = conversation();
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] bytes = valid.clone();
      int flips = 1 + random.nextInt(4);
      for (int i = 0; i < flips; i++) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      EmbeddedChannel channel = channel();
      int cut = random.nextInt(bytes.length);
      feed(channel, bytes, 0, cut);
      feed(channel, bytes, cut, bytes.length);
      assertNothingButARefusal(channel, seed);
    }
  }

  @Test
  void randomBytesBehindTheMagic_endInARefusalOrWait() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[8 + random.nextInt(200)];
      random.nextBytes(noise);
      System.arraycopy(Framing.magic(), 0, noise, 0, Framing.MAGIC_BYTES);
      if (seed % 2 == 0) { // a length that fits, so that the codec sees the noise
        ByteBuffer.wrap(noise).putInt(Framing.MAGIC_BYTES, noise.length - 8);
      }
      EmbeddedChannel channel = channel();
      feed(channel, noise, 0, noise.length);
      assertNothingButARefusal(channel, seed);
    }
  }

  @Test
  void randomBytes_neverReachTheInbox() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[1 + random.nextInt(64)];
      random.nextBytes(noise);
      EmbeddedChannel channel = channel();
      feed(channel, noise, 0, noise.length);
      channel.finishAndReleaseAll();
      assertThat(inbox.isQuiet()).as("seed %d", seed).isTrue();
    }
  }

  private void assertNothingButARefusal(EmbeddedChannel channel, int seed) {
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      if (out.isReadable()) {
        assertThat(out.readInt()).as("seed %d", seed).isEqualTo(out.readableBytes());
        try {
          assertThat(NativeCodec.decodeServer(out.nioBuffer()))
              .isInstanceOf(ServerMessage.Refused.class);
        } catch (ProtocolException e) {
          throw new AssertionError("seed " + seed, e);
        }
      }
      out.release();
    }
    channel.finishAndReleaseAll();
    drain();
  }

  /** The messages delivered, if the connection was opened: then it was closed, too. */
  private List<ClientMessage> drain() {
    List<ClientMessage> messages = new ArrayList<>();
    if (inbox.isQuiet()) {
      return messages;
    }
    inbox.nextOpened();
    RecordingInbox.Event event = inbox.next();
    for (; event.kind().equals("received"); event = inbox.next()) {
      messages.add(event.message());
    }
    assertThat(event.kind()).isEqualTo("closed");
    assertThat(inbox.isQuiet()).isTrue();
    return messages;
  }
}
