package io.quorate.recipes.leader;

/** What is done while leading. */
@FunctionalInterface
public interface LeaderTask {
  /**
   * Called on the executor of the selector. Its return gives the title up. Interrupted when the
   * title is lost or asked back; the title does not wait for it longer than the hand-over time.
   */
  void run(Term term) throws InterruptedException;
}
