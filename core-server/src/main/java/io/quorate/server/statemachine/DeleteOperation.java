package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.TreeLimits;

/**
 * Delete. The first check that fails gives the error: the path has a {@code /}, no NUL, and is none
 * of the built-in ones (BAD_ARGUMENTS); parent and znode exist (NO_NODE); the version matches
 * (BAD_VERSION); there are no children (NOT_EMPTY).
 */
final class DeleteOperation {
  private DeleteOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.Delete op) {
    String path = op.path();
    if (path == null
        || path.indexOf('/') < 0
        || path.indexOf('\0') >= 0
        || TreeLimits.isBuiltIn(path)) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    ZnodeStat stat = context.tree().stat(path);
    if (stat == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    OpResult.Failure mismatch = Conditions.version(op.expectedVersion(), stat);
    if (mismatch != null) {
      return mismatch;
    }
    if (stat.numChildren() > 0) {
      return OpResult.Failure.of(ErrorCode.NOT_EMPTY);
    }
    context.delete(path, ZnodePath.parent(path), stat.ephemeralOwner());
    return new OpResult.Deleted();
  }
}
