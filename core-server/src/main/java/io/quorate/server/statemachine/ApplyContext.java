package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.Invariant;
import io.quorate.server.session.SessionTable;
import io.quorate.server.tree.FoundZnode;
import io.quorate.server.tree.ZnodeChange;
import io.quorate.server.tree.ZnodeTerms;
import io.quorate.server.tree.ZnodeTree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of one entry work on, and where they leave what they did. The indexes follow
 * the tree at once, so that a read inside a multi sees them; what a multi that fails did to them is
 * undone step by step.
 */
final class ApplyContext {
  private final ZnodeTree tree;
  private final SessionTable sessions;
  private final LifetimeIndex lifetimes;
  private final QuotaIndex quotas;
  private final long zxid;
  private final long timeMillis;
  private final Caller caller;
  private final List<ZnodeChange> changes = new ArrayList<>(2);
  private final List<String> warnings = new ArrayList<>(0);

  /** While a multi may still fail: what takes its changes of the indexes back. */
  private final ArrayList<Runnable> undo = new ArrayList<>(0);

  private ZnodeTree.@Nullable Savepoint savepoint;

  ApplyContext(
      ZnodeTree tree,
      SessionTable sessions,
      LifetimeIndex lifetimes,
      QuotaIndex quotas,
      long zxid,
      long timeMillis,
      Caller caller) {
    this.tree = tree;
    this.sessions = sessions;
    this.lifetimes = lifetimes;
    this.quotas = quotas;
    this.zxid = zxid;
    this.timeMillis = timeMillis;
    this.caller = caller;
  }

  ZnodeTree tree() {
    return tree;
  }

  Caller caller() {
    return caller;
  }

  long zxid() {
    return zxid;
  }

  /** Log time of the entry. */
  long timeMillis() {
    return timeMillis;
  }

  List<ZnodeChange> changes() {
    return changes;
  }

  /** For people: soft limits that the entry crossed. */
  List<String> warnings() {
    return warnings;
  }

  boolean may(int permission, FoundZnode znode) {
    return caller.may(permission, znode.acl());
  }

  /** Whether the session may own one more ephemeral. */
  boolean mayOwnAnother() {
    return sessions.ephemerals().count(caller.sessionId()) < sessions.limits().ephemeralsMax();
  }

  /** Null, or the limit of a subtree that so much more at a path would exceed. */
  OpResult.@Nullable Failure quotaFor(String path, int moreZnodes, long moreBytes) {
    return quotas.check(tree, path, moreZnodes, moreBytes, warnings);
  }

  OpResult read(ReadOp op) {
    return Reads.answer(tree, sessions.ephemerals(), op, caller);
  }

  // --- changes -----------------------------------------------------------------------------------

  /** Returns the stat of the new znode. */
  ZnodeStat create(
      String path,
      String parent,
      FoundZnode parentFound,
      byte @Nullable [] data,
      boolean ephemeral,
      ZnodeTerms terms) {
    List<Acl> parentAcl = parentFound.acl();
    if (parentFound.childCount() == 0) {
      leaveLifetimes(parent, parentFound);
    }
    long owner = ephemeral ? caller.sessionId() : 0;
    ZnodeStat stat = tree.create(path, data, owner, terms, zxid, timeMillis);
    if (ephemeral) {
      own(owner, path);
    }
    if (stat.expiresAtMillis() != 0 || terms.container()) {
      enterLifetimes(path, stat.expiresAtMillis(), terms.container());
    }
    noteQuota(path, data);
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CREATED, path, zxid, terms.acl()));
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, parent, zxid, parentAcl));
    return stat;
  }

  /** Deletes a znode that exists, has no children and is not built in. */
  void delete(String path) {
    String parent = ZnodePath.parent(path);
    FoundZnode found = existing(path);
    List<Acl> acl = found.acl();
    long owner = found.owner();
    leaveLifetimes(path, found);
    tree.delete(path, zxid);
    if (owner != 0) {
      disown(owner, path);
    }
    forgetQuota(path);
    FoundZnode parentFound = existing(parent);
    if (parentFound.childCount() == 0) {
      enterLifetimes(parent, parentFound);
    }
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_DELETED, path, zxid, acl));
    changes.add(
        new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, parent, zxid, parentFound.acl()));
  }

  /** Returns the stat after the change. */
  ZnodeStat setData(String path, byte @Nullable [] data, FoundZnode found) {
    List<Acl> acl = found.acl();
    boolean indexed = found.hasLifetime() && found.childCount() == 0;
    if (indexed) {
      leaveLifetimes(path, found);
    }
    int version = nextVersion(found.stat().version());
    ZnodeStat stat = tree.setData(path, data, version, zxid, timeMillis);
    if (indexed) {
      enterLifetimes(path, existing(path));
    }
    noteQuota(path, data);
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_DATA_CHANGED, path, zxid, acl));
    return stat;
  }

  /** Returns the stat after the change. Nobody is told. */
  ZnodeStat setAcl(String path, List<Acl> acl, FoundZnode found) {
    ZnodeTerms terms = found.terms();
    return tree.setTerms(
        path,
        new ZnodeTerms(
            acl,
            nextVersion(terms.aversion()),
            terms.ttlMillis(),
            terms.expiresAtMillis(),
            terms.container()));
  }

  /** Returns the stat after the change. Nobody is told. */
  ZnodeStat setExpiry(String path, long expiresAtMillis, FoundZnode found) {
    ZnodeTerms terms = found.terms();
    boolean childless = found.childCount() == 0;
    if (childless) {
      leaveLifetimes(path, found);
    }
    ZnodeStat stat =
        tree.setTerms(
            path,
            new ZnodeTerms(
                terms.acl(),
                terms.aversion(),
                terms.ttlMillis(),
                expiresAtMillis,
                terms.container()));
    if (childless) {
      enterLifetimes(path, existing(path));
    }
    return stat;
  }

  // --- multi -------------------------------------------------------------------------------------

  /** From here on everything can be taken back. */
  void begin() {
    Invariant.check(savepoint == null, "multis do not nest");
    savepoint = tree.savepoint();
  }

  /** Keeps what was done since {@link #begin}. */
  void keep() {
    Invariant.present(savepoint, "nothing was begun").release();
    savepoint = null;
    undo.clear();
  }

  /** Everything is as it was at {@link #begin}. */
  void takeBack() {
    tree.rollBack(Invariant.present(savepoint, "nothing was begun"));
    savepoint = null;
    for (int i = undo.size() - 1; i >= 0; i--) {
      undo.get(i).run();
    }
    undo.clear();
    changes.clear();
    warnings.clear();
  }

  private void undoWith(Runnable step) {
    if (savepoint != null) {
      undo.add(step);
    }
  }

  // --- the indexes -------------------------------------------------------------------------------

  private void own(long owner, String path) {
    sessions.ephemerals().add(owner, path);
    undoWith(() -> sessions.ephemerals().remove(owner, path));
  }

  private void disown(long owner, String path) {
    sessions.ephemerals().remove(owner, path);
    undoWith(() -> sessions.ephemerals().add(owner, path));
  }

  private void enterLifetimes(String path, FoundZnode found) {
    if (found.hasLifetime()) {
      enterLifetimes(path, found.dueMillis(), found.isContainer());
    }
  }

  private void enterLifetimes(String path, long dueMillis, boolean container) {
    lifetimes.add(path, dueMillis, container);
    undoWith(() -> lifetimes.remove(path, dueMillis, container));
  }

  private void leaveLifetimes(String path, FoundZnode found) {
    if (found.hasLifetime()) {
      long dueMillis = found.dueMillis();
      boolean container = found.isContainer();
      lifetimes.remove(path, dueMillis, container);
      undoWith(() -> lifetimes.add(path, dueMillis, container));
    }
  }

  private void noteQuota(String path, byte @Nullable [] data) {
    String subtree = QuotaIndex.limitedBy(path);
    if (subtree != null) {
      putQuota(subtree, QuotaLimits.parse(data));
    }
  }

  private void forgetQuota(String path) {
    String subtree = QuotaIndex.limitedBy(path);
    if (subtree != null) {
      putQuota(subtree, null);
    }
  }

  private void putQuota(String subtree, @Nullable QuotaLimits limits) {
    QuotaLimits before = quotas.put(subtree, limits);
    undoWith(() -> quotas.put(subtree, before));
  }

  private FoundZnode existing(String path) {
    return Invariant.present(tree.at(path), "a znode that was just there is gone");
  }

  /** Wraps after 2^31-1, and skips -1, which means "any" in conditions. */
  private static int nextVersion(int version) {
    int next = version + 1;
    return next == WriteOp.ANY_VERSION ? 0 : next;
  }
}
