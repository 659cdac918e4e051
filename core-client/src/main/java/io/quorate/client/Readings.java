package io.quorate.client;

import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ZnodeStat;
import java.util.List;
import java.util.Optional;

/** Makes the caller's results of the server's answers. */
final class Readings {
  private Readings() {}

  static Created created(OpResult result, long zxid) {
    OpResult.Created created = (OpResult.Created) result;
    return new Created(created.path(), created.stat());
  }

  static Znode znode(OpResult result, long zxid) {
    OpResult.Data data = (OpResult.Data) result;
    return new Znode(data.data(), data.stat(), zxid);
  }

  static Optional<ZnodeStat> existence(OpResult result, long zxid) {
    return Optional.ofNullable(((OpResult.Existence) result).stat());
  }

  /** After a change. */
  static ZnodeStat stat(OpResult result, long zxid) {
    if (result instanceof OpResult.AclSet set) {
      return set.stat();
    }
    if (result instanceof OpResult.ExpirySet set) {
      return set.stat();
    }
    return ((OpResult.DataSet) result).stat();
  }

  static ChildrenPage childrenPage(OpResult result, long zxid) {
    OpResult.ChildNames names = (OpResult.ChildNames) result;
    return new ChildrenPage(names.names(), names.more(), names.stat());
  }

  static PathsPage pathsPage(OpResult result, long zxid) {
    OpResult.Paths paths = (OpResult.Paths) result;
    return new PathsPage(paths.paths(), paths.more());
  }

  static ZnodeAcl acl(OpResult result, long zxid) {
    OpResult.AclRead read = (OpResult.AclRead) result;
    return new ZnodeAcl(read.acl(), read.stat());
  }

  static Long count(OpResult result, long zxid) {
    return ((OpResult.Count) result).count();
  }

  static List<Identity> identities(OpResult result, long zxid) {
    return ((OpResult.Identities) result).identities();
  }

  @SuppressWarnings("NullAway") // the only value that Void has
  static Void nothing(OpResult result, long zxid) {
    return null;
  }
}
