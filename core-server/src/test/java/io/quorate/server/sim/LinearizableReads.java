package io.quorate.server.sim;

/**
 * C8: a linearizable read, and a sync, is answered at a zxid not below that of any write that
 * anybody had been answered before it was called.
 */
final class LinearizableReads extends Checker {
  private final World world;

  LinearizableReads(World world) {
    super("C8");
    this.world = world;
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.linearizable && call.outcome == Call.Outcome.ANSWERED && call.zxid != 0) {
      world.marks().hit(Mark.LINEARIZABLE);
      require(
          call.zxid >= call.acknowledgedBefore,
          client.id(),
          String.format(
              "%s is answered at 0x%x though 0x%x was acknowledged before it was called",
              call, call.zxid, call.acknowledgedBefore));
    }
  }
}
