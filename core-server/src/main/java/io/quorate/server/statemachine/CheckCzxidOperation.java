package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;

/**
 * Check of the life of a znode, the guard of every grant. The first check that fails gives the
 * error: path (BAD_ARGUMENTS), the znode exists (NO_NODE), its czxid matches (CZXID_MISMATCH).
 */
final class CheckCzxidOperation {
  private CheckCzxidOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.CheckCzxid op) {
    if (op.path() == null || !ZnodePath.isValid(op.path())) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    ZnodeStat stat = context.tree().stat(op.path());
    if (stat == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (stat.czxid() != op.expectedCzxid()) {
      return new OpResult.Failure(ErrorCode.CZXID_MISMATCH, 0, op.expectedCzxid(), stat.czxid());
    }
    return new OpResult.Checked();
  }
}
