package io.quorate.server.sim;

import io.quorate.server.replication.Recovered;

/** S9, S6: what a server's disk had synced is found again after any death, without a gap. */
final class RecoveryKeepsDurable extends Checker {
  private final Ghost ghost;

  RecoveryKeepsDurable(Ghost ghost) {
    super("S9");
    this.ghost = ghost;
  }

  @Override
  void recovered(Machine machine, Recovered found) {
    if (machine.hasRot()) {
      return;
    }
    DurableLog expected = machine.log();
    if (machine.diedSwitching()) {
      DurableLog either = new DurableLog();
      either.recovered(found.log());
      require(
          ghost.commonWith(either) >= ghost.commonWith(expected),
          machine.id(),
          "died while it exchanged its history and lost committed entries");
      return;
    }
    boolean kept =
        found.log().baseZxid() > expected.lastZxid()
            || found.log().contains(expected.lastZxid(), expected.lastHash());
    require(
        kept,
        machine.id(),
        String.format(
            "had 0x%x synced; found after the start: 0x%x..0x%x",
            expected.lastZxid(), found.log().baseZxid(), found.log().lastZxid()));
  }
}
