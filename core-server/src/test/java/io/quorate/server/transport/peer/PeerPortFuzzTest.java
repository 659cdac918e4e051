package io.quorate.server.transport.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.transport.RecordedFaults;
import io.quorate.server.transport.peer.PeerHandshake.Step;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random bytes at every stage of a conversation on the peer port, while another link works: each
 * ends in a closed connection, none in a fault, and the other link does not notice.
 */
class PeerPortFuzzTest {
  private static final int SEEDS_PER_STAGE = Boolean.getBoolean("quorate.long") ? 2_000 : 40;

  private enum Stage {
    NOTHING,
    PREAMBLE,
    HELLO,
    AUTHENTICATED
  }

  @Test
  void randomBytesAtEveryStage_endInAClosedConnection() throws IOException {
    RecordedFaults faults = new RecordedFaults();
    try (TestPeer one = new TestPeer(TestPeer.options(1).withHandshakeMillisMax(200), faults);
        TestPeer two = TestPeer.of(2, faults);
        TestPeer three = TestPeer.of(3, faults)) {
      TestPeer.start(one, two, three);
      two.transport.block(3);
      three.transport.block(1); // server 3 is played by the noise
      one.skipTo("up 2");
      two.skipTo("up 1");
      for (Stage stage : Stage.values()) {
        for (int seed = 0; seed < SEEDS_PER_STAGE; seed++) {
          noise(one, stage, seed);
        }
      }
      two.send(1, "still here");
      one.skipTo("2: still here");
    }
    faults.close();
    faults.assertNone();
  }

  private static void noise(TestPeer target, Stage stage, int seed) throws IOException {
    Random random = new Random(31L * seed + stage.ordinal());
    byte[] noise = new byte[1 + random.nextInt(600)];
    random.nextBytes(noise);
    if (seed % 3 == 0) {
      // A plausible frame: a length within the limits, a matching checksum, a random body.
      byte[] body = new byte[1 + random.nextInt(80)];
      random.nextBytes(body);
      body[0] = (byte) (1 + random.nextInt(5));
      noise = RawPeer.frames(body);
    } else {
      noise[0] |= (byte) 0x80; // no length at all
    }
    try (RawPeer raw = new RawPeer(target.address)) {
      switch (stage) {
        case NOTHING -> {}
        case PREAMBLE -> raw.write(RawPeer.preamble());
        case HELLO -> {
          PeerHandshake handshake = RawPeer.dialler(3, 1, TestPeer.SECRET, seed);
          raw.write(RawPeer.preamble());
          raw.write(RawPeer.frames(handshake.opening()));
          raw.readPreamble();
          assertThat(handshake.received(raw.readFrame())).isInstanceOf(Step.Reply.class);
        }
        case AUTHENTICATED -> raw.authenticate(3, 1, TestPeer.SECRET);
      }
      raw.tryWrite(noise);
      if (stage == Stage.AUTHENTICATED && seed % 3 == 0) {
        raw.tryWrite(new byte[16]); // a legal frame is the node's to judge; zeros end the link
      }
      raw.awaitClosed();
    }
  }
}
