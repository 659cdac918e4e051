package io.quorate.server.sim;

import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.List;

/** A persistent watch of a client, and how far it has been told. */
final class LastingWatch {
  final long id;
  final String path;
  final WatchKind kind;

  /** A server has it, so it is told from {@link #toldZxid} on. */
  boolean held;

  /** Whatever is due up to here was told, or is excused. */
  long toldZxid;

  /** What it was told at {@link #lastZxid}. */
  final List<WatchEvent> lastTold = new ArrayList<>();

  long lastZxid;

  LastingWatch(long id, String path, WatchKind kind) {
    this.id = id;
    this.path = path;
    this.kind = kind;
  }

  /** Whether that change is one that it looks at, whoever may see it. */
  boolean covers(ZnodeChange change) {
    if (kind == WatchKind.PERSISTENT) {
      return change.path().equals(path);
    }
    boolean below =
        change.path().equals(path) || path.equals("/") || change.path().startsWith(path + "/");
    return below && change.type() != WatchEvent.Type.NODE_CHILDREN_CHANGED;
  }

  @Override
  public String toString() {
    return kind + " watch on " + path;
  }
}
