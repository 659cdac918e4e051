package io.quorate.server.request;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.server.statemachine.StateMachine;

/** Which writes make the state larger, as far as can be told before they are applied. */
final class Growth {
  private Growth() {}

  /** Whether the memory that the state takes may grow by it. */
  static boolean ofMemory(WriteOp op, StateMachine state) {
    return switch (op.kind()) {
      case CREATE, SET_ACL -> true;
      case SET_DATA -> {
        WriteOp.SetData set = (WriteOp.SetData) op;
        byte[] data = set.data();
        yield (data == null ? 0 : data.length) > presentLength(set.path(), state);
      }
      case MULTI -> ((WriteOp.Multi) op).ops().stream().anyMatch(one -> ofMemory(one, state));
      case DELETE, CHECK_VERSION, CHECK_CZXID, SET_EXPIRY, READ -> false;
    };
  }

  /** Whether it does anything but make room: data takes space in the log, whatever it replaces. */
  static boolean ofDisk(WriteOp op) {
    return switch (op.kind()) {
      case CREATE, SET_DATA, SET_ACL, SET_EXPIRY -> true;
      case MULTI -> ((WriteOp.Multi) op).ops().stream().anyMatch(Growth::ofDisk);
      case DELETE, CHECK_VERSION, CHECK_CZXID, READ -> false;
    };
  }

  private static int presentLength(String path, StateMachine state) {
    return state.read(new ReadOp.Exists(path)) instanceof OpResult.Existence existence
            && existence.stat() != null
        ? existence.stat().dataLength()
        : 0;
  }
}
