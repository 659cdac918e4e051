package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.storage.file.Verdict.Entry;
import io.quorate.server.storage.file.Verdict.Slot;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of damage, row by row. */
class VerdictTest {
  @ParameterizedTest
  @CsvSource({
    // slot, later slot used, entry, agree, verdict
    "VALID,   false, INTACT,  true,  KEEP",
    "VALID,   true,  INTACT,  true,  KEEP",
    "VALID,   false, INTACT,  false, LOST",
    "VALID,   true,  INTACT,  false, LOST",
    "VALID,   false, DAMAGED, false, HOLE",
    "VALID,   true,  DAMAGED, false, HOLE",
    "VALID,   false, BLANK,   false, HOLE",
    "VALID,   true,  BLANK,   false, HOLE",
    "DAMAGED, false, INTACT,  false, REBUILD",
    "DAMAGED, true,  INTACT,  false, REBUILD",
    "DAMAGED, false, DAMAGED, false, LOST",
    "DAMAGED, true,  DAMAGED, false, LOST",
    "DAMAGED, false, BLANK,   false, LOST",
    "DAMAGED, true,  BLANK,   false, LOST",
    "BLANK,   false, INTACT,  false, REBUILD",
    "BLANK,   true,  INTACT,  false, REBUILD",
    "BLANK,   false, DAMAGED, false, CUT",
    "BLANK,   true,  DAMAGED, false, LOST",
    "BLANK,   false, BLANK,   false, END",
    "BLANK,   true,  BLANK,   false, LOST",
  })
  void verdict_isWhatTheTableSays(
      Slot slot, boolean laterSlotUsed, Entry entry, boolean agree, Verdict expected) {
    assertThat(Verdict.of(slot, laterSlotUsed, entry, agree)).isEqualTo(expected);
  }
}
