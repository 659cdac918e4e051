package io.quorate.server.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The state machine does what {@link ReferenceTree} does, for any commands. Results, stats, events
 * and digest are compared after every command, everything that can be read at the end.
 */
class StateMachineTwinTest {
  @Property(tries = 150)
  void randomCommands_doWhatTheTwinDoes(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int steps) {
    TwinRun run = new TwinRun(seed);
    for (int i = 1; i <= steps; i++) {
      run.step();
      if (i % 16 == 0) {
        run.compareDigest();
      }
    }
    run.compareAll();
  }

  @Property(tries = 60)
  void views_keepWhatTheyShowedWhileWritesGoOn(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int steps) {
    TwinRun run = new TwinRun(seed);
    Random random = new Random(~seed);
    Map<StateView, List<Object>> shown = new LinkedHashMap<>();
    for (int i = 1; i <= steps; i++) {
      run.step();
      if (random.nextInt(20) == 0) {
        StateView view = run.machine.view();
        shown.put(view, List.of(ReferenceTree.image(run.twin), TwinRun.sessionImages(view)));
      }
      if (random.nextInt(30) == 0 && !shown.isEmpty()) {
        List<StateView> open = new ArrayList<>(shown.keySet());
        StateView one = open.get(random.nextInt(open.size()));
        shown.remove(one);
        one.close();
      }
    }
    shown.forEach(
        (view, then) ->
            assertThat(List.of(TwinRun.image(view), TwinRun.sessionImages(view))).isEqualTo(then));
    run.compareAll();
  }
}
