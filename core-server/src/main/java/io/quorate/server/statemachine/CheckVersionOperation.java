package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.server.tree.FoundZnode;

/**
 * Check of a version. The first check that fails gives the error: path (BAD_ARGUMENTS), the znode
 * exists (NO_NODE), READ on it (NO_AUTH), the version matches (BAD_VERSION).
 */
final class CheckVersionOperation {
  private CheckVersionOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.CheckVersion op) {
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
    OpResult.Failure mismatch = Conditions.version(op.expectedVersion(), found.stat().version());
    return mismatch != null ? mismatch : new OpResult.Checked();
  }
}
