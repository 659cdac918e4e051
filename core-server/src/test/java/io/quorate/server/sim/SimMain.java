package io.quorate.server.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The simulator's command.
 *
 * <pre>
 *   --seed S          one seed, decimal or 0x hexadecimal
 *   --seeds N         N seeds, from --from (0) on
 *   --from S          the first of them
 *   --preset P        calm, net, crash, disk, clock, sync-storm, session, slow-disk, rot, swarm; all: in turn (default)
 *   --mutant M        a deliberate mistake, see Mutant
 *   --threads T       seeds at a time; 1 (default) or more
 *   --log full        one line per event, with a legend
 *   --keep-going      do not stop at the first failure
 * </pre>
 *
 * Exit status 0 if every seed passed, 1 if one failed, 2 for a wrong option.
 */
public final class SimMain {
  private static final List<Preset> ALL = List.of(Preset.values());

  private final PrintStream out;
  private long from;
  private long count = 1;
  private @Nullable Preset preset;
  private Mutant mutant = Mutant.NONE;
  private int threads = 1;
  private boolean log;
  private boolean keepGoing;

  private SimMain(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) throws InterruptedException {
    SimMain main = new SimMain(System.out);
    int status;
    try {
      main.parse(args);
      status = main.run();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      status = 2;
    }
    System.exit(status);
  }

  /** The preset of a seed when none is asked for: all in turn, the swarm as often as the others. */
  static Preset presetOf(long seed) {
    int turn = (int) Math.floorMod(seed, 2L * ALL.size());
    return turn < ALL.size() ? ALL.get(turn) : Preset.SWARM;
  }

  private void parse(String[] args) {
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      if (option.equals("--keep-going")) {
        keepGoing = true;
        continue;
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(option + " needs a value");
      }
      String value = args[++i];
      switch (option) {
        case "--seed" -> {
          from = Long.decode(value);
          count = 1;
        }
        case "--seeds" -> count = Long.decode(value);
        case "--from" -> from = Long.decode(value);
        case "--preset" -> preset = value.equals("all") ? null : Preset.ofName(value);
        case "--mutant" -> mutant = Mutant.ofName(value);
        case "--threads" -> threads = Integer.parseInt(value);
        case "--log" -> log = value.equals("full");
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
  }

  private int run() throws InterruptedException {
    long began = System.nanoTime();
    if (log) {
      out.println(Trace.legend());
    }
    AtomicLong next = new AtomicLong(from);
    Totals totals = new Totals();
    List<Thread> workers = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      Thread worker = new Thread(() -> work(next, totals), "sim-" + i);
      worker.start();
      workers.add(worker);
    }
    work(next, totals);
    for (Thread worker : workers) {
      worker.join();
    }
    if (count > 1) {
      out.println(totals.text((System.nanoTime() - began) / 1e9));
    }
    boolean complete = totals.failed > 0 || totals.runs == count;
    if (!complete) {
      out.println("FAIL only " + totals.runs + " of " + count + " seeds came to an end");
    }
    return totals.failed == 0 && complete ? 0 : 1;
  }

  private void work(AtomicLong next, Totals totals) {
    while (keepGoing || totals.failed() == 0) {
      long seed = next.getAndIncrement();
      if (seed >= from + count) {
        return;
      }
      SimConfig config = SimConfig.draw(preset == null ? presetOf(seed) : preset, seed);
      RunResult result = Simulation.run(config, seed, mutant, log ? out : null);
      report(result, totals);
    }
  }

  private void report(RunResult result, Totals totals) {
    synchronized (totals) {
      totals.add(result);
      if (count == 1 || !result.passed()) {
        out.println(result.config());
        out.println("marks: " + result.marks());
        out.println(result);
        if (result.violation() != null && result.violation().getCause() != null) {
          result.violation().getCause().printStackTrace(out);
        }
      } else if (totals.runs % 100 == 0) {
        out.println(totals.runs + " seeds, " + totals.failed + " failed");
      }
    }
  }

  /** Sums over a batch. */
  static final class Totals {
    private final Marks marks = new Marks();
    private long runs;
    private long failed;
    private long steps;
    private long entries;
    private long simulatedNanos;

    synchronized void add(RunResult result) {
      runs++;
      failed += result.passed() ? 0 : 1;
      steps += result.steps();
      entries += result.entries();
      simulatedNanos += result.simulatedNanos();
      marks.add(result.marks());
    }

    synchronized long failed() {
      return failed;
    }

    synchronized Marks marks() {
      return marks;
    }

    synchronized String text(double seconds) {
      return String.format(
          Locale.ROOT,
          "%d seeds, %d failed, %d events, %d committed entries, %.1f simulated hours in %.1f s%n"
              + "marks: %s",
          runs,
          failed,
          steps,
          entries,
          simulatedNanos / 3.6e12,
          seconds,
          marks);
    }
  }
}
