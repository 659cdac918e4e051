package io.quorate.server.transport.client.sniff;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.OpResult;
import io.quorate.protocol.Framing;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.transport.client.ClientListenerOptions;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random bytes at every stage of a conversation on the client port: each ends in a closed
 * connection, and afterwards a well-formed client is served as before.
 */
class ClientPortFuzzTest {
  private static final int SEEDS_PER_STAGE = Boolean.getBoolean("quorate.long") ? 2_000 : 40;
  private static final ClientMessage OPEN = new ClientMessage.OpenSession(5_000, "fuzz");

  private enum Stage {
    NOTHING,
    MAGIC,
    SESSION
  }

  @Test
  void randomBytesAtEveryStage_endInAClosedConnection() throws IOException {
    ClientListenerOptions options = TestClientPort.DEFAULTS.withDeadlines(100, 100, 100, 20);
    try (TestClientPort port = new TestClientPort(options)) {
      for (Stage stage : Stage.values()) {
        for (int seed = 0; seed < SEEDS_PER_STAGE; seed++) {
          noise(port, stage, new Random(31L * seed + stage.ordinal()));
        }
      }
      try (RawClient client = port.connect()) {
        ClientConnection connection = openSession(port, client);
        client.send(new ClientMessage.Sync(1));
        assertThat(port.inbox.nextMessage()).isEqualTo(new ClientMessage.Sync(1));
        connection.send(new ServerMessage.Response(1, 1, new OpResult.Done()));
        connection.flush();
        assertThat(client.read()).isInstanceOf(ServerMessage.Response.class);
      }
    }
  }

  private static ClientConnection openSession(TestClientPort port, RawClient client)
      throws IOException {
    client.begin(OPEN);
    ClientConnection connection = port.inbox.nextOpened();
    assertThat(port.inbox.nextMessage()).isEqualTo(OPEN);
    connection.send(
        new ServerMessage.SessionOpened(7, new byte[Framing.SECRET_BYTES], 5_000, 7, 100, 1));
    connection.flush();
    assertThat(client.read()).isInstanceOf(ServerMessage.SessionOpened.class);
    return connection;
  }

  private static void noise(TestClientPort port, Stage stage, Random random) throws IOException {
    byte[] noise = new byte[8 + random.nextInt(2_000)];
    random.nextBytes(noise);
    noise[0] |= (byte) 0x80; // neither a length nor ASCII
    try (RawClient client = port.connect()) {
      switch (stage) {
        case NOTHING -> {}
        case MAGIC -> client.write(Framing.magic());
        case SESSION -> openSession(port, client);
      }
      client.tryWrite(noise);
      client.readToEnd();
    }
    if (stage == Stage.MAGIC) {
      port.inbox.nextOpened();
    }
    if (stage != Stage.NOTHING) {
      assertThat(port.inbox.next().kind()).isEqualTo("closed");
    }
  }
}
