package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;

/**
 * Check of a version. The first check that fails gives the error: path (BAD_ARGUMENTS), the znode
 * exists (NO_NODE), the version matches (BAD_VERSION).
 */
final class CheckVersionOperation {
  private CheckVersionOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.CheckVersion op) {
    if (op.path() == null || !ZnodePath.isValid(op.path())) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    ZnodeStat stat = context.tree().stat(op.path());
    if (stat == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    OpResult.Failure mismatch = Conditions.version(op.expectedVersion(), stat);
    return mismatch != null ? mismatch : new OpResult.Checked();
  }
}
