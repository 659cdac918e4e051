package io.quorate.server.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was written comes back, and nothing else is read. */
class ByteReaderTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/a",
        "\u00e9\u20ac",
        "\ud83d\ude00",
        "a\ud800",
        "\udc00\ud800",
        "\ud83d\ude00\ud83d",
        "\0?"
      })
  void everyString_comesBack(String value) {
    byte[] bytes = new ByteWriter(0).putString(value).toBytes();
    ByteReader in = new ByteReader(bytes);
    assertThat(in.readString()).isEqualTo(value);
    in.expectEnd();
  }

  @Test
  void stringsWithAnotherEncoding_areRefused() {
    // Overlong, surrogate as three bytes, cut short, and code units that UTF-8 could express.
    byte[][] encodings = {
      {0, 0, 0, 2, (byte) 0xC0, (byte) 0x80},
      {0, 0, 0, 3, (byte) 0xED, (byte) 0xA0, (byte) 0x80},
      {0, 0, 0, 1, (byte) 0xC3},
      {-1, -1, -1, -1, 0, 'a'},
      {0, 0, 0, 9, 'a'},
      {(byte) 0x80, 0, 0, 0, 0, 'a'},
    };
    for (byte[] encoding : encodings) {
      assertThatIllegalArgumentException().isThrownBy(() -> new ByteReader(encoding).readString());
    }
  }

  @Test
  void numbersAndBytes_comeBack() {
    byte[] bytes =
        new ByteWriter(0)
            .putByte(-1)
            .putInt(Integer.MIN_VALUE)
            .putLong(0x8000_0000_FFFF_FFFFL)
            .putBytes(null)
            .putBytes(new byte[0])
            .putRaw(new byte[] {7, 8, 9}, 1, 1)
            .toBytes();
    ByteReader in = new ByteReader(bytes);
    assertThat(in.readByte()).isEqualTo(-1);
    assertThat(in.readInt()).isEqualTo(Integer.MIN_VALUE);
    assertThat(in.readLong()).isEqualTo(0x8000_0000_FFFF_FFFFL);
    assertThat(in.readBytesOrNull()).isNull();
    assertThat(in.readBytesOrNull()).isEmpty();
    assertThat(in.left()).isEqualTo(1);
    assertThatIllegalArgumentException().isThrownBy(in::expectEnd);
    assertThat(in.readRaw(1)).containsExactly(8);
    assertThatIllegalArgumentException().isThrownBy(in::readByte).withMessageContaining("1 bytes");
  }

  @Test
  void countsBeyondTheBytesLeft_areRefused() {
    byte[] bytes = new ByteWriter(0).putInt(3).putRaw(new byte[8]).toBytes();
    assertThat(new ByteReader(bytes).readCount(2, 3)).isEqualTo(3);
    assertThatIllegalArgumentException().isThrownBy(() -> new ByteReader(bytes).readCount(3, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> new ByteReader(bytes).readCount(1, 2));
  }
}
