package io.quorate.server.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each deliberate mistake is found. The seed named first has found it before; if the code has
 * changed so that it does not any more, some further seeds may.
 */
class MutantsTest {
  private static final int FURTHER_SEEDS = 25;

  @ParameterizedTest
  @CsvSource({
    "ACK_BEFORE_FSYNC, CRASH, 0",
    "EPOCH_BEFORE_HISTORY, SYNC_STORM, 0",
    "DIFF_BY_RANGE, CRASH, 1",
    "POSITION_FROM_MEMORY, SLOW_DISK, 0",
    "STALE_COMPLETION, SLOW_DISK, 1",
    "DAMAGE_SKIPPED_ON_LOAD, ROT, 4",
    "WIPED_NODE_VOTES, DISK, 0",
    "VOTE_FORGOTTEN, CRASH, 0",
    "SUPERBLOCK_UNSYNCED, CRASH, 0",
    "OBSERVER_COUNTS, NET, 0",
    "READ_WITHOUT_ROUND, NET, 4",
    "ANSWER_BEFORE_EVENTS, NET, 0",
    "COMPARE_SKIPPED, DIVERGENCE, 1",
    "REBUILD_FROM_NEWEST, DIVERGENCE, 2",
    "MINORITY_GOES_ON, DIVERGENCE, 1",
    "VERSION_NOT_RAISED, DIVERGENCE, 0",
    "DUE_BY_OWN_CLOCK, SESSION, 0",
    "NAMES_FORGOTTEN, CALM, 2",
    "SWEEP_WITHOUT_SECOND_LOOK, NET, 7",
    "CONTAINER_WITHOUT_SECOND_LOOK, CALM, 5",
    "SWEEPS_EARLY, CALM, 0",
    "QUOTA_NOT_ENFORCED, CALM, 13",
    "HISTORY_FLOOR_IGNORED, SESSION, 7",
    "EVENTS_UNFILTERED, CALM, 2",
    "NEXT_ENTRY_TOO_SOON, CALM, 0",
  })
  void mistake_isFound(Mutant mutant, Preset preset, long knownSeed) {
    List<Long> seeds = new ArrayList<>(List.of(knownSeed));
    for (long seed = 1; seed <= FURTHER_SEEDS; seed++) {
      seeds.add(seed);
    }
    RunResult found = null;
    for (long seed : seeds) {
      RunResult result = Simulation.run(SimConfig.draw(preset, seed), seed, mutant, null);
      if (!result.passed()) {
        found = result;
        break;
      }
    }
    assertThat(found).as("a run that finds %s in %s", mutant, preset).isNotNull();
    System.out.println(mutant + " is found: " + found);
  }
}
