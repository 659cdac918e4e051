package io.quorate.server.sim;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.util.TreeMap;

/**
 * C1, C5, C9, C10, M1, M3, E8: every answer is what the reference model says at the zxid of the
 * answer; a write's answer names the very entry of that write.
 */
final class RepliesMatchModel extends Checker {
  private final World world;
  private final Ghost ghost;
  private final TreeMap<Long, OpResult> answers = new TreeMap<>();

  RepliesMatchModel(World world, Ghost ghost) {
    super("C1");
    this.world = world;
    this.ghost = ghost;
  }

  @Override
  void committed(int leader, LogEntry entry, ApplyResult result) {
    if (result != null && result.answerZxid() == entry.zxid()) {
      answers.put(entry.zxid(), result.answer());
    }
    if (result != null && CommandCodec.decode(entry.payload()) instanceof Command.Sweep sweep) {
      long deleted =
          result.changes().stream()
              .filter(change -> change.type() == WatchEvent.Type.NODE_DELETED)
              .count();
      for (int i = 0; i < sweep.targets().size(); i++) {
        world.marks().hit(i < deleted ? Mark.SWEPT : Mark.SWEEP_SPARED);
      }
    }
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome != Call.Outcome.ANSWERED || call.result == null) {
      return;
    }
    if (call.result instanceof OpResult.Failure failure) {
      mark(failure.code());
    }
    if (isAboutSession(call.result)) {
      ReferenceModel.Session session = ghost.model().session(call.session);
      require(
          session != null && (!session.isOpen() || !isExpiry(call.result)),
          client.id(),
          String.format("%s is told %s though its session is open", call, call.result));
      return;
    }
    if (call.read != null) {
      require(
          call.zxid <= ghost.lastZxid(),
          client.id(),
          String.format("%s was answered at 0x%x, which is not committed", call, call.zxid));
      if (call.zxid < ghost.lastZxid()) {
        world.marks().hit(Mark.STALE_READ);
      }
      expect(client, call, ghost.model().read(call.read, client.asker(call), call.zxid));
    } else if (call.write != null && !isBeforeLog(call.result)) {
      LogEntry entry = ghost.find(call.zxid);
      boolean own =
          entry != null
              && entry.kind() == EntryKind.COMMAND
              && CommandCodec.decode(entry.payload()) instanceof Command.Write write
              && write.sessionId() == call.session
              && WriteText.of(call.write).equals(WriteText.of(write.op()));
      require(
          own,
          client.id(),
          String.format("%s was answered %s at 0x%x: %s", call, call.result, call.zxid, entry));
      expect(client, call, answers.get(call.zxid));
    }
  }

  private void mark(ErrorCode code) {
    switch (code) {
      case NO_AUTH -> world.marks().hit(Mark.NO_AUTH);
      case INVALID_ACL -> world.marks().hit(Mark.INVALID_ACL);
      case INSUFFICIENT_SPACE -> world.marks().hit(Mark.INSUFFICIENT_SPACE);
      case OVERLOADED -> world.marks().hit(Mark.OVERLOADED);
      case QUOTA_EXCEEDED -> world.marks().hit(Mark.QUOTA_EXCEEDED);
      default -> {}
    }
  }

  private void expect(SimClient client, Call call, OpResult expected) {
    require(
        expected != null && ReferenceModel.same(expected, call.result),
        client.id(),
        String.format(
            "%s was answered %s at 0x%x, expected %s", call, call.result, call.zxid, expected));
  }

  private static boolean isExpiry(OpResult result) {
    return result instanceof OpResult.Failure failure
        && failure.code() == ErrorCode.SESSION_EXPIRED;
  }

  private static boolean isAboutSession(OpResult result) {
    return result instanceof OpResult.Failure failure
        && (failure.code() == ErrorCode.SESSION_EXPIRED
            || failure.code() == ErrorCode.SESSION_MOVED);
  }

  /** Refused by a server, with a number that a logged no-op fills. */
  private static boolean isBeforeLog(OpResult result) {
    return result instanceof OpResult.Failure failure
        && (failure.code() == ErrorCode.OVERLOADED
            || failure.code() == ErrorCode.INSUFFICIENT_SPACE
            || failure.code() == ErrorCode.REQUEST_TOO_LARGE
            || failure.code() == ErrorCode.TOO_MANY_IN_FLIGHT
            || failure.code() == ErrorCode.NOT_SERVING);
  }
}
