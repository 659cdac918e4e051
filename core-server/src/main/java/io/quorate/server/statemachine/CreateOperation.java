package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.SequenceNames;
import io.quorate.server.tree.TreeLimits;

/**
 * Create. The first check that fails gives the error: mode and size of the data, the path has a
 * {@code /} and no NUL (BAD_ARGUMENTS), the parent exists (NO_NODE); then a sequential name is
 * completed; the whole path is valid (BAD_ARGUMENTS), nothing has it (NODE_EXISTS), the parent is
 * not ephemeral (NO_CHILDREN_FOR_EPHEMERALS), the session may own another ephemeral
 * (QUOTA_EXCEEDED).
 *
 * <p>The sequence number is the parent's count of creations so far; the prefix may end in {@code
 * /}, then the name is the number alone.
 */
final class CreateOperation {
  private CreateOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.Create op) {
    String given = op.path();
    byte[] data = op.data();
    if (op.mode() == null
        || given == null
        || (data != null && data.length > TreeLimits.DATA_BYTES_MAX)) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    int slash = given.lastIndexOf('/');
    if (slash < 0 || given.indexOf('\0') >= 0) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    String parent = slash == 0 ? ZnodePath.ROOT : given.substring(0, slash);
    ZnodeStat parentStat = context.tree().stat(parent);
    if (parentStat == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    String path =
        op.mode().isSequential()
            ? given + SequenceNames.suffix(context.tree().creations(parent))
            : given;
    if (path.length() > TreeLimits.PATH_CHARS_MAX || !ZnodePath.isValid(path)) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    if (context.tree().exists(path)) {
      return OpResult.Failure.of(ErrorCode.NODE_EXISTS);
    }
    if (parentStat.ephemeralOwner() != 0) {
      return OpResult.Failure.of(ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
    }
    if (op.mode().isEphemeral() && !context.mayOwnAnother()) {
      return OpResult.Failure.of(ErrorCode.QUOTA_EXCEEDED);
    }
    return new OpResult.Created(path, context.create(path, parent, data, op.mode().isEphemeral()));
  }
}
