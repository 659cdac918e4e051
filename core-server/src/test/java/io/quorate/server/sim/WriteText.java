package io.quorate.server.sim;

import io.quorate.data.WriteOp;
import java.util.Arrays;

/** An operation as text with its data, to compare operations by: arrays compare by identity. */
final class WriteText {
  private WriteText() {}

  static String of(WriteOp op) {
    if (op instanceof WriteOp.Create create) {
      return "create " + create.path() + create.mode() + Arrays.toString(create.data());
    }
    if (op instanceof WriteOp.SetData set) {
      return "set " + set.path() + set.expectedVersion() + Arrays.toString(set.data());
    }
    if (op instanceof WriteOp.Multi multi) {
      StringBuilder text = new StringBuilder("multi");
      for (WriteOp each : multi.ops()) {
        text.append(' ').append(of(each));
      }
      return text.toString();
    }
    return op.toString();
  }
}
