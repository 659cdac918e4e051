package io.quorate.client.session;

import io.quorate.data.Acl;
import io.quorate.data.Credential;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a caller wants of a session. */
public sealed interface SessionRequest {

  /** A write; numbered when it is sent first. */
  record Write(WriteOp op) implements SessionRequest {}

  /**
   * A read.
   *
   * @param watchId 0, or the id of the one-shot watch to leave; never used before
   * @param listener of that watch; null exactly if {@code watchId} is 0
   */
  record Read(ReadOp op, boolean linearizable, long watchId, @Nullable Object listener)
      implements SessionRequest {
    public Read {
      if ((watchId == 0) != (listener == null)) {
        throw new IllegalArgumentException("a watch needs an id and a listener, or neither");
      }
    }

    /** A read that leaves no watch. */
    public static Read plain(ReadOp op, boolean linearizable) {
      return new Read(op, linearizable, 0, null);
    }
  }

  /** Waits until the server is up to date. */
  record Sync() implements SessionRequest {}

  /**
   * Wants a persistent watch, in this session and all later ones.
   *
   * @param kind one that is not one-shot
   */
  record AddWatch(long watchId, String path, WatchKind kind, Object listener)
      implements SessionRequest {
    public AddWatch {
      if (kind.isOneShot()) {
        throw new IllegalArgumentException("a watch that is added is persistent, found " + kind);
      }
    }
  }

  /**
   * Presents a credential: what follows is done with its identity as well, on this connection and,
   * if it is accepted, on all later ones. Outlives sessions until its answer.
   */
  record Authenticate(Credential credential) implements SessionRequest {}

  /** No longer wants a persistent watch. Silently does nothing if it is gone. */
  record RemoveWatch(long watchId) implements SessionRequest {}

  /** About how many bytes the request takes in memory and on the wire. */
  default long bytes() {
    if (this instanceof Write write) {
      return REQUEST_BYTES + bytes(write.op());
    }
    if (this instanceof Read read) {
      return REQUEST_BYTES + read.op().path().length();
    }
    if (this instanceof AddWatch add) {
      return REQUEST_BYTES + add.path().length();
    }
    return REQUEST_BYTES;
  }

  /** What any request takes besides paths and data. */
  long REQUEST_BYTES = 64;

  private static long bytes(List<Acl> acl) {
    long sum = 0;
    for (Acl entry : acl) {
      sum += entry.identity().scheme().length() + entry.identity().id().length();
    }
    return sum;
  }

  private static long bytes(WriteOp op) {
    return switch (op.kind()) {
      case CREATE -> {
        WriteOp.Create create = (WriteOp.Create) op;
        yield create.path().length() + length(create.data()) + bytes(create.acl());
      }
      case DELETE -> ((WriteOp.Delete) op).path().length();
      case SET_DATA -> {
        WriteOp.SetData set = (WriteOp.SetData) op;
        yield set.path().length() + length(set.data());
      }
      case CHECK_VERSION -> ((WriteOp.CheckVersion) op).path().length();
      case CHECK_CZXID -> ((WriteOp.CheckCzxid) op).path().length();
      case SET_ACL -> {
        WriteOp.SetAcl set = (WriteOp.SetAcl) op;
        yield set.path().length() + bytes(set.acl());
      }
      case SET_EXPIRY -> ((WriteOp.SetExpiry) op).path().length();
      case READ -> ((WriteOp.Read) op).op().path().length();
      case MULTI -> {
        long sum = 0;
        for (WriteOp inner : ((WriteOp.Multi) op).ops()) {
          sum += REQUEST_BYTES + bytes(inner);
        }
        yield sum;
      }
    };
  }

  private static long length(byte @Nullable [] data) {
    return data == null ? 0 : data.length;
  }
}
