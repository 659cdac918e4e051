package io.quorate.recipes.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * How one of several instances is picked. A value: may be used for any number of handles, which
 * keep what there is to remember.
 *
 * <p>Strategies compose: {@code Strategy.leastOutstanding().preferZone("a")}.
 */
@FunctionalInterface
public interface Strategy {

  /** Begins to choose for one handle; {@code dice} gives random bits. */
  Chooser chooser(LongSupplier dice);

  /** What chooses for one handle. Called by one thread at a time, under a lock: must be quick. */
  @FunctionalInterface
  interface Chooser {
    /**
     * @param candidates at least one, in order of the ids
     * @return one of them
     */
    Candidate choose(List<Candidate> candidates);
  }

  /** Any, all with the same probability. */
  static Strategy random() {
    return dice -> candidates -> candidates.get(Choices.below(dice, candidates.size()));
  }

  /** One after the other, in order of the ids. */
  static Strategy roundRobin() {
    return dice -> new Choices.RoundRobin();
  }

  /** Any, with a probability in proportion to its weight. */
  static Strategy weighted() {
    return dice -> candidates -> Choices.weighted(dice, candidates);
  }

  /**
   * The one with the fewest open picks of this handle in proportion to its weight; of several such,
   * any.
   */
  static Strategy leastOutstanding() {
    return dice -> candidates -> Choices.leastOutstanding(dice, candidates);
  }

  /** Any, and then always the same, as long as it can be picked. */
  static Strategy sticky() {
    return sticky(random());
  }

  /** The one that {@code first} chooses, and then always the same, as long as it can be picked. */
  static Strategy sticky(Strategy first) {
    return dice -> new Choices.Sticky(first.chooser(dice));
  }

  /** Chooses among the instances of that zone; if there is none, among all. */
  default Strategy preferZone(String zone) {
    return prefer(instance -> instance.zone().equals(zone));
  }

  /** Chooses among the instances that fulfil the condition; if there is none, among all. */
  default Strategy prefer(Predicate<? super Instance> condition) {
    return dice -> {
      Chooser chooser = chooser(dice);
      return candidates -> {
        List<Candidate> preferred = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
          if (condition.test(candidate.instance())) {
            preferred.add(candidate);
          }
        }
        return chooser.choose(preferred.isEmpty() ? candidates : preferred);
      };
    };
  }
}
