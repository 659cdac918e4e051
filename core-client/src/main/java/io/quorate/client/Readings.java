package io.quorate.client;

import io.quorate.data.OpResult;
import io.quorate.data.ZnodeStat;
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
    return new Znode(data.data(), data.stat());
  }

  static Optional<ZnodeStat> existence(OpResult result, long zxid) {
    return Optional.ofNullable(((OpResult.Existence) result).stat());
  }

  @SuppressWarnings("NullAway") // the only value that Void has
  static Void nothing(OpResult result, long zxid) {
    return null;
  }
}
