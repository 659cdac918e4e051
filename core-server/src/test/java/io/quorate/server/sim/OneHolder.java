package io.quorate.server.sim;

/** The lock has one holder at a time, each counting by its own clock. */
final class OneHolder {
  private OneHolder() {}

  /** {@code taker} begins to hold. */
  static void check(Simulation simulation, SimClient taker) {
    for (SimClient other : simulation.clients()) {
      if (other != taker && other.lockUser().holds()) {
        throw new Violation(
            "R31 OneHolder",
            taker.id(),
            String.format(
                "takes the lock with token 0x%x while c%d holds it with token 0x%x",
                taker.lockUser().token(), other.id(), other.lockUser().token()));
      }
    }
  }
}
