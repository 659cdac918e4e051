package io.quorate.recipes.base;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  record Limits(int max, List<String> zones) {}

  private static final Codec<Limits> LIMITS = Json.of(Limits.class);

  @Test
  void record_comesBackAsItWas() {
    Limits limits = new Limits(7, List.of("a", "b"));

    assertThat(LIMITS.decode(LIMITS.encode(limits))).isEqualTo(limits);
  }

  @Test
  void fieldOfANewerWriter_isSkipped() {
    byte[] newer = "{\"max\":7,\"zones\":[],\"burst\":{\"x\":1}}".getBytes(UTF_8);

    assertThat(LIMITS.decode(newer)).isEqualTo(new Limits(7, List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "null", "[]", "{\"max\":\"many\"}", "\u0000\u0001"})
  void bytesThatAreNone_areNamedAsSuch(String text) {
    byte[] bytes = text.getBytes(UTF_8);

    assertThatThrownBy(() -> LIMITS.decode(bytes))
        .isInstanceOf(CodecException.class)
        .hasMessageStartingWith("expected JSON of Limits, found " + bytes.length + " bytes");
  }

  @Test
  void classNamedInTheBytes_isNeverMade() {
    byte[] named = "{\"@class\":\"java.io.File\",\"path\":\"/x\"}".getBytes(UTF_8);

    Object value = Json.of(Object.class).decode(named);

    assertThat(value).isEqualTo(Map.of("@class", "java.io.File", "path", "/x"));
  }
}
