package io.quorate.server.sim;

import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.util.TreeMap;

/** R31: the tokens of guarded writes never go back; and what rare things the history holds. */
final class FenceNeverGoesBack extends Checker {
  private final World world;
  private final TreeMap<Long, Integer> origins = new TreeMap<>();
  private long fence;

  FenceNeverGoesBack(World world) {
    super("R31");
    this.world = world;
  }

  @Override
  void committed(int leader, LogEntry entry, ApplyResult result) {
    if (result == null) {
      return;
    }
    Command command = CommandCodec.decode(entry.payload());
    if (command instanceof Command.OpenSession open) {
      origins.put(entry.zxid(), open.origin());
    } else if (command instanceof Command.AttachSession attach
        && result.answer() instanceof OpResult.Done) {
      Integer before = origins.put(attach.sessionId(), attach.origin());
      if (before != null && before != attach.origin()) {
        world.marks().hit(Mark.SESSION_MOVED);
      }
    } else if (command instanceof Command.Write write) {
      written(leader, entry, result, write);
    }
  }

  private void written(int leader, LogEntry entry, ApplyResult result, Command.Write write) {
    if (result.answerZxid() != entry.zxid()) {
      world.marks().hit(Mark.ANSWER_REPEATED);
      return;
    }
    if (!(write.op() instanceof WriteOp.Multi multi)) {
      return;
    }
    if (result.answer() instanceof OpResult.Failure failure) {
      world.marks().hit(Mark.MULTI_REFUSED);
      if (multi.ops().get(failure.opIndex()) instanceof WriteOp.CheckCzxid) {
        world.marks().hit(Mark.GUARD_REFUSED);
      }
    } else if (multi.ops().get(0) instanceof WriteOp.CheckCzxid guard
        && guard.path().startsWith(Workload.LOCK)) {
      require(
          guard.expectedCzxid() >= fence,
          leader,
          String.format(
              "0x%x writes with token 0x%x after token 0x%x",
              entry.zxid(), guard.expectedCzxid(), fence));
      fence = guard.expectedCzxid();
    }
  }
}
