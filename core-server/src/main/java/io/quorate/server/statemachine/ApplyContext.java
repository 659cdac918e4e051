package io.quorate.server.statemachine;

import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.session.SessionTable;
import io.quorate.server.tree.ZnodeChange;
import io.quorate.server.tree.ZnodeTree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of one entry work on, and where they leave what they did. The index of
 * ephemerals follows at {@link #commit}, so that a multi that fails has nothing to undo there.
 */
final class ApplyContext {
  private final ZnodeTree tree;
  private final SessionTable sessions;
  private final long zxid;
  private final long timeMillis;
  private final long sessionId;
  private final List<ZnodeChange> changes = new ArrayList<>(2);
  private final List<OwnedChange> owned = new ArrayList<>(0);

  /** Creations minus deletions, in {@link #owned}, of ephemerals of the acting session. */
  private int ownedMore;

  private record OwnedChange(boolean created, long owner, String path) {}

  /**
   * @param sessionId the session that acts: owner of the ephemerals it creates
   */
  ApplyContext(ZnodeTree tree, SessionTable sessions, long zxid, long timeMillis, long sessionId) {
    this.tree = tree;
    this.sessions = sessions;
    this.zxid = zxid;
    this.timeMillis = timeMillis;
    this.sessionId = sessionId;
  }

  ZnodeTree tree() {
    return tree;
  }

  long sessionId() {
    return sessionId;
  }

  long zxid() {
    return zxid;
  }

  List<ZnodeChange> changes() {
    return changes;
  }

  /** Whether the session may own one more ephemeral. */
  boolean mayOwnAnother() {
    return sessions.ephemerals().count(sessionId) + ownedMore < sessions.limits().ephemeralsMax();
  }

  /** Returns the stat after the change of the new znode. */
  ZnodeStat create(String path, String parent, byte @Nullable [] data, boolean ephemeral) {
    tree.create(path, data, ephemeral ? sessionId : 0, zxid, timeMillis);
    if (ephemeral) {
      owned.add(new OwnedChange(true, sessionId, path));
      ownedMore++;
    }
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CREATED, path, zxid));
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, parent, zxid));
    return new ZnodeStat(
        zxid,
        zxid,
        zxid,
        timeMillis,
        timeMillis,
        0,
        0,
        0,
        ephemeral ? sessionId : 0,
        data == null ? 0 : data.length,
        0);
  }

  void delete(String path, String parent, long owner) {
    tree.delete(path, zxid);
    if (owner != 0) {
      owned.add(new OwnedChange(false, owner, path));
      ownedMore -= owner == sessionId ? 1 : 0;
    }
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_DELETED, path, zxid));
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, parent, zxid));
  }

  /** Returns the stat after the change. */
  ZnodeStat setData(String path, byte @Nullable [] data, ZnodeStat before) {
    int version = nextVersion(before.version());
    tree.setData(path, data, version, zxid, timeMillis);
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_DATA_CHANGED, path, zxid));
    return new ZnodeStat(
        before.czxid(),
        zxid,
        before.pzxid(),
        before.ctimeMillis(),
        timeMillis,
        version,
        before.cversion(),
        before.aversion(),
        before.ephemeralOwner(),
        data == null ? 0 : data.length,
        before.numChildren());
  }

  /** The changes stay. */
  void commit() {
    for (OwnedChange change : owned) {
      if (change.created) {
        sessions.ephemerals().add(change.owner, change.path);
      } else {
        sessions.ephemerals().remove(change.owner, change.path);
      }
    }
    owned.clear();
    ownedMore = 0;
  }

  /** The tree was rolled back to where it was at the beginning of the entry. */
  void forget() {
    changes.clear();
    owned.clear();
    ownedMore = 0;
  }

  /** Wraps after 2^31-1, and skips -1, which means "any" in conditions. */
  private static int nextVersion(int version) {
    int next = version + 1;
    return next == WriteOp.ANY_VERSION ? 0 : next;
  }
}
