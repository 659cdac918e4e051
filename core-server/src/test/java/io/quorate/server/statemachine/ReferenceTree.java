package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    List<Acl> acl = Acl.OPEN;
    int aversion;
    long ttl;
    long expiresAt;
    boolean container;

    /** When it is to go, had it no children; 0 for never. */
    long due() {
      long end = ttl == 0 ? 0 : mtime + ttl;
      return end == 0 || expiresAt == 0 ? end + expiresAt : Math.min(end, expiresAt);
    }

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
      copy.acl = acl;
      copy.aversion = aversion;
      copy.ttl = ttl;
      copy.expiresAt = expiresAt;
      copy.container = container;
      return copy;
    }
  }

  TreeMap<String, Node> nodes = new TreeMap<>();
  List<ZnodeChange> events = new ArrayList<>();

  ReferenceTree() {
    for (String path : List.of("/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota")) {
      nodes.put(path, new Node());
    }
    nodes.get("/zookeeper/config").acl = Acl.READ_ONLY;
  }

  private List<Identity> identities = List.of();

  /** Applies one operation of a session and leaves what changed in {@link #events}. */
  OpResult apply(WriteOp op, long session, List<Identity> who, long zxid, long time) {
    events = new ArrayList<>();
    identities = who;
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
            node.aversion,
            node.owner,
            node.data == null ? 0 : node.data.length,
            children(path).size(),
            node.due());
  }

  /** Deletes those targets that are still what they were, childless, and at their end. */
  void sweep(List<Command.Sweep.Target> targets, long zxid, long time) {
    events = new ArrayList<>();
    for (Command.Sweep.Target target : targets) {
      Node node = nodes.get(target.path());
      if (node != null
          && node.czxid == target.czxid()
          && node.mzxid == target.mzxid()
          && node.creations + node.deletions == target.cversion()
          && children(target.path()).isEmpty()
          && (node.container || (node.due() != 0 && node.due() <= time))) {
        remove(target.path(), zxid);
      }
    }
  }

  /** Paths of what is due, and has no children, by due time and path. */
  List<String> dueAt(long time) {
    List<String> due = new ArrayList<>();
    nodes.forEach(
        (path, node) -> {
          if (node.due() != 0 && node.due() <= time && children(path).isEmpty()) {
            due.add(path);
          }
        });
    due.sort(
        Comparator.comparingLong((String path) -> nodes.get(path).due()).thenComparing(p -> p));
    return due;
  }

  List<String> emptyContainers() {
    List<String> empty = new ArrayList<>();
    nodes.forEach(
        (path, node) -> {
          if (node.container && children(path).isEmpty()) {
            empty.add(path);
          }
        });
    return empty;
  }

  private boolean may(int permission, Node node) {
    for (Identity identity : identities) {
      if (identity.scheme().equals("super")) {
        return true;
      }
    }
    for (Acl entry : node.acl) {
      if ((entry.permissions() & permission) != 0
          && (entry.identity().scheme().equals("world") || identities.contains(entry.identity()))) {
        return true;
      }
    }
    return false;
  }

  /** Null if the list is not valid. */
  private List<Acl> stored(List<Acl> given) {
    List<Acl> stored = new ArrayList<>();
    for (Acl entry : given) {
      List<Identity> who = List.of(entry.identity());
      if (entry.identity().scheme().equals("auth")) {
        who = identities.stream().filter(i -> i.scheme().equals("digest")).toList();
      }
      boolean known = List.of("world", "digest", "ip", "auth").contains(entry.identity().scheme());
      if (!known || entry.permissions() == 0 || who.isEmpty()) {
        return null;
      }
      for (Identity identity : who) {
        Acl one = new Acl(entry.permissions(), identity);
        if (!stored.contains(one)) {
          stored.add(one);
        }
      }
    }
    return stored.isEmpty() ? null : stored;
  }

  private long count(String subtree) {
    return below(subtree).size();
  }

  private long bytes(String subtree) {
    return below(subtree).stream().mapToLong(n -> n.data == null ? 0 : n.data.length).sum();
  }

  private List<Node> below(String subtree) {
    List<Node> below = new ArrayList<>();
    nodes.forEach(
        (path, node) -> {
          if (isWithin(path, subtree)) {
            below.add(node);
          }
        });
    return below;
  }

  private static boolean isWithin(String path, String subtree) {
    return subtree.equals("/") || path.equals(subtree) || path.startsWith(subtree + "/");
  }

  /** A hard limit, from the root on, that so much more would exceed; null if there is none. */
  private OpResult quota(String path, int moreNodes, int moreBytes) {
    if (isWithin(path, "/zookeeper")) {
      return null;
    }
    for (Map.Entry<String, Node> entry : nodes.entrySet()) {
      String at = entry.getKey();
      if (!at.startsWith("/zookeeper/quota/") || !at.endsWith("/zookeeper_limits")) {
        continue;
      }
      String middle = at.substring(16, at.length() - 17);
      String subtree = middle.isEmpty() ? "/" : middle;
      if (!isWithin(path, subtree)) {
        continue;
      }
      long[] hard = hardLimits(entry.getValue().data);
      if (moreNodes > 0 && hard[0] >= 0 && count(subtree) + moreNodes > hard[0]) {
        quotasFound.add(
            new OpResult.Failure(
                ErrorCode.QUOTA_EXCEEDED, subtree.length(), hard[0], count(subtree) + moreNodes));
      } else if (moreBytes > 0 && hard[1] >= 0 && bytes(subtree) + moreBytes > hard[1]) {
        quotasFound.add(
            new OpResult.Failure(
                ErrorCode.QUOTA_EXCEEDED, subtree.length(), hard[1], bytes(subtree) + moreBytes));
      }
    }
    // The one nearest to the root; its length stood in for the index so far.
    OpResult.Failure first =
        quotasFound.stream().min(Comparator.comparingInt(OpResult.Failure::opIndex)).orElse(null);
    quotasFound.clear();
    return first == null
        ? null
        : new OpResult.Failure(first.code(), 0, first.expected(), first.found());
  }

  private final List<OpResult.Failure> quotasFound = new ArrayList<>();

  private static long[] hardLimits(byte[] data) {
    long[] hard = {-1, -1};
    String text = data == null ? "" : new String(data, java.nio.charset.StandardCharsets.US_ASCII);
    Matcher count = Pattern.compile("countHardLimit=(\\d+)").matcher(text);
    Matcher bytes = Pattern.compile("byteHardLimit=(\\d+)").matcher(text);
    hard[0] = count.find() ? Long.parseLong(count.group(1)) : -1;
    hard[1] = bytes.find() ? Long.parseLong(bytes.group(1)) : -1;
    return hard;
  }

  private OpResult one(WriteOp op, long session, long zxid, long time) {
    if (op instanceof WriteOp.Create create) {
      return create(create, session, zxid, time);
    } else if (op instanceof WriteOp.Delete delete) {
      return delete(delete.path(), delete.expectedVersion(), zxid);
    } else if (op instanceof WriteOp.SetData set) {
      return set(set.path(), set.data(), set.expectedVersion(), zxid, time);
    } else if (op instanceof WriteOp.CheckVersion check) {
      OpResult refused = lookup(check.path(), Acl.READ);
      return refused != null ? refused : version(check.path(), check.expectedVersion());
    } else if (op instanceof WriteOp.SetAcl set) {
      return setAcl(set);
    } else if (op instanceof WriteOp.SetExpiry set) {
      return setExpiry(set, time);
    } else if (op instanceof WriteOp.Read read) {
      return read(read.op(), session);
    }
    WriteOp.CheckCzxid guard = (WriteOp.CheckCzxid) op;
    OpResult refused = lookup(guard.path(), Acl.READ);
    if (refused != null) {
      return refused;
    }
    long found = nodes.get(guard.path()).czxid;
    return found == guard.expectedCzxid()
        ? new OpResult.Checked()
        : new OpResult.Failure(ErrorCode.CZXID_MISMATCH, 0, guard.expectedCzxid(), found);
  }

  OpResult read(ReadOp op, List<Identity> who, long session) {
    identities = who;
    return read(op, session);
  }

  private OpResult read(ReadOp op, long session) {
    if (op instanceof ReadOp.WhoAmI) {
      return new OpResult.Identities(identities.stream().map(Identity::masked).toList());
    }
    if (op instanceof ReadOp.Ephemerals own) {
      List<String> paths =
          ephemerals(session).stream()
              .filter(path -> path.startsWith(own.path()))
              .filter(path -> path.compareTo(own.afterPath()) > 0)
              .toList();
      int shown = Math.min(own.limit(), paths.size());
      return new OpResult.Paths(paths.subList(0, shown), paths.size() > shown);
    }
    Node node = nodes.get(op.path());
    if (op instanceof ReadOp.Exists && op.path().contains("\0")) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    if (node == null) {
      return op instanceof ReadOp.Exists ? new OpResult.Existence(null) : fail(ErrorCode.NO_NODE);
    }
    boolean getAcl = op instanceof ReadOp.GetAcl;
    if (!may(Acl.READ, node) && !(getAcl && may(Acl.ADMIN, node))) {
      return fail(ErrorCode.NO_AUTH);
    }
    ZnodeStat stat = stat(op.path());
    if (op instanceof ReadOp.Exists) {
      return new OpResult.Existence(stat);
    } else if (op instanceof ReadOp.Get) {
      return data(op.path(), node, stat);
    } else if (op instanceof ReadOp.SubtreeCount bounded) {
      long below = count(op.path()) - 1;
      return below > bounded.atMost()
          ? new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 0, bounded.atMost(), below)
          : new OpResult.Count(below);
    } else if (op instanceof ReadOp.Children page) {
      List<String> names = children(op.path());
      int shown = Math.min(page.limit(), names.size());
      return new OpResult.ChildNames(names.subList(0, shown), names.size() > shown, stat);
    }
    List<Acl> shown = new ArrayList<>();
    for (Acl entry : node.acl) {
      String id = entry.identity().id();
      boolean hide = entry.identity().scheme().equals("digest") && !may(Acl.ADMIN, node);
      String shownId = hide ? id.substring(0, id.indexOf(':')) + ":x" : id;
      shown.add(new Acl(entry.permissions(), new Identity(entry.identity().scheme(), shownId)));
    }
    return new OpResult.AclRead(shown, stat);
  }

  private OpResult data(String path, Node node, ZnodeStat stat) {
    if (!path.startsWith("/zookeeper/quota/") || !path.endsWith("/zookeeper_stats")) {
      return new OpResult.Data(node.data, stat);
    }
    String subtree = path.substring(16, path.length() - 16);
    String text = "count=" + count(subtree) + ",bytes=" + bytes(subtree);
    return new OpResult.Data(
        text.getBytes(java.nio.charset.StandardCharsets.US_ASCII),
        new ZnodeStat(
            stat.czxid(),
            stat.mzxid(),
            stat.pzxid(),
            stat.ctimeMillis(),
            stat.mtimeMillis(),
            stat.version(),
            stat.cversion(),
            stat.aversion(),
            stat.ephemeralOwner(),
            text.length(),
            stat.numChildren(),
            stat.expiresAtMillis()));
  }

  private OpResult create(WriteOp.Create op, long session, long zxid, long time) {
    String given = op.path();
    CreateMode mode = op.mode();
    if (mode.hasTtl() != (op.ttlMillis() != 0)) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    if (!given.contains("/") || given.contains("\0")) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    List<Acl> acl = stored(op.acl());
    if (acl == null) {
      return fail(ErrorCode.INVALID_ACL);
    }
    String before = given.substring(0, given.lastIndexOf('/'));
    String parentPath = before.isEmpty() ? "/" : before;
    Node parent = nodes.get(parentPath);
    if (parent == null) {
      return fail(ErrorCode.NO_NODE);
    }
    if (!may(Acl.CREATE, parent)) {
      return fail(ErrorCode.NO_AUTH);
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
    OpResult exceeded = quota(path, 1, op.data() == null ? 0 : op.data().length);
    if (exceeded != null) {
      return exceeded;
    }
    Node node = new Node();
    node.czxid = zxid;
    node.mzxid = zxid;
    node.pzxid = zxid;
    node.ctime = time;
    node.mtime = time;
    node.owner = mode.isEphemeral() ? session : 0;
    node.data = op.data();
    node.acl = acl;
    node.ttl = op.ttlMillis();
    node.expiresAt = op.expireAfterMillis() == 0 ? 0 : time + op.expireAfterMillis();
    node.container = mode.isContainer();
    nodes.put(path, node);
    parent.creations++;
    parent.pzxid = zxid;
    event(WatchEvent.Type.NODE_CREATED, path, zxid, node.acl);
    event(WatchEvent.Type.NODE_CHILDREN_CHANGED, parentPath, zxid, parent.acl);
    return new OpResult.Created(path, stat(path));
  }

  private OpResult delete(String path, int version, long zxid) {
    boolean builtIn =
        path.equals("/") || path.matches("/zookeeper|/zookeeper/quota|/zookeeper/config");
    if (!path.contains("/") || path.contains("\0") || builtIn) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    String before = path.substring(0, path.lastIndexOf('/'));
    Node parent = nodes.get(before.isEmpty() ? "/" : before);
    if (parent == null) {
      return fail(ErrorCode.NO_NODE);
    }
    if (!may(Acl.DELETE, parent)) {
      return fail(ErrorCode.NO_AUTH);
    }
    if (!nodes.containsKey(path)) {
      return fail(ErrorCode.NO_NODE);
    }
    OpResult checked = version(path, version);
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
    OpResult refused = lookup(path, Acl.WRITE);
    if (refused != null) {
      return refused;
    }
    Node node = nodes.get(path);
    int before = node.data == null ? 0 : node.data.length;
    OpResult exceeded = quota(path, 0, (data == null ? 0 : data.length) - before);
    if (exceeded != null) {
      return exceeded;
    }
    OpResult checked = version(path, version);
    if (checked instanceof OpResult.Failure) {
      return checked;
    }
    node.data = data;
    node.version = node.version == -2 ? 0 : node.version + 1;
    node.mzxid = zxid;
    node.mtime = time;
    event(WatchEvent.Type.NODE_DATA_CHANGED, path, zxid, node.acl);
    return new OpResult.DataSet(stat(path));
  }

  private OpResult setAcl(WriteOp.SetAcl op) {
    if (!ZnodePath.isValid(op.path())) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    List<Acl> acl = stored(op.acl());
    if (acl == null) {
      return fail(ErrorCode.INVALID_ACL);
    }
    OpResult refused = lookup(op.path(), Acl.ADMIN);
    if (refused != null) {
      return refused;
    }
    Node node = nodes.get(op.path());
    if (op.expectedAversion() != -1 && op.expectedAversion() != node.aversion) {
      return new OpResult.Failure(ErrorCode.BAD_VERSION, 0, op.expectedAversion(), node.aversion);
    }
    node.acl = acl;
    node.aversion++;
    return new OpResult.AclSet(stat(op.path()));
  }

  private OpResult setExpiry(WriteOp.SetExpiry op, long time) {
    boolean builtIn =
        op.path().equals("/") || op.path().matches("/zookeeper|/zookeeper/(quota|config)");
    if (!ZnodePath.isValid(op.path()) || builtIn || op.expireAfterMillis() < 0) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    OpResult refused = lookup(op.path(), Acl.WRITE);
    if (refused != null) {
      return refused;
    }
    nodes.get(op.path()).expiresAt =
        op.expireAfterMillis() == 0 ? 0 : time + op.expireAfterMillis();
    return new OpResult.ExpirySet(stat(op.path()));
  }

  /** Null if there is such a znode, and the permission. */
  private OpResult lookup(String path, int permission) {
    if (!ZnodePath.isValid(path)) {
      return fail(ErrorCode.BAD_ARGUMENTS);
    }
    Node node = nodes.get(path);
    if (node == null) {
      return fail(ErrorCode.NO_NODE);
    }
    return may(permission, node) ? null : fail(ErrorCode.NO_AUTH);
  }

  private OpResult version(String path, int version) {
    Node node = nodes.get(path);
    return version == -1 || version == node.version
        ? new OpResult.Checked()
        : new OpResult.Failure(ErrorCode.BAD_VERSION, 0, version, node.version);
  }

  private void remove(String path, long zxid) {
    List<Acl> acl = nodes.remove(path).acl;
    Node parent = nodes.get(ZnodePath.parent(path));
    parent.deletions++;
    parent.pzxid = zxid;
    event(WatchEvent.Type.NODE_DELETED, path, zxid, acl);
    event(WatchEvent.Type.NODE_CHILDREN_CHANGED, ZnodePath.parent(path), zxid, parent.acl);
  }

  private void event(WatchEvent.Type type, String path, long zxid, List<Acl> acl) {
    events.add(new ZnodeChange(type, path, zxid, acl));
  }

  private static OpResult fail(ErrorCode code) {
    return OpResult.Failure.of(code);
  }

  /** All that can be read of a path, for comparisons. */
  static Map<String, Object> image(ReferenceTree tree) {
    Map<String, Object> image = new TreeMap<>();
    for (String path : tree.nodes.keySet()) {
      byte[] data = tree.nodes.get(path).data;
      Object shown = data == null ? "null" : List.of(hex(data));
      image.put(path, List.of(tree.stat(path), shown, tree.nodes.get(path).acl));
    }
    return image;
  }

  /** Everything that a result says, as text that differs where it does. */
  static String text(OpResult result) {
    if (result instanceof OpResult.MultiDone multi) {
      return multi.results().stream().map(ReferenceTree::text).toList().toString();
    } else if (result instanceof OpResult.Data data) {
      return "Data " + (data.data() == null ? "null" : hex(data.data())) + data.stat();
    } else if (result instanceof OpResult.AclRead read) {
      return read.acl().stream().map(acl -> acl + acl.identity().text()).toList()
          + ""
          + read.stat();
    } else if (result instanceof OpResult.Identities who) {
      return who.identities().stream().map(Identity::text).toList().toString();
    }
    return result.toString();
  }

  static String hex(byte[] data) {
    return java.util.HexFormat.of().formatHex(data);
  }
}
