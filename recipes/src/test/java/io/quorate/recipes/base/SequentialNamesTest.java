package io.quorate.recipes.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequentialNamesTest {

  @ParameterizedTest
  @CsvSource({
    "lock-0000000000, 0",
    "lock-0000000042, 42",
    "lock-2147483647, 2147483647",
    "lock--000000001, -1",
    "lock--2147483648, -2147483648",
  })
  void serverWrittenName_hasItsNumber(String name, int number) {
    assertThat(SequentialNames.number("lock-", name)).isEqualTo(number);
  }

  @ParameterizedTest
  @CsvSource({
    "lock-",
    "lock-42",
    "lock-00000000421",
    "lock-000000004x",
    "note",
    "lock-x000000042",
    "other-0000000042",
    "lock-+000000042",
    "lock-9999999999"
  })
  void foreignName_hasNoNumber(String name) {
    assertThat(SequentialNames.number("lock-", name)).isNull();
  }

  @Test
  void numbersAcrossTheWrap_keepTheirOrder() {
    assertThat(SequentialNames.isBefore(1, 2)).isTrue();
    assertThat(SequentialNames.isBefore(2, 1)).isFalse();
    assertThat(SequentialNames.isBefore(Integer.MAX_VALUE, Integer.MIN_VALUE)).isTrue();
    assertThat(SequentialNames.isBefore(Integer.MIN_VALUE + 5, Integer.MAX_VALUE - 5)).isFalse();
  }
}
