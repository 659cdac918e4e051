package io.quorate.server.statemachine;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the tree should do, written for being obviously right: one sorted map of all paths. */
final class ReferenceTree {
  static final class Node {
    long czxid;
    long mzxid;
    long pzxid;
    long ctime;
    long mtime;
    int version;
    int creations;
    int deletions;
    long owner;
    byte[] data = new byte[0];

    Node copy() {
      Node copy = new Node();
      copy.czxid = czxid;
      copy.mzxid = mzxid;
      copy.pzxid = pzxid;
      copy.ctime = ctime;
      copy.mtime = mtime;
      copy.version = version;
      copy.creations = creations;
      copy.deletions = deletions;
      copy.owner = owner;
      copy.data = data;
      return copy;
    }
  }

  TreeMap<String, Node> nodes = new TreeMap<>();
  List<ZnodeChange> events = new ArrayList<>();

  ReferenceTree() {
    for (String path : List.of("/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota")) {
      nodes.put(path, new Node());
    }
  }

  /** Applies one operation of a session and leaves what changed in {@link #events}. */
  OpResult apply(WriteOp op, long session, long zxid, long time) {
    events = new ArrayList<>();
    if (!(op instanceof WriteOp.Multi multi)) {
      return one(op, session, zxid, time);
    }
    TreeMap<String, Node> before = new TreeMap<>();
    nodes.forEach((path, node) -> before.put(path, node.copy()));
    List<OpResult> results = new ArrayList<>();
    for (WriteOp each : multi.ops()) {
      OpResult result = one(each, session, zxid, time);
      if (result instanceof OpResult.Failure failure) {
        nodes = before;
        events = new ArrayList<>();
        return new OpResult.Failure(
            failure.code(), results.size(), failure.expected(), failure.found());
      }
      results.add(result);
    }
    return new OpResult.MultiDone(results);
  }

  void endSession(long session, long zxid) {
    events = new ArrayList<>();
    for (String path : ephemerals(session)) {
      remove(path, zxid);
    }
  }

  List<String> ephemerals(long session) {
    List<String> owned = new ArrayList<>();
    nodes.forEach(
        (path, node) -> {
          if (node.owner == session) {
            owned.add(path);
          }
        });
    return owned;
  }

  List<String> children(String parent) {
    List<String> names = new ArrayList<>();
    for (String path : nodes.keySet()) {
      if (!path.equals("/") && ZnodePath.parent(path).equals(parent)) {
        names.add(ZnodePath.name(path));
      }
    }
    names.sort(null);
    return names;
  }

  ZnodeStat stat(String path) {
    Node node = nodes.get(path);
    return node == null
        ? null
        : new ZnodeStat(
            node.czxid,
            node.mzxid,
            node.pzxid,
            node.ctime,
            node.mtime,
            node.version,
            node.creations + node.deletions,
            0,
            node.owner,
            node.data == null ? 0 : node.data.length,
            children(path).size());
  }

  private OpResult one(WriteOp op, long session, long zxid, long time) {
    if (op instanceof WriteOp.Create create) {
      return create(create.path(), create.data(), create.mode(), session, zxid, time);
    } else if (op instanceof WriteOp.Delete delete) {
      return delete(delete.path(), delete.expectedVersion(), zxid);
    } else if (op instanceof WriteOp.SetData set) {
      return set(set.path(), set.data(), set.expectedVersion(), zxid, time);
    } else if (op instanceof WriteOp.CheckVersion check) {
      return check(check.path(), check.expectedVersion());
    }
    WriteOp.CheckCzxid guard = (WriteOp.CheckCzxid) op;
    OpResult exists = check(guard.path(), -1);
    if (exists instanceof OpResult.Failure) {
      return exists;
    }
    long found = nodes.get(guard.path()).czxid;
    return found == guard.expectedCzxid()
        ? exists
        : new OpResult.Failure(ErrorCode.CZXID_MISMATCH, 0, guard.expectedCzxid(), found);
  }

  private OpResult create(
      String given, byte[] data, CreateMode mode, long session, long zxid, long time) {
    if (!given.contains("/") || given.contains("\0")) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    String before = given.substring(0, given.lastIndexOf('/'));
    String parentPath = before.isEmpty() ? "/" : before;
    Node parent = nodes.get(parentPath);
    if (parent == null) {
      return fail(ErrorCode.NO_NODE);
    }
    String path =
        mode.isSequential() ? given + String.format(Locale.ROOT, "%010d", parent.creations) : given;
    if (!ZnodePath.isValid(path)) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    if (nodes.containsKey(path)) {
      return fail(ErrorCode.NODE_EXISTS);
    }
    if (parent.owner != 0) {
      return fail(ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
    }
    Node node = new Node();
    node.czxid = zxid;
    node.mzxid = zxid;
    node.pzxid = zxid;
    node.ctime = time;
    node.mtime = time;
    node.owner = mode.isEphemeral() ? session : 0;
    node.data = data;
    nodes.put(path, node);
    parent.creations++;
    parent.pzxid = zxid;
    event(WatchEvent.Type.NODE_CREATED, path, zxid);
    event(WatchEvent.Type.NODE_CHILDREN_CHANGED, parentPath, zxid);
    return new OpResult.Created(path, stat(path));
  }

  private OpResult delete(String path, int version, long zxid) {
    boolean builtIn =
        path.equals("/") || path.matches("/zookeeper|/zookeeper/quota|/zookeeper/config");
    if (!path.contains("/") || path.contains("\0") || builtIn) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    OpResult checked = nodes.containsKey(path) ? check(path, version) : fail(ErrorCode.NO_NODE);
    if (checked instanceof OpResult.Failure) {
      return checked;
    }
    if (!children(path).isEmpty()) {
      return fail(ErrorCode.NOT_EMPTY);
    }
    remove(path, zxid);
    return new OpResult.Deleted();
  }

  private OpResult set(String path, byte[] data, int version, long zxid, long time) {
    OpResult checked = check(path, version);
    if (checked instanceof OpResult.Failure) {
      return checked;
    }
    Node node = nodes.get(path);
    node.data = data;
    node.version = node.version == -2 ? 0 : node.version + 1;
    node.mzxid = zxid;
    node.mtime = time;
    event(WatchEvent.Type.NODE_DATA_CHANGED, path, zxid);
    return new OpResult.DataSet(stat(path));
  }

  private OpResult check(String path, int version) {
    if (!ZnodePath.isValid(path)) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    Node node = nodes.get(path);
    if (node == null) {
      return fail(ErrorCode.NO_NODE);
    }
    return version == -1 || version == node.version
        ? new OpResult.Checked()
        : new OpResult.Failure(ErrorCode.BAD_VERSION, 0, version, node.version);
  }

  private void remove(String path, long zxid) {
    nodes.remove(path);
    Node parent = nodes.get(ZnodePath.parent(path));
    parent.deletions++;
    parent.pzxid = zxid;
    event(WatchEvent.Type.NODE_DELETED, path, zxid);
    event(WatchEvent.Type.NODE_CHILDREN_CHANGED, ZnodePath.parent(path), zxid);
  }

  private void event(WatchEvent.Type type, String path, long zxid) {
    events.add(new ZnodeChange(type, path, zxid));
  }

  private static OpResult fail(ErrorCode code) {
    return OpResult.Failure.of(code);
  }

  /** All that can be read of a path, for comparisons. */
  static Map<String, Object> image(ReferenceTree tree) {
    Map<String, Object> image = new TreeMap<>();
    for (String path : tree.nodes.keySet()) {
      byte[] data = tree.nodes.get(path).data;
      image.put(path, List.of(tree.stat(path), data == null ? "null" : List.of(hex(data))));
    }
    return image;
  }

  static String hex(byte[] data) {
    return java.util.HexFormat.of().formatHex(data);
  }
}
