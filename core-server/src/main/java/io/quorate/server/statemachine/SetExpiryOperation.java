package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.server.tree.FoundZnode;
import io.quorate.server.tree.TreeLimits;

/**
 * Set or renew the expiry. The first check that fails gives the error: path, which is none of the
 * built-in ones, and time (BAD_ARGUMENTS), the znode exists (NO_NODE), WRITE on it (NO_AUTH).
 */
final class SetExpiryOperation {
  private SetExpiryOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.SetExpiry op) {
    String path = op.path();
    long after = op.expireAfterMillis();
    if (path == null
        || !ZnodePath.isValid(path)
        || TreeLimits.isBuiltIn(path)
        || after < 0
        || after > TreeLimits.LIFETIME_MILLIS_MAX) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    FoundZnode found = context.tree().at(path);
    if (found == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (!context.may(Acl.WRITE, found)) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    return new OpResult.ExpirySet(context.setExpiry(path, expiresAt(context, after), found));
  }

  /** The log time of an expiry; 0 for never. Total, whatever the time of the entry. */
  static long expiresAt(ApplyContext context, long afterMillis) {
    return afterMillis == 0 ? 0 : Math.max(1, context.timeMillis()) + afterMillis;
  }
}
