package io.quorate.server.sim;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What came of one run. */
record RunResult(
    long seed,
    SimConfig config,
    Mutant mutant,
    @Nullable Violation violation,
    long steps,
    long events,
    long simulatedNanos,
    long traceHash,
    int entries,
    Marks marks) {

  boolean passed() {
    return violation == null;
  }

  /** The command that repeats this run. */
  String replay() {
    return String.format(
        Locale.ROOT,
        "core-server/bin/sim --seed 0x%x --preset %s%s --log full",
        seed,
        config.preset().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        mutant == Mutant.NONE
            ? ""
            : " --mutant " + mutant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  @Override
  public String toString() {
    String run =
        String.format(
            Locale.ROOT,
            "seed=0x%x step=%d t=%.3fs entries=%d hash=%016x",
            seed,
            steps,
            simulatedNanos / 1e9,
            entries,
            traceHash);
    if (violation == null) {
      return "PASS " + run;
    }
    int node = violation.node();
    return String.format(
        Locale.ROOT,
        "FAIL %s node=%s rule=%s%n     %s%n     replay: %s",
        run,
        node == 0 ? "-" : node < SimConfig.CLIENT_ID_BASE ? "n" + node : "c" + node,
        violation.rule(),
        violation.getMessage(),
        replay());
  }
}
