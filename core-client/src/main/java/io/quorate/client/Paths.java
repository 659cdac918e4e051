package io.quorate.client;

import io.quorate.data.CreateMode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;

/** Checks paths where the caller names them, and puts them into the client's namespace. */
final class Paths {
  /** Of the namespace; empty if there is none. */
  private final String prefix;

  /** Refuses what is no absolute path. */
  Paths(String namespace) {
    String valid = valid(namespace);
    this.prefix = valid.equals(ZnodePath.ROOT) ? "" : valid;
  }

  /** Longest path that servers take, in UTF-16 code units. */
  static final int CHARS_MAX = 8192;

  static String valid(String path) {
    if (path.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "a path has at most %d characters, found %d: '%s...'"
              .formatted(CHARS_MAX, path.length(), path.substring(0, 40)));
    }
    String problem = ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("'%s' is no znode path: %s".formatted(path, problem));
    }
    return path;
  }

  /** For sequential modes also a prefix that ends in a slash is a path. */
  static String validToCreate(String path, CreateMode mode) {
    if (mode.isSequential()) {
      valid(path + "0");
      return path;
    }
    return valid(path);
  }

  /** Plain prefix of paths: empty, or one that begins like a path. */
  static String validPrefix(String prefix) {
    if ((!prefix.isEmpty() && prefix.charAt(0) != '/') || prefix.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "a prefix of paths is empty or starts with /, found '%s'".formatted(prefix));
    }
    return prefix;
  }

  /** Of a page. */
  static int validLimit(int limit) {
    if (limit < 1 || limit > QuorateClient.PAGE_MAX) {
      throw new IllegalArgumentException(
          "a page has 1 to " + QuorateClient.PAGE_MAX + " entries, found " + limit);
    }
    return limit;
  }

  boolean isRoot() {
    return prefix.isEmpty();
  }

  /** The namespace itself; the root if there is none. */
  String root() {
    return prefix.isEmpty() ? ZnodePath.ROOT : prefix;
  }

  /** From the caller's path to the server's. */
  String inside(String path) {
    if (prefix.isEmpty()) {
      return path;
    }
    return path.equals(ZnodePath.ROOT) ? prefix : prefix + path;
  }

  /** From the server's path to the caller's. */
  String outside(String path) {
    if (prefix.isEmpty()) {
      return path;
    }
    if (!path.startsWith(prefix)
        || (path.length() > prefix.length() && path.charAt(prefix.length()) != '/')) {
      throw new IllegalStateException(
          "a server told of '%s', outside the namespace '%s'".formatted(path, prefix));
    }
    return path.length() == prefix.length() ? ZnodePath.ROOT : path.substring(prefix.length());
  }

  WriteOp inside(WriteOp op) {
    if (prefix.isEmpty()) {
      return op;
    }
    return switch (op.kind()) {
      case CREATE -> {
        WriteOp.Create create = (WriteOp.Create) op;
        String path = create.path();
        boolean justPrefix = create.mode().isSequential();
        yield new WriteOp.Create(
            justPrefix ? prefix + path : inside(path),
            create.data(),
            create.mode(),
            create.acl(),
            create.ttlMillis(),
            create.expireAfterMillis());
      }
      case DELETE -> {
        WriteOp.Delete delete = (WriteOp.Delete) op;
        yield new WriteOp.Delete(inside(delete.path()), delete.expectedVersion());
      }
      case SET_DATA -> {
        WriteOp.SetData set = (WriteOp.SetData) op;
        yield new WriteOp.SetData(inside(set.path()), set.data(), set.expectedVersion());
      }
      case CHECK_VERSION -> {
        WriteOp.CheckVersion check = (WriteOp.CheckVersion) op;
        yield new WriteOp.CheckVersion(inside(check.path()), check.expectedVersion());
      }
      case CHECK_CZXID -> {
        WriteOp.CheckCzxid check = (WriteOp.CheckCzxid) op;
        yield new WriteOp.CheckCzxid(inside(check.path()), check.expectedCzxid());
      }
      case SET_ACL -> {
        WriteOp.SetAcl set = (WriteOp.SetAcl) op;
        yield new WriteOp.SetAcl(inside(set.path()), set.acl(), set.expectedAversion());
      }
      case SET_EXPIRY -> {
        WriteOp.SetExpiry set = (WriteOp.SetExpiry) op;
        yield new WriteOp.SetExpiry(inside(set.path()), set.expireAfterMillis());
      }
      case READ -> new WriteOp.Read(inside(((WriteOp.Read) op).op()));
      case MULTI ->
          new WriteOp.Multi(((WriteOp.Multi) op).ops().stream().map(this::inside).toList());
    };
  }

  ReadOp inside(ReadOp op) {
    if (prefix.isEmpty()) {
      return op;
    }
    if (op instanceof ReadOp.Get get) {
      return new ReadOp.Get(inside(get.path()));
    }
    if (op instanceof ReadOp.Exists exists) {
      return new ReadOp.Exists(inside(exists.path()));
    }
    if (op instanceof ReadOp.Children children) {
      return new ReadOp.Children(inside(children.path()), children.afterName(), children.limit());
    }
    if (op instanceof ReadOp.GetAcl get) {
      return new ReadOp.GetAcl(inside(get.path()));
    }
    if (op instanceof ReadOp.SubtreeCount count) {
      return new ReadOp.SubtreeCount(inside(count.path()), count.atMost());
    }
    if (op instanceof ReadOp.Ephemerals ephemerals) {
      // A plain prefix: without the slash, the namespace /shop would show what is below /shopping.
      String wanted = ephemerals.path().isEmpty() ? ZnodePath.ROOT : ephemerals.path();
      return new ReadOp.Ephemerals(
          prefix + wanted,
          ephemerals.afterPath().isEmpty() ? "" : prefix + ephemerals.afterPath(),
          ephemerals.limit());
    }
    return op;
  }

  /** The same result with the caller's paths. */
  OpResult outside(OpResult result) {
    if (prefix.isEmpty()) {
      return result;
    }
    if (result instanceof OpResult.Created created) {
      return new OpResult.Created(outside(created.path()), created.stat());
    }
    if (result instanceof OpResult.Paths paths) {
      return new OpResult.Paths(paths.paths().stream().map(this::outside).toList(), paths.more());
    }
    if (result instanceof OpResult.MultiDone done) {
      return new OpResult.MultiDone(done.results().stream().map(this::outside).toList());
    }
    return result;
  }

  /** Path of a single operation; the root for a multi, which has several. */
  static String of(WriteOp op) {
    return switch (op.kind()) {
      case CREATE -> ((WriteOp.Create) op).path();
      case DELETE -> ((WriteOp.Delete) op).path();
      case SET_DATA -> ((WriteOp.SetData) op).path();
      case CHECK_VERSION -> ((WriteOp.CheckVersion) op).path();
      case CHECK_CZXID -> ((WriteOp.CheckCzxid) op).path();
      case SET_ACL -> ((WriteOp.SetAcl) op).path();
      case SET_EXPIRY -> ((WriteOp.SetExpiry) op).path();
      case READ -> ((WriteOp.Read) op).op().path();
      case MULTI -> ZnodePath.ROOT;
    };
  }
}
