package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.server.access.AclRules;
import io.quorate.server.tree.FoundZnode;
import io.quorate.server.tree.SequenceNames;
import io.quorate.server.tree.TreeLimits;
import io.quorate.server.tree.ZnodeTerms;
import java.util.List;

/**
 * Create. The first check that fails gives the error: mode, size of the data, time to live and
 * expiry, the path has a {@code /} and no NUL (BAD_ARGUMENTS), the access control list is valid
 * (INVALID_ACL), the parent exists (NO_NODE), CREATE on it (NO_AUTH); then a sequential name is
 * completed; the whole path is valid (BAD_ARGUMENTS), nothing has it (NODE_EXISTS), the parent is
 * not ephemeral (NO_CHILDREN_FOR_EPHEMERALS), the session may own another ephemeral and no quota is
 * exceeded (QUOTA_EXCEEDED).
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
    CreateMode mode = op.mode();
    if (mode == null
        || given == null
        || (data != null && data.length > TreeLimits.DATA_BYTES_MAX)
        || !isLifetimeValid(mode, op.ttlMillis(), op.expireAfterMillis())) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    int slash = given.lastIndexOf('/');
    if (slash < 0 || given.indexOf('\0') >= 0) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    List<Acl> acl = AclRules.toStore(op.acl(), context.caller().identities());
    if (acl == null) {
      return OpResult.Failure.of(ErrorCode.INVALID_ACL);
    }
    String parent = slash == 0 ? ZnodePath.ROOT : given.substring(0, slash);
    FoundZnode parentFound = context.tree().at(parent);
    if (parentFound == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (!context.may(Acl.CREATE, parentFound)) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    String path =
        mode.isSequential() ? given + SequenceNames.suffix(parentFound.creations()) : given;
    if (path.length() > TreeLimits.PATH_CHARS_MAX || !ZnodePath.isValid(path)) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    if (context.tree().exists(path)) {
      return OpResult.Failure.of(ErrorCode.NODE_EXISTS);
    }
    if (parentFound.owner() != 0) {
      return OpResult.Failure.of(ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
    }
    if (mode.isEphemeral() && !context.mayOwnAnother()) {
      return OpResult.Failure.of(ErrorCode.QUOTA_EXCEEDED);
    }
    OpResult.Failure exceeded = context.quotaFor(path, 1, data == null ? 0 : data.length);
    if (exceeded != null) {
      return exceeded;
    }
    ZnodeTerms terms = terms(context, op, acl);
    return new OpResult.Created(
        path, context.create(path, parent, parentFound, data, mode.isEphemeral(), terms));
  }

  /** A mode with a time to live needs one, any other allows none; each may have an expiry. */
  private static boolean isLifetimeValid(CreateMode mode, long ttl, long expireAfter) {
    boolean ttlValid = mode.hasTtl() ? ttl >= 1 && ttl <= TreeLimits.LIFETIME_MILLIS_MAX : ttl == 0;
    return ttlValid && expireAfter >= 0 && expireAfter <= TreeLimits.LIFETIME_MILLIS_MAX;
  }

  private static ZnodeTerms terms(ApplyContext context, WriteOp.Create op, List<Acl> acl) {
    boolean container = op.mode().isContainer();
    if (acl.equals(Acl.OPEN) && op.ttlMillis() == 0 && op.expireAfterMillis() == 0 && !container) {
      return ZnodeTerms.USUAL;
    }
    long expiresAt = SetExpiryOperation.expiresAt(context, op.expireAfterMillis());
    return new ZnodeTerms(acl, 0, op.ttlMillis(), expiresAt, container);
  }
}
