package io.quorate.recipes.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: the order of a queue is that of its numbers, whatever else the names say. */
class StandingTest {
  private static Standing look(List<String> names, String own) {
    return Standing.of(names, own, Standing.prefixes("read-", "write-"));
  }

  @Test
  void names_areOrderedByNumberAcrossPrefixes() {
    Standing standing =
        look(List.of("read-0000000003", "write-0000000001", "write-0000000002"), "read-0000000003");

    assertThat(standing.index()).isEqualTo(2);
    assertThat(standing.first()).isEqualTo(new Place("write-0000000001", "write-", 1));
    assertThat(standing.predecessor()).isEqualTo(new Place("write-0000000002", "write-", 2));
    assertThat(standing.nearestBefore("read-")).isNull();
  }

  @Test
  void c22_numbersThatWrapped_comeAfterThoseBeforeTheWrap() {
    Standing standing =
        look(
            List.of("write--2147483648", "write--2147483647", "write-2147483647"),
            "write--2147483648");

    assertThat(standing.places())
        .extracting(Place::number)
        .containsExactly(Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1);
    assertThat(standing.index()).isEqualTo(1);
  }

  @Test
  void l17_foreignNames_areNoPlaces() {
    Standing standing =
        look(List.of("held", "lock-0000000000", "read-x", "read-0000000005"), "read-0000000005");

    assertThat(standing.isFirst()).isTrue();
    assertThat(standing.others()).containsExactly("held", "lock-0000000000", "read-x");
  }

  @Test
  void absentOwner_hasNoPlace() {
    Standing standing = look(List.of("read-0000000005"), "read-0000000004");

    assertThat(standing.isPresent()).isFalse();
    assertThat(standing.predecessor()).isNull();
    assertThat(standing.nearestBefore("read-")).isNull();
  }
}
