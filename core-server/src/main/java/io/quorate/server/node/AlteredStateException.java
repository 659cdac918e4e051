package io.quorate.server.node;

import io.quorate.data.Zxid;
import io.quorate.server.replication.SnapshotMeta;

/** A state in memory is not what the state machine made of it. */
public final class AlteredStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long digest;

  AlteredStateException(SnapshotMeta meta, long digest) {
    super(
        "the state at %s has digest %x by a walk, %x was kept up while applying"
            .formatted(Zxid.format(meta.zxid()), digest, meta.digest()));
    this.digest = digest;
  }

  /** By the walk. */
  public long digest() {
    return digest;
  }
}
