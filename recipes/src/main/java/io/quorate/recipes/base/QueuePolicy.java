package io.quorate.recipes.base;

import io.quorate.client.Znode;
import io.quorate.recipes.base.QueueAttempt.Own;
import org.jspecify.annotations.Nullable;

/**
 * Who in a queue is granted what it asks for: the one thing in which a lock, a read lock and a
 * semaphore differ. Pure: the same queue gives the same verdict.
 *
 * <p>A verdict must hold for the queue as it is later as well: places before one's own only ever
 * leave, so "granted" may not depend on somebody being there.
 */
@FunctionalInterface
public interface QueuePolicy {
  /**
   * Looks at the queue; one's own place is in it.
   *
   * @param extra the znode that the wish asked to have read along, or that a {@link Verdict.Read}
   *     asked for; else null
   */
  Verdict look(Standing standing, Own own, @Nullable Znode extra);

  /** The first in the queue and nobody else. */
  static QueuePolicy firstOnly(String directory) {
    return (standing, own, extra) -> {
      Place before = standing.predecessor();
      return before == null
          ? Verdict.GRANTED
          : Verdict.waitForEnd(directory, before, standing.index() == 1);
    };
  }
}
