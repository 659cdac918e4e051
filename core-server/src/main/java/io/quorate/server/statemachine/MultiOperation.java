package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.server.tree.ZnodeTree;
import java.util.ArrayList;
import java.util.List;

/**
 * Multi: each operation sees the effects of those before it; at the first failure the tree goes
 * back to where it was, and that failure with the index of its operation is the answer.
 *
 * <p>A savepoint of the copy-on-write tree does it: the copies along the changed paths are what
 * success costs, and failure costs nothing more. An undo log would save the copies and add an
 * inverse to every operation.
 */
final class MultiOperation {
  /** Operations in one multi. */
  static final int OPS_MAX = 4096;

  /**
   * UTF-8 bytes of all paths that one multi creates. With {@link #OPS_MAX} stats of at most 128
   * bytes it keeps the answer below a frame, whose body has at most 1 MiB + 64 KiB: an answer that
   * does not fit could never be given.
   */
  static final int PATH_BYTES_TOTAL_MAX = 512 * 1024;

  private MultiOperation() {}

  static OpResult apply(ApplyContext context, WriteOp.Multi multi) {
    List<WriteOp> ops = multi.ops();
    if (ops.size() > OPS_MAX) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    ZnodeTree.Savepoint before = context.tree().savepoint();
    List<OpResult> results = new ArrayList<>(ops.size());
    int pathBytes = 0;
    for (int i = 0; i < ops.size(); i++) {
      OpResult result = Operations.applySingle(context, ops.get(i));
      if (result instanceof OpResult.Created created) {
        pathBytes += utf8Length(created.path());
        if (pathBytes > PATH_BYTES_TOTAL_MAX) {
          result = OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
        }
      }
      if (result instanceof OpResult.Failure failure) {
        context.tree().rollBack(before);
        context.forget();
        return new OpResult.Failure(failure.code(), i, failure.expected(), failure.found());
      }
      results.add(result);
    }
    before.release();
    return new OpResult.MultiDone(results);
  }

  /** Paths hold no surrogates, so no character takes more than three bytes. */
  private static int utf8Length(String path) {
    int length = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      length += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }
    return length;
  }
}
