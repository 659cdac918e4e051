package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.server.access.AclRules;
import io.quorate.server.tree.FoundZnode;
import java.util.List;

/**
 * Set the access control list. The first check that fails gives the error: path (BAD_ARGUMENTS),
 * the list is valid (INVALID_ACL), the znode exists (NO_NODE), ADMIN on it (NO_AUTH), the version
 * of the list matches (BAD_VERSION).
 */
final class SetAclOperation {
  private SetAclOperation() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult apply(ApplyContext context, WriteOp.SetAcl op) {
    String path = op.path();
    if (path == null || !ZnodePath.isValid(path)) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    List<Acl> acl = AclRules.toStore(op.acl(), context.caller().identities());
    if (acl == null) {
      return OpResult.Failure.of(ErrorCode.INVALID_ACL);
    }
    FoundZnode found = context.tree().at(path);
    if (found == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (!context.may(Acl.ADMIN, found)) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    OpResult.Failure mismatch = Conditions.version(op.expectedAversion(), found.terms().aversion());
    return mismatch != null ? mismatch : new OpResult.AclSet(context.setAcl(path, acl, found));
  }
}
