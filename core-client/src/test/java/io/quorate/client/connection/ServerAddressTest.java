package io.quorate.client.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "h:1,h,1,h:1",
    "h,h,2181,h:2181",
    "10.0.0.1:65535,10.0.0.1,65535,10.0.0.1:65535",
    "[::1]:7,::1,7,[::1]:7",
    "[::1],::1,2181,[::1]:2181",
    "::1,::1,2181,[::1]:2181",
  })
  void address_isRead(String text, String host, int port, String printed) {
    ServerAddress address = ServerAddress.parse(text);
    assertThat(address).isEqualTo(new ServerAddress(host, port));
    assertThat(address).hasToString(printed);
    assertThat(ServerAddress.parse(printed)).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ":1", "h:", "h:0", "h:65536", "h:x", "h:-1", "a b:1", "a/b", "h:1,,i:2"})
  void whatIsNone_isRefusedWithTheText(String text) {
    assertThatThrownBy(() -> ServerAddress.parseList(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found '");
  }

  @Test
  void list_isInOrderWithoutRepetition() {
    assertThat(ServerAddress.parseList("b:1, a:2,b:1"))
        .containsExactly(new ServerAddress("b", 1), new ServerAddress("a", 2));
  }
}
