package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.FoundZnode;
import io.quorate.server.tree.TreeLimits;

/**
 * Set data. The first check that fails gives the error: size of the data, path (BAD_ARGUMENTS), the
 * znode exists (NO_NODE), WRITE on it (NO_AUTH), no quota is exceeded (QUOTA_EXCEEDED), the version
 * matches (BAD_VERSION).
 */
final class SetDataOperation {
  private SetDataOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.SetData op) {
    String path = op.path();
    byte[] data = op.data();
    if (path == null
        || (data != null && data.length > TreeLimits.DATA_BYTES_MAX)
        || !ZnodePath.isValid(path)) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    FoundZnode found = context.tree().at(path);
    if (found == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (!context.may(Acl.WRITE, found)) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    ZnodeStat stat = found.stat();
    int more = (data == null ? 0 : data.length) - stat.dataLength();
    OpResult.Failure exceeded = context.quotaFor(path, 0, more);
    if (exceeded != null) {
      return exceeded;
    }
    OpResult.Failure mismatch = Conditions.version(op.expectedVersion(), stat.version());
    return mismatch != null ? mismatch : new OpResult.DataSet(context.setData(path, data, found));
  }
}
