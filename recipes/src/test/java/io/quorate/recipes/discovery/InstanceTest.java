package io.quorate.recipes.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.recipes.base.CodecException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: what an instance may be, and how it is written. Method: there and back; bad bytes. */
class InstanceTest {
  private static final Instance FULL =
      Instance.at("10.0.0.7", 8080)
          .id("pay-1")
          .scheme("https")
          .zone("a")
          .weight(3)
          .health(Health.DEGRADED)
          .draining(true)
          .with("version", "3");

  @Test
  void instance_isWrittenAndReadAgain() {
    byte[] bytes = InstancePayload.encode(FULL, "t");

    assertThat(InstancePayload.decode("pay-1", bytes)).isEqualTo(FULL);
    assertThat(InstancePayload.isOf("t", bytes)).isTrue();
    assertThat(InstancePayload.isOf("u", bytes)).isFalse();
    assertThat(InstancePayload.isOf("t", null)).isFalse();
    assertThat(InstancePayload.isOf("t", new byte[] {'{'})).isFalse();
    assertThat(new String(bytes, UTF_8))
        .isEqualTo(
            "{\"host\":\"10.0.0.7\",\"port\":8080,\"scheme\":\"https\",\"zone\":\"a\",\"weight\":3,"
                + "\"health\":\"DEGRADED\",\"draining\":true,\"attributes\":{\"version\":\"3\"},"
                + "\"registration\":\"t\"}");
  }

  @Test
  void bytesThatAreNoInstance_areACodecException() {
    for (String bad :
        List.of(
            "",
            "null",
            "[]",
            "{}",
            "{\"host\":\"\"}",
            "{\"host\":\"h\",\"port\":70000}",
            "{\"host\"",
            "{\"host\":\"h\",\"weight\":-1}",
            "\"h\"",
            "{\"host\":\"h\",\"attributes\":[]}")) {
      assertThatThrownBy(() -> InstancePayload.decode("a", bad.getBytes(UTF_8)))
          .as(bad)
          .isInstanceOf(CodecException.class);
    }
    assertThatThrownBy(() -> InstancePayload.decode("a", null)).isInstanceOf(CodecException.class);
  }

  @Test
  void whatIsNoInstance_isRefusedAtOnce() {
    for (Runnable bad :
        List.<Runnable>of(
            () -> Instance.at("", 1),
            () -> Instance.at("h", -1),
            () -> Instance.at("h", 65_536),
            () -> Instance.at("h", 1).id("a/b"),
            () -> Instance.at("h", 1).id(""),
            () -> Instance.at("h", 1).id(".."),
            () -> Instance.at("h", 1).id("x".repeat(256)),
            () -> Instance.at("h", 1).weight(-1),
            () -> InstancePayload.encode(Instance.at("h", 1).with("a", "x".repeat(65_536)), "t"))) {
      assertThatThrownBy(bad::run).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void uri_isThatOfTheScheme_alsoForIpv6() {
    assertThat(FULL.uri()).isEqualTo(URI.create("https://10.0.0.7:8080"));
    assertThat(Instance.at("fd00::7", 80).uri()).isEqualTo(URI.create("http://[fd00::7]:80"));
  }
}
