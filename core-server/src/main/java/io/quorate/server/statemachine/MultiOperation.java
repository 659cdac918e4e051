package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.server.tree.TreeLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * Multi: each operation sees the effects of those before it, reads too; at the first failure the
 * state goes back to where it was, and that failure with the index of its operation is the answer.
 *
 * <p>A savepoint of the copy-on-write tree does it: the copies along the changed paths are what
 * success costs, and failure costs nothing more. An undo log would save the copies and add an
 * inverse to every operation.
 *
 * <p>What reads inside a multi answered is kept with the rest of the answer, so that a repetition
 * gets the very same. It counts towards the session's limit of stored answers like any other.
 */
final class MultiOperation {
  /** Operations in one multi. */
  static final int OPS_MAX = 4096;

  /**
   * Size of the whole answer, by {@link AnswerSize}: the largest data and as much as goes with it;
   * a frame has room for 32 KiB more. The operation that crosses it fails the multi with
   * RESULT_TOO_LARGE.
   */
  static final int ANSWER_BYTES_MAX = TreeLimits.DATA_BYTES_MAX + 32 * 1024;

  private MultiOperation() {}

  static OpResult apply(ApplyContext context, WriteOp.Multi multi) {
    List<WriteOp> ops = multi.ops();
    if (ops.size() > OPS_MAX) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    context.begin();
    List<OpResult> results = new ArrayList<>(ops.size());
    int bytes = 0;
    for (int i = 0; i < ops.size(); i++) {
      OpResult result = Operations.applyInMulti(context, ops.get(i));
      bytes += AnswerSize.of(result);
      if (bytes > ANSWER_BYTES_MAX) {
        result = new OpResult.Failure(ErrorCode.RESULT_TOO_LARGE, i, ANSWER_BYTES_MAX, bytes);
      }
      if (result instanceof OpResult.Failure failure) {
        context.takeBack();
        return new OpResult.Failure(failure.code(), i, failure.expected(), failure.found());
      }
      results.add(result);
    }
    context.keep();
    return new OpResult.MultiDone(results);
  }
}
