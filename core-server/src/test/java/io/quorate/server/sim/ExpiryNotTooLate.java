package io.quorate.server.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * E3: once everything is healed, a session that nobody speaks for ends within its time-out and a
 * bound: for those whose clients died while things failed, and for one that falls silent then.
 */
final class ExpiryNotTooLate extends Checker {
  /** For a leader's clock that is slow by 5 %, its ticks, and the commit on slow disks. */
  private static final long BOUND_NANOS = 3 * SimConfig.SECOND;

  private final Simulation simulation;
  private final List<Long> silent = new ArrayList<>();

  ExpiryNotTooLate(Simulation simulation) {
    super("E3");
    this.simulation = simulation;
  }

  /** From now on nothing fails, and the time of those counts that nobody speaks for now. */
  void begin() {
    for (ReferenceModel.Session session : simulation.ghost().model().sessions()) {
      if (session.isOpen() && !isSpokenFor(session.id)) {
        silent.add(session.id);
        simulation.world().marks().hit(Mark.SILENT_AT_END);
      }
    }
  }

  private boolean isSpokenFor(long session) {
    return simulation.clients().stream().anyMatch(client -> client.liveSession() == session);
  }

  long nanosMax() {
    return simulation.timeoutNanos() + simulation.timeoutNanos() / 19 + BOUND_NANOS;
  }

  boolean noneIsLeft() {
    for (long session : silent) {
      // One that was opened a moment ago may find its client only now.
      if (simulation.ghost().model().session(session).isOpen() && !isSpokenFor(session)) {
        return false;
      }
    }
    return true;
  }
}
