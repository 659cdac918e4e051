package io.quorate.server.transport.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames out of bytes, however these are cut or damaged. */
class PeerFrameReaderTest {
  private static final int LIMIT = 1_000;

  private static final class Sink implements PeerFrameReader.Sink {
    final List<byte[]> frames = new ArrayList<>();
    Refusal illegal;

    @Override
    public void frame(byte[] body) {
      assertThat(illegal).isNull();
      frames.add(body);
    }

    @Override
    public void illegal(Refusal refusal, String reason) {
      assertThat(illegal).isNull();
      assertThat(reason).contains("expected").contains("found").isNotBlank();
      illegal = refusal;
    }

    @Override
    public boolean open() {
      return illegal == null;
    }
  }

  private static byte[] stream(byte[]... bodies) {
    ByteBuf out = Unpooled.buffer();
    out.writeInt(PeerFrames.PREAMBLE);
    for (byte[] body : bodies) {
      PeerFrames.write(out, body);
    }
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  private static byte[] bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Sink read(byte[] stream, int... cuts) {
    PeerFrameReader reader = new PeerFrameReader();
    reader.limit(LIMIT);
    Sink sink = new Sink();
    int from = 0;
    for (int cut : cuts) {
      reader.read(Unpooled.wrappedBuffer(stream, from, cut - from), sink);
      from = cut;
    }
    reader.read(Unpooled.wrappedBuffer(stream, from, stream.length - from), sink);
    return sink;
  }

  @Test
  void everyPairOfSplitPoints_givesTheSameFrames() {
    byte[] first = bytes(1, 1);
    byte[] second = bytes(17, 2);
    byte[] third = bytes(5, 3);
    byte[] stream = stream(first, second, third);
    for (int a = 0; a <= stream.length; a++) {
      for (int b = a; b <= stream.length; b++) {
        Sink sink = read(stream, a, b);
        assertThat(sink.illegal).isNull();
        assertThat(sink.frames).containsExactly(first, second, third);
      }
    }
  }

  @Test
  void everyFlippedBit_isNeverDeliveredAsAnotherFrame() {
    byte[] body = bytes(20, 1);
    byte[] stream = stream(body);
    for (int bit = 0; bit < stream.length * 8; bit++) {
      byte[] flipped = stream.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Sink sink = read(flipped);
      assertThat(sink.frames).as("bit %d", bit).isEmpty();
    }
  }

  @Test
  void flippedBitInABody_isAChecksumError() {
    byte[] stream = stream(bytes(20, 1));
    stream[stream.length - 1] ^= 1;
    assertThat(read(stream).illegal).isEqualTo(Refusal.CHECKSUM);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, LIMIT + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void lengthOutsideTheLimits_isRefusedBeforeTheBodyComes(int length) {
    ByteBuf out = Unpooled.buffer().writeInt(PeerFrames.PREAMBLE).writeInt(length).writeInt(0);
    Sink sink = read(Arrays.copyOf(out.array(), out.readableBytes()));
    assertThat(sink.illegal).isEqualTo(Refusal.FRAME_SIZE);
  }

  @Test
  void largestFrame_isDelivered() {
    byte[] body = bytes(LIMIT, 1);
    assertThat(read(stream(body)).frames).containsExactly(body);
  }

  @Test
  void streamOfZeros_isNoStreamOfFrames() {
    byte[] stream = Arrays.copyOf(stream(), 100);
    Sink sink = read(stream);
    assertThat(sink.illegal).isEqualTo(Refusal.FRAME_SIZE);
    assertThat(sink.frames).isEmpty();
  }

  @Test
  void otherVersion_isToldApartFromOtherBytes() {
    byte[] stream = stream();
    stream[3]++;
    assertThat(read(stream).illegal).isEqualTo(Refusal.VERSION);
    assertThat(read("GET / HTTP/1.1".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).illegal)
        .isEqualTo(Refusal.NOT_A_PEER);
  }

  @Test
  void limitOfTheHandshake_holdsFromTheStart() {
    PeerFrameReader reader = new PeerFrameReader();
    Sink sink = new Sink();
    byte[] largest = new byte[PeerFrames.BODY_BYTES_BEFORE_AUTHENTICATION_MAX];
    reader.read(Unpooled.wrappedBuffer(stream(largest)), sink);
    assertThat(sink.frames).hasSize(1);
    ByteBuf next = Unpooled.buffer();
    PeerFrames.write(next, new byte[PeerFrames.BODY_BYTES_BEFORE_AUTHENTICATION_MAX + 1]);
    reader.read(next, sink);
    assertThat(sink.illegal).isEqualTo(Refusal.FRAME_SIZE);
  }

  @Test
  void randomBytes_neverGiveAFrameAndNeverThrow() {
    for (int seed = 0; seed < 2_000; seed++) {
      byte[] noise = bytes(64 + seed % 64, seed);
      boolean afterPreamble = seed % 2 == 0;
      byte[] stream = noise;
      if (afterPreamble) {
        stream = Arrays.copyOf(stream(), PeerFrames.PREAMBLE_BYTES + noise.length);
        System.arraycopy(noise, 0, stream, PeerFrames.PREAMBLE_BYTES, noise.length);
      }
      assertThat(read(stream).frames).as("seed %d", seed).isEmpty();
    }
  }
}
