package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.access.Access;
import io.quorate.server.session.EphemeralIndex;
import io.quorate.server.tree.FoundZnode;
import io.quorate.server.tree.TreeReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers reads, those of connections and those inside a multi. The first check that fails gives
 * the error: the znode exists (NO_NODE), READ on it (NO_AUTH). A path that is not valid names no
 * znode: NO_NODE, as for ZooKeeper, whose exists alone refuses a NUL. Exists needs READ if there is
 * a znode; the list is shown to whoever has READ or ADMIN, with the hashes of digest identities
 * only to ADMIN; one's own ephemerals and identities need no permission.
 */
final class Reads {
  private Reads() {}

  // Op fields are checked for null although no codec yields it: apply is total.
  static OpResult answer(TreeReader tree, EphemeralIndex ephemerals, ReadOp op, Caller caller) {
    if (op instanceof ReadOp.WhoAmI) {
      return whoAmI(caller);
    }
    if (op.path() == null) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    if (op instanceof ReadOp.Ephemerals own) {
      return own.afterPath() == null
          ? OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS)
          : ephemerals.page(caller.sessionId(), own.path(), own.afterPath(), own.limit());
    }
    boolean exists = op instanceof ReadOp.Exists;
    if (exists && op.path().indexOf('\0') >= 0) {
      return OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS);
    }
    FoundZnode found = tree.at(op.path());
    if (found == null) {
      return exists ? new OpResult.Existence(null) : OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    int permission = op instanceof ReadOp.GetAcl ? Acl.READ | Acl.ADMIN : Acl.READ;
    if (!caller.may(permission, found.acl())) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    return answer(tree, op, found, caller);
  }

  private static OpResult answer(TreeReader tree, ReadOp op, FoundZnode found, Caller caller) {
    if (op instanceof ReadOp.Get) {
      return data(tree, op.path(), found);
    }
    if (op instanceof ReadOp.Exists) {
      return new OpResult.Existence(found.stat());
    }
    if (op instanceof ReadOp.Children children) {
      return children.afterName() == null
          ? OpResult.Failure.of(ErrorCode.BAD_ARGUMENTS)
          : found.children(children.afterName(), children.limit());
    }
    if (op instanceof ReadOp.SubtreeCount count) {
      long below = found.descendants();
      return below > count.atMost()
          ? new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 0, count.atMost(), below)
          : new OpResult.Count(below);
    }
    List<Acl> acl = found.acl();
    return new OpResult.AclRead(
        caller.may(Acl.ADMIN, acl) ? acl : Access.masked(acl), found.stat());
  }

  /** The figures of a quota are those of its subtree at this moment, whatever was written there. */
  private static OpResult data(TreeReader tree, String path, FoundZnode found) {
    String subtree = QuotaIndex.shownBy(path);
    if (subtree == null) {
      return found.data();
    }
    FoundZnode root = tree.at(subtree);
    byte[] stats =
        QuotaLimits.stats(
            root == null ? 0 : root.descendants() + 1, root == null ? 0 : root.subtreeBytes());
    ZnodeStat stat = found.stat();
    return new OpResult.Data(
        stats,
        new ZnodeStat(
            stat.czxid(),
            stat.mzxid(),
            stat.pzxid(),
            stat.ctimeMillis(),
            stat.mtimeMillis(),
            stat.version(),
            stat.cversion(),
            stat.aversion(),
            stat.ephemeralOwner(),
            stats.length,
            stat.numChildren(),
            stat.expiresAtMillis()));
  }

  private static OpResult whoAmI(Caller caller) {
    List<Identity> identities = new ArrayList<>();
    for (Identity identity : caller.identities()) {
      identities.add(identity.masked());
    }
    return new OpResult.Identities(identities);
  }
}
