package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.server.tree.TreeReader;

/**
 * Answers reads. A path that is not valid names no znode: NO_NODE, as for ZooKeeper, whose exists
 * alone refuses a NUL.
 */
final class Reads {
  private Reads() {}

  static OpResult answer(TreeReader tree, ReadOp op) {
    OpResult result = null;
    if (op instanceof ReadOp.Get get) {
      result = tree.data(get.path());
    } else if (op instanceof ReadOp.Children children) {
      result = tree.children(children.path(), children.afterName(), children.limit());
    } else if (op instanceof ReadOp.Exists exists) {
      return exists.path().indexOf('\0') >= 0
          ? OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS)
          : new OpResult.Existence(tree.stat(exists.path()));
    }
    return result != null ? result : OpResult.Failure.of(ErrorCode.NO_NODE);
  }
}
