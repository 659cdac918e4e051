package io.quorate.server.sim;

import io.quorate.server.replication.Recovered;

/** Z10: no cut and no installed history makes a server drop an entry that is committed. */
final class TruncateNeverBelowCommitted extends Checker {
  private final Ghost ghost;

  TruncateNeverBelowCommitted(Ghost ghost) {
    super("Z10");
    this.ghost = ghost;
  }

  @Override
  void truncating(Machine machine, long afterZxid) {
    long common = ghost.commonWith(machine.log());
    require(
        afterZxid >= common,
        machine.id(),
        String.format("cuts its log after 0x%x though 0x%x is committed", afterZxid, common));
  }

  @Override
  void replacing(Machine machine, Recovered installed) {
    long common = ghost.commonWith(machine.log());
    DurableLog next = new DurableLog();
    next.replaced(installed.log());
    require(
        ghost.commonWith(next) >= common,
        machine.id(),
        String.format(
            "installs a history that ends at 0x%x though it held committed 0x%x",
            installed.log().lastZxid(), common));
  }
}
