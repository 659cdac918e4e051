package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.server.tree.FoundZnode;
import io.quorate.server.tree.TreeLimits;

/**
 * Delete. The first check that fails gives the error: the path has a {@code /}, no NUL, and is none
 * of the built-in ones (BAD_ARGUMENTS); the parent exists (NO_NODE); DELETE on it (NO_AUTH); the
 * znode exists (NO_NODE); the version matches (BAD_VERSION); there are no children (NOT_EMPTY).
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
    int slash = path.lastIndexOf('/');
    FoundZnode parent = context.tree().at(slash == 0 ? ZnodePath.ROOT : path.substring(0, slash));
    if (parent == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (!context.may(Acl.DELETE, parent)) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    FoundZnode found = context.tree().at(path);
    if (found == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    OpResult.Failure mismatch = Conditions.version(op.expectedVersion(), found.stat().version());
    if (mismatch != null) {
      return mismatch;
    }
    if (found.childCount() > 0) {
      return OpResult.Failure.of(ErrorCode.NOT_EMPTY);
    }
    context.delete(path);
    return new OpResult.Deleted();
  }
}
