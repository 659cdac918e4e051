package io.quorate.recipes.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** The arithmetic of the strategies. */
final class Choices {
  private Choices() {}

  /** A number in [0, bound). */
  static int below(LongSupplier dice, int bound) {
    return (int) Long.remainderUnsigned(dice.getAsLong(), bound);
  }

  static Candidate weighted(LongSupplier dice, List<Candidate> candidates) {
    long sum = 0;
    for (Candidate candidate : candidates) {
      sum += candidate.instance().weight();
    }
    if (sum == 0) {
      return candidates.get(below(dice, candidates.size()));
    }
    long left = Long.remainderUnsigned(dice.getAsLong(), sum);
    for (Candidate candidate : candidates) {
      left -= candidate.instance().weight();
      if (left < 0) {
        return candidate;
      }
    }
    throw new IllegalStateException("weights changed while they were added: " + sum);
  }

  static Candidate leastOutstanding(LongSupplier dice, List<Candidate> candidates) {
    List<Candidate> least = new ArrayList<>();
    for (Candidate candidate : candidates) {
      int order = least.isEmpty() ? -1 : compareLoad(candidate, least.get(0));
      if (order < 0) {
        least.clear();
      }
      if (order <= 0) {
        least.add(candidate);
      }
    }
    return least.get(below(dice, least.size()));
  }

  /** By what the load would be with one more; weight 0 is more loaded than everybody else. */
  private static int compareLoad(Candidate one, Candidate other) {
    long oneWeight = one.instance().weight();
    long otherWeight = other.instance().weight();
    if (oneWeight == 0 || otherWeight == 0) {
      return oneWeight == otherWeight
          ? Integer.compare(one.outstanding(), other.outstanding())
          : Long.compare(otherWeight, oneWeight);
    }
    return Long.compare(
        (one.outstanding() + 1L) * otherWeight, (other.outstanding() + 1L) * oneWeight);
  }

  /** The next id, so that instances that come and go change nothing for the others. */
  static final class RoundRobin implements Strategy.Chooser {
    private String last = "";

    @Override
    public Candidate choose(List<Candidate> candidates) {
      Candidate next = candidates.get(0);
      for (Candidate candidate : candidates) {
        if (candidate.instance().id().compareTo(last) > 0) {
          next = candidate;
          break;
        }
      }
      last = next.instance().id();
      return next;
    }
  }

  /** Stays with one. */
  static final class Sticky implements Strategy.Chooser {
    private final Strategy.Chooser first;
    private String kept = "";

    Sticky(Strategy.Chooser first) {
      this.first = first;
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
      for (Candidate candidate : candidates) {
        if (candidate.instance().id().equals(kept)) {
          return candidate;
        }
      }
      Candidate chosen = first.choose(candidates);
      kept = chosen.instance().id();
      return chosen;
    }
  }
}
