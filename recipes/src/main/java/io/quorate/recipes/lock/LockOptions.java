package io.quorate.recipes.lock;

import java.time.Duration;

/**
 * How a lock behaves. Immutable; {@code with}-less names give a changed copy. Everybody who uses
 * the same path should give the same {@code lockDelay}: whoever gives none does not look for the
 * delay of others when the one before it leaves.
 *
 * @param reentrancy how many grants of one lock object one thread may hold at a time, one within
 *     the other; 1 for a lock that is not reentrant
 * @param maxHold how long a grant lasts at the most, in log time; zero for as long as its session
 * @param lockDelay for how long nobody is granted the lock after its holder's session ended without
 *     a release, in log time; zero for none
 */
public record LockOptions(int reentrancy, Duration maxHold, Duration lockDelay) {
  /** Not reentrant, without end and without delay. */
  public static final LockOptions DEFAULT = new LockOptions(1, Duration.ZERO, Duration.ZERO);

  /** Longest time for both. */
  private static final Duration LONGEST = Duration.ofDays(365);

  public LockOptions {
    if (reentrancy < 1) {
      throw new IllegalArgumentException("reentrancy must be 1 or more, found " + reentrancy);
    }
    requireWithinLimits("maxHold", maxHold);
    requireWithinLimits("lockDelay", lockDelay);
  }

  static void requireWithinLimits(String what, Duration duration) {
    boolean zero = duration.isZero();
    if (!zero
        && (duration.compareTo(Duration.ofMillis(1)) < 0 || duration.compareTo(LONGEST) > 0)) {
      throw new IllegalArgumentException(
          what + " must be zero or in [1 ms, 365 days], found " + duration);
    }
  }

  /**
   * The thread that holds a grant of the same lock object gets another one at once, with the same
   * token; the lock is free when all of them are released. What is acquired without waiting ({@code
   * acquireAsync}) has no thread and never re-enters.
   *
   * @param limit how many at a time, the first included
   */
  public LockOptions reentrant(int limit) {
    return new LockOptions(limit, maxHold, lockDelay);
  }

  /** The grant is lost after that time at the latest, whether its holder is alive or not. */
  public LockOptions maxHold(Duration longest) {
    return new LockOptions(reentrancy, longest, lockDelay);
  }

  /** Gives what a holder left under way time to end before the next one begins. */
  public LockOptions lockDelay(Duration delay) {
    return new LockOptions(reentrancy, maxHold, delay);
  }
}
