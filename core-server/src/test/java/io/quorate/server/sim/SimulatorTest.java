package io.quorate.server.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SimulatorTest {
  private static final long FIRST_SEED = 1_000;
  private static final int SEEDS = Boolean.getBoolean("quorate.long") ? 2_000 : 50;
  private static final int THREADS = 2;

  /** Too rare for a short batch to be sure of. */
  private static final Set<Mark> RARE =
      EnumSet.of(
          Mark.OPERATOR_RESTARTS,
          Mark.OVERLOADED,
          Mark.SNAPSHOT_POSTPONED,
          Mark.DIFFERENCE_VANISHED,
          Mark.LINEARIZABLE_AT_DEPOSED,
          Mark.GUARD_REFUSED,
          Mark.TOLD_FROM_HISTORY,
          Mark.EVENT_FILTERED,
          Mark.ROT_FOUND,
          Mark.READMITTED,
          Mark.ANSWER_REPEATED);

  /**
   * A leader's log ends in entries of its own epoch, which a follower that must cut does not have:
   * cutting alone never makes them equal.
   */
  private static final Set<Mark> NEVER = EnumSet.of(Mark.SYNC_TRUNC);

  @Test
  void fixedSeeds_passAndReachEveryMark() throws InterruptedException {
    SimMain.Totals totals = new SimMain.Totals();
    List<String> failures = Collections.synchronizedList(new ArrayList<>());
    AtomicLong next = new AtomicLong(FIRST_SEED);
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread worker =
          new Thread(
              () -> {
                long seed;
                while ((seed = next.getAndIncrement()) < FIRST_SEED + SEEDS) {
                  RunResult result = run(seed);
                  totals.add(result);
                  if (!result.passed()) {
                    failures.add(result.config() + "\n" + result);
                  }
                }
              },
              "sim-" + i);
      worker.start();
      workers.add(worker);
    }
    for (Thread worker : workers) {
      worker.join();
    }
    System.out.println(totals.text(0));
    assertThat(failures).isEmpty();
    for (Mark mark : Mark.values()) {
      if (!NEVER.contains(mark) && (SEEDS > 50 || !RARE.contains(mark))) {
        assertThat(totals.marks().count(mark)).as("times that %s was reached", mark).isPositive();
      }
    }
  }

  @Test
  void sameSeedAgain_alsoAfterAnother_givesTheSameTrace() {
    RunResult first = run(15);
    RunResult other = run(14);
    RunResult again = run(15);
    assertThat(again.traceHash()).isEqualTo(first.traceHash()).isNotEqualTo(other.traceHash());
    assertThat(again.steps()).isEqualTo(first.steps());
  }

  @Test
  void sameSeedInAFreshJvm_givesTheSameTrace() throws IOException, InterruptedException {
    RunResult here = run(31);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.language=tr",
                "-Duser.timezone=Asia/Kolkata",
                "-cp",
                classPath,
                SimMain.class.getName(),
                "--seed",
                "31")
            .redirectErrorStream(true)
            .start();
    String output;
    try (InputStream stream = process.getInputStream()) {
      output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(process.waitFor()).as(output).isZero();
    Matcher hash = Pattern.compile("hash=([0-9a-f]{16})").matcher(output);
    assertThat(hash.find()).as(output).isTrue();
    assertThat(Long.parseUnsignedLong(hash.group(1), 16)).isEqualTo(here.traceHash());
  }

  private static RunResult run(long seed) {
    return Simulation.run(SimConfig.draw(SimMain.presetOf(seed), seed), seed, Mutant.NONE, null);
  }
}
