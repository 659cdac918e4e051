package io.quorate.server.request;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.server.statemachine.StateMachine;
import java.util.List;
import java.util.function.Predicate;

/** Which writes make the state larger, as far as can be told before they are applied. */
final class Growth {
  private Growth() {}

  /** The first operation that makes the state larger; 0 for what is no multi, -1 for none. */
  static int firstOfMemory(WriteOp op, StateMachine state) {
    return first(op, one -> ofMemory(one, state));
  }

  /** The first operation that does anything but make room; 0 for what is no multi, -1 for none. */
  static int firstOfDisk(WriteOp op) {
    return first(op, Growth::ofDisk);
  }

  private static int first(WriteOp op, Predicate<WriteOp> grows) {
    List<WriteOp> ops = op instanceof WriteOp.Multi multi ? multi.ops() : List.of(op);
    for (int i = 0; i < ops.size(); i++) {
      if (grows.test(ops.get(i))) {
        return i;
      }
    }
    return -1;
  }

  /** Whether the memory that the state takes may grow by it. */
  private static boolean ofMemory(WriteOp op, StateMachine state) {
    return switch (op.kind()) {
      case CREATE, SET_ACL -> true;
      case SET_DATA -> {
        WriteOp.SetData set = (WriteOp.SetData) op;
        byte[] data = set.data();
        yield (data == null ? 0 : data.length) > presentLength(set.path(), state);
      }
      case DELETE, CHECK_VERSION, CHECK_CZXID, SET_EXPIRY, READ, MULTI -> false;
    };
  }

  /** Whether it does anything but make room: data takes space in the log, whatever it replaces. */
  private static boolean ofDisk(WriteOp op) {
    return switch (op.kind()) {
      case CREATE, SET_DATA, SET_ACL, SET_EXPIRY -> true;
      case DELETE, CHECK_VERSION, CHECK_CZXID, READ, MULTI -> false;
    };
  }

  private static int presentLength(String path, StateMachine state) {
    return state.read(new ReadOp.Exists(path)) instanceof OpResult.Existence existence
            && existence.stat() != null
        ? existence.stat().dataLength()
        : 0;
  }
}
