package io.quorate.recipes.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Goal: the checker finds what it is for. */
class GrantHistoryTest {
  private final GrantHistory history = new GrantHistory();

  @Test
  void grantsOneAfterTheOther_areFine() {
    history.granted("a", 1).now();
    history.granted("b", 2).now();
    history.granted("c", 3);

    assertThat(history.problems()).isEmpty();
    assertThat(history.size()).isEqualTo(3);
  }

  @Test
  void grantWithinAnother_isFound() {
    history.granted("a", 1);
    history.granted("b", 2).now();

    assertThat(history.problems())
        .containsExactly("b with token 2 was granted while a with token 1 held it");
  }

  @Test
  void tokensThatDoNotGrow_areFound() {
    history.granted("a", 2).now();
    history.granted("b", 1).now();
    history.granted("c", 1).now();

    assertThat(history.problems()).hasSize(3);
  }
}
