package io.quorate.client;

import io.quorate.data.WatchKind;

/** What a persistent watch looks at. */
public enum WatchScope {
  /** The znode alone, and whether it gets or loses children. */
  ZNODE(WatchKind.PERSISTENT),

  /**
   * The znode and everything below it: each creation, deletion and change of data, never {@link
   * ZnodeEvent.Type#CHILDREN_CHANGED}.
   */
  RECURSIVE(WatchKind.PERSISTENT_RECURSIVE);

  private final WatchKind kind;

  WatchScope(WatchKind kind) {
    this.kind = kind;
  }

  WatchKind kind() {
    return kind;
  }
}
