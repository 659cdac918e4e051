package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.server.tree.FoundZnode;

/**
 * Check of the life of a znode, the guard of every grant. The first check that fails gives the
 * error: path (BAD_ARGUMENTS), the znode exists (NO_NODE), READ on it (NO_AUTH), its czxid matches
 * (CZXID_MISMATCH).
 */
final class CheckCzxidOperation {
  private CheckCzxidOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.CheckCzxid op) {
    if (op.path() == null || !ZnodePath.isValid(op.path())) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    FoundZnode found = context.tree().at(op.path());
    if (found == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (!context.may(Acl.READ, found)) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    long czxid = found.stat().czxid();
    return czxid == op.expectedCzxid()
        ? new OpResult.Checked()
        : new OpResult.Failure(ErrorCode.CZXID_MISMATCH, 0, op.expectedCzxid(), czxid);
  }
}
