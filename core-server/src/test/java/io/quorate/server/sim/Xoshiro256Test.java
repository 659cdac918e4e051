package io.quorate.server.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Xoshiro256Test {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  @Test
  void splitMixOfPublishedSeed_givesPublishedNumbers() {
    String[] expected = {
      "6457827717110365317",
      "3203168211198807973",
      "9817491932198370423",
      "4593380528125082431",
      "16408922859458223821",
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat(Long.toUnsignedString(Xoshiro256.splitMix64(1234567L + i * GAMMA)))
          .isEqualTo(expected[i]);
    }
  }

  @Test
  void xoshiroOfPublishedState_givesPublishedNumbers() {
    String[] expected = {
      "11520",
      "0",
      "1509978240",
      "1215971899390074240",
      "1216172134540287360",
      "607988272756665600",
      "16172922978634559625",
      "8476171486693032832",
      "10595114339597558777",
      "2904607092377533576",
    };
    Xoshiro256 random = new Xoshiro256(1, 2, 3, 4);
    for (String number : expected) {
      assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo(number);
    }
  }

  @Test
  void drawFromOneStream_leavesTheOthersAlone() {
    Xoshiro256 alone = Xoshiro256.named(7, "disk/1");
    Xoshiro256 other = Xoshiro256.named(7, "disk/2");
    Xoshiro256 again = Xoshiro256.named(7, "disk/1");
    long first = other.nextLong();
    assertThat(again.nextLong()).isEqualTo(alone.nextLong()).isNotEqualTo(first);
  }
}
