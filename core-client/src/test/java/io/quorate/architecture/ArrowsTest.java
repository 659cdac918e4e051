package io.quorate.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArrowsTest {
  private final Arrows arrows =
      Arrows.parse(
          List.of(
              "# a comment",
              "data :",
              "client : data # why",
              "client.watch : client",
              "recipes.base : client",
              "recipes.* : recipes.base",
              "server : *",
              "node : data"));

  @Test
  void allowsWhatIsListedAndNothingElse() {
    assertThat(arrows.allows("io.quorate.client", "io.quorate.data")).isTrue();
    assertThat(arrows.allows("io.quorate.data", "io.quorate.client")).isFalse();
    assertThat(arrows.allows("io.quorate.client", "io.quorate.client.watch")).isFalse();
    assertThat(arrows.allows("io.quorate.server.node", "io.quorate.data")).isTrue();
    assertThat(arrows.allows("io.quorate.server.unknown", "io.quorate.data")).isFalse();
  }

  @Test
  void starStandsForEverythingAndDotStarForWhatIsBelow() {
    assertThat(arrows.allows("io.quorate.server", "io.quorate.server.node")).isTrue();
    assertThat(arrows.allows("io.quorate.recipes.lock", "io.quorate.recipes.base")).isTrue();
    assertThat(arrows.allows("io.quorate.recipes.lock", "io.quorate.recipes.queue")).isFalse();
    assertThat(arrows.lists("io.quorate.recipes")).isFalse();
  }

  @Test
  void anExactRowGoesBeforeAPattern() {
    assertThat(arrows.allows("io.quorate.recipes.base", "io.quorate.client")).isTrue();
    assertThat(arrows.allows("io.quorate.recipes.lock", "io.quorate.client")).isFalse();
  }

  @Test
  void findsACycle() {
    assertThat(arrows.cycle()).isEmpty();
    Arrows round = Arrows.parse(List.of("a : b", "b : c", "c : b"));
    assertThat(round.cycle()).contains(List.of("b", "c", "b"));
  }

  @Test
  void aServerPackageMayNotTakeTheShortNameOfAnother() {
    assertThatThrownBy(() -> Arrows.shortName("io.quorate.server.client.x"))
        .hasMessageContaining("choose another name");
  }

  @Test
  void refusesALineItCannotRead() {
    assertThatThrownBy(() -> Arrows.parse(List.of("data :", "client data")))
        .hasMessageContaining("arrows.txt:2");
    assertThatThrownBy(() -> Arrows.parse(List.of("data :", "data : base")))
        .hasMessageContaining("a second row for data");
  }
}
