package io.quorate.server.sim;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.statemachine.Command;

/**
 * R16: what is refused for want of disk space or memory would grow, and is a refusal in the log, so
 * it never happens; reads, deletes and checks are never refused for it; and once all is healed
 * nothing is refused for want of disk space.
 */
final class RefusalsOnlyOfGrowth extends Checker {
  private final Simulation simulation;

  RefusalsOnlyOfGrowth(Simulation simulation) {
    super("R16");
    this.simulation = simulation;
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome != Call.Outcome.ANSWERED
        || !(call.result instanceof OpResult.Failure failure)
        || (failure.code() != ErrorCode.INSUFFICIENT_SPACE
            && failure.code() != ErrorCode.OVERLOADED)) {
      return;
    }
    require(
        call.write != null && grows(call.write),
        client.id(),
        String.format("%s was answered %s", call, failure));
    LogEntry entry = simulation.ghost().find(call.zxid);
    require(
        entry != null
            && entry.kind() == EntryKind.COMMAND
            && CommandCodec.decode(entry.payload()) instanceof Command.RefusedWrite refused
            && refused.sessionId() == call.session
            && refused.code() == failure.code(),
        client.id(),
        String.format("%s was answered %s at 0x%x: %s", call, failure, call.zxid, entry));
    require(
        !simulation.isHealed() || failure.code() == ErrorCode.OVERLOADED,
        client.id(),
        String.format("%s was answered %s although there is room", call, failure));
  }

  private static boolean grows(WriteOp op) {
    if (op instanceof WriteOp.Multi multi) {
      return multi.ops().stream().anyMatch(RefusalsOnlyOfGrowth::grows);
    }
    return op instanceof WriteOp.Create
        || op instanceof WriteOp.SetData
        || op instanceof WriteOp.SetAcl
        || op instanceof WriteOp.SetExpiry;
  }
}
