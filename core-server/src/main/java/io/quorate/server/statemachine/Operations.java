package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;

/** From the operation in a command to the class that knows it. */
final class Operations {
  private Operations() {}

  static OpResult apply(ApplyContext context, WriteOp op) {
    return op instanceof WriteOp.Multi multi
        ? MultiOperation.apply(context, multi)
        : applySingle(context, op);
  }

  /** Any operation of a multi: also a read, but no multi. */
  static OpResult applyInMulti(ApplyContext context, WriteOp op) {
    // Null is answered although no codec yields it: apply is total.
    return op instanceof WriteOp.Read read && read.op() != null
        ? context.read(read.op())
        : applySingle(context, op);
  }

  /** Any operation but multis and reads, which are refused. */
  private static OpResult applySingle(ApplyContext context, WriteOp op) {
    if (op instanceof WriteOp.Create create) {
      return CreateOperation.apply(context, create);
    }
    if (op instanceof WriteOp.Delete delete) {
      return DeleteOperation.apply(context, delete);
    }
    if (op instanceof WriteOp.SetData setData) {
      return SetDataOperation.apply(context, setData);
    }
    if (op instanceof WriteOp.CheckVersion check) {
      return CheckVersionOperation.apply(context, check);
    }
    if (op instanceof WriteOp.CheckCzxid check) {
      return CheckCzxidOperation.apply(context, check);
    }
    if (op instanceof WriteOp.SetAcl setAcl) {
      return SetAclOperation.apply(context, setAcl);
    }
    if (op instanceof WriteOp.SetExpiry setExpiry) {
      return SetExpiryOperation.apply(context, setExpiry);
    }
    return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
  }
}
