package io.quorate.server.sim;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.server.statemachine.Command;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the committed sequence means, written to be obviously right rather than fast: one sorted map
 * of whole paths, copied for each multi, every version of every znode kept, so that any read can be
 * answered as of any zxid.
 *
 * <p>Written from the rules, not from the state machine: the two must not share a mistake.
 */
final class ReferenceModel {

  /** One znode at one time; never changed. */
  record Znode(
      byte @Nullable [] data,
      long czxid,
      long mzxid,
      long pzxid,
      long ctime,
      long mtime,
      int version,
      int created,
      int deleted,
      long owner) {
    int children() {
      return created - deleted;
    }

    ZnodeStat stat() {
      return new ZnodeStat(
          czxid,
          mzxid,
          pzxid,
          ctime,
          mtime,
          version,
          created + deleted,
          0,
          owner,
          data == null ? 0 : data.length,
          children());
    }

    Znode withData(byte @Nullable [] newData, long zxid, long time) {
      int next = version + 1 == -1 ? 0 : version + 1;
      return new Znode(newData, czxid, zxid, pzxid, ctime, time, next, created, deleted, owner);
    }

    Znode withChildren(int newCreated, int newDeleted, long zxid) {
      return new Znode(
          data, czxid, mzxid, zxid, ctime, mtime, version, newCreated, newDeleted, owner);
    }
  }

  /** A session, dead or alive. */
  static final class Session {
    final long id;
    final byte[] secretHash;
    final long timeoutMillis;
    final String clientName;
    long attachZxid;
    long lastNumber;
    long closeZxid;
    boolean expired;
    final Map<Long, Answer> answers = new TreeMap<>();

    Session(long id, Command.OpenSession open) {
      this.id = id;
      this.secretHash = open.secretHash();
      this.timeoutMillis = open.timeoutMillis();
      this.clientName = open.clientName();
      this.attachZxid = id;
    }

    boolean isOpen() {
      return closeZxid == 0;
    }
  }

  /** An answer and the entry that gave it. */
  record Answer(OpResult result, long zxid) {}

  /** A znode from {@code zxid} on; null when it does not exist from there. */
  private record Version(long zxid, @Nullable Znode znode) {}

  /** Thrown inside one operation to refuse it. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ErrorCode code;

    Refusal(ErrorCode code) {
      super(null, null, false, false);
      this.code = code;
    }
  }

  private TreeMap<String, Znode> tree = new TreeMap<>();
  private final Map<String, List<Version>> history = new TreeMap<>();
  private final Map<String, List<ZnodeChange>> eventsByPath = new TreeMap<>();
  private final Map<Long, Session> sessions = new TreeMap<>();
  private List<ZnodeChange> changes = new ArrayList<>();
  private long zxid;
  private long time;

  ReferenceModel() {
    tree.put(ZnodePath.ROOT, new Znode(null, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    remember(new TreeMap<>());
  }

  /** Applies the next committed command. */
  Answer apply(long commandZxid, long timeMillis, Command command) {
    zxid = commandZxid;
    time = timeMillis;
    changes = new ArrayList<>();
    TreeMap<String, Znode> before = new TreeMap<>(tree);
    Answer answer = dispatch(command);
    remember(before);
    for (ZnodeChange event : changes) {
      eventsByPath.computeIfAbsent(event.path(), path -> new ArrayList<>()).add(event);
    }
    return answer;
  }

  /** What the last command changed, in the order made. */
  List<ZnodeChange> lastChanges() {
    return changes;
  }

  private Answer dispatch(Command command) {
    switch (command.kind()) {
      case OPEN_SESSION -> {
        sessions.put(zxid, new Session(zxid, (Command.OpenSession) command));
        return new Answer(new OpResult.Done(), zxid);
      }
      case ATTACH_SESSION -> {
        return new Answer(attach((Command.AttachSession) command), zxid);
      }
      case CLOSE_SESSION -> {
        Command.CloseSession close = (Command.CloseSession) command;
        return new Answer(close(close.sessionId(), close.attachZxid(), false), zxid);
      }
      case EXPIRE_SESSION -> {
        Command.ExpireSession expire = (Command.ExpireSession) command;
        return new Answer(close(expire.sessionId(), expire.attachZxid(), true), zxid);
      }
      case WRITE -> {
        Command.Write write = (Command.Write) command;
        return numbered(
            write.sessionId(),
            write.attachZxid(),
            write.number(),
            session -> write(session, write.op()));
      }
      case REFUSED_WRITE -> {
        Command.RefusedWrite refused = (Command.RefusedWrite) command;
        return numbered(
            refused.sessionId(),
            refused.attachZxid(),
            refused.number(),
            session ->
                new OpResult.Failure(refused.code(), 0, refused.expected(), refused.found()));
      }
      case SWEEP -> throw new AssertionError("not in the workload");
      case RAISE_VERSION -> {
        return new Answer(new OpResult.Done(), zxid);
      }
    }
    throw new AssertionError("unknown kind " + command.kind());
  }

  private OpResult attach(Command.AttachSession attach) {
    Session session = sessions.get(attach.sessionId());
    if (session == null || !session.isOpen()) {
      return OpResult.Failure.of(ErrorCode.SESSION_EXPIRED);
    }
    if (!Arrays.equals(session.secretHash, attach.secretHash())) {
      return OpResult.Failure.of(ErrorCode.SESSION_SECRET_MISMATCH);
    }
    session.attachZxid = zxid;
    return new OpResult.Done();
  }

  private OpResult close(long sessionId, long attachZxid, boolean expired) {
    Session session = sessions.get(sessionId);
    if (session == null || !session.isOpen()) {
      return OpResult.Failure.of(ErrorCode.SESSION_EXPIRED);
    }
    if (session.attachZxid != attachZxid) {
      return OpResult.Failure.of(ErrorCode.SESSION_MOVED);
    }
    session.closeZxid = zxid;
    session.expired = expired;
    List<String> owned = new ArrayList<>();
    for (Map.Entry<String, Znode> entry : tree.entrySet()) {
      if (entry.getValue().owner() == sessionId) {
        owned.add(entry.getKey());
      }
    }
    for (String path : owned) {
      remove(path);
    }
    return new OpResult.Done();
  }

  private interface Body {
    OpResult run(Session session);
  }

  private Answer numbered(long sessionId, long attachZxid, long number, Body body) {
    Session session = sessions.get(sessionId);
    if (session == null || !session.isOpen()) {
      return new Answer(OpResult.Failure.of(ErrorCode.SESSION_EXPIRED), zxid);
    }
    if (session.attachZxid != attachZxid) {
      return new Answer(OpResult.Failure.of(ErrorCode.SESSION_MOVED), zxid);
    }
    Answer stored = session.answers.get(number);
    if (stored != null) {
      return stored;
    }
    if (number != session.lastNumber + 1) {
      return new Answer(OpResult.Failure.of(ErrorCode.WRITE_GAP), zxid);
    }
    Answer answer = new Answer(body.run(session), zxid);
    session.lastNumber = number;
    session.answers.put(number, answer);
    return answer;
  }

  private OpResult write(Session session, WriteOp op) {
    TreeMap<String, Znode> before = new TreeMap<>(tree);
    if (op instanceof WriteOp.Multi multi) {
      List<OpResult> results = new ArrayList<>();
      for (int i = 0; i < multi.ops().size(); i++) {
        try {
          results.add(single(session, multi.ops().get(i)));
        } catch (Refusal refusal) {
          tree = before;
          changes.clear();
          return new OpResult.Failure(refusal.code, i, 0, 0);
        }
      }
      return new OpResult.MultiDone(results);
    }
    try {
      return single(session, op);
    } catch (Refusal refusal) {
      tree = before;
      changes.clear();
      return OpResult.Failure.of(refusal.code);
    }
  }

  private OpResult single(Session session, WriteOp op) {
    switch (op.kind()) {
      case CREATE -> {
        return create(session, (WriteOp.Create) op);
      }
      case DELETE -> {
        WriteOp.Delete delete = (WriteOp.Delete) op;
        refuseUnless(tree.containsKey(delete.path()), ErrorCode.NO_NODE);
        Znode znode = tree.get(delete.path());
        checkVersion(znode, delete.expectedVersion());
        refuseUnless(znode.children() == 0, ErrorCode.NOT_EMPTY);
        remove(delete.path());
        return new OpResult.Deleted();
      }
      case SET_DATA -> {
        WriteOp.SetData set = (WriteOp.SetData) op;
        refuseUnless(tree.containsKey(set.path()), ErrorCode.NO_NODE);
        Znode znode = tree.get(set.path());
        checkVersion(znode, set.expectedVersion());
        Znode changed = znode.withData(set.data(), zxid, time);
        tree.put(set.path(), changed);
        changes.add(new ZnodeChange(WatchEvent.Type.NODE_DATA_CHANGED, set.path(), zxid));
        return new OpResult.DataSet(changed.stat());
      }
      case CHECK_VERSION -> {
        WriteOp.CheckVersion check = (WriteOp.CheckVersion) op;
        refuseUnless(tree.containsKey(check.path()), ErrorCode.NO_NODE);
        checkVersion(tree.get(check.path()), check.expectedVersion());
        return new OpResult.Checked();
      }
      case CHECK_CZXID -> {
        WriteOp.CheckCzxid check = (WriteOp.CheckCzxid) op;
        refuseUnless(tree.containsKey(check.path()), ErrorCode.NO_NODE);
        refuseUnless(
            tree.get(check.path()).czxid() == check.expectedCzxid(), ErrorCode.CZXID_MISMATCH);
        return new OpResult.Checked();
      }
      case SET_ACL, SET_EXPIRY, READ -> throw new AssertionError("not in the workload");
      case MULTI -> throw new AssertionError("a multi inside a multi");
    }
    throw new AssertionError("unknown kind " + op.kind());
  }

  private OpResult create(Session session, WriteOp.Create create) {
    String parentPath =
        create.path().lastIndexOf('/') == 0
            ? ZnodePath.ROOT
            : create.path().substring(0, create.path().lastIndexOf('/'));
    refuseUnless(tree.containsKey(parentPath), ErrorCode.NO_NODE);
    Znode parent = tree.get(parentPath);
    CreateMode mode = create.mode();
    String path =
        mode.isSequential()
            ? create.path() + String.format(Locale.ROOT, "%010d", parent.created())
            : create.path();
    refuseUnless(!tree.containsKey(path), ErrorCode.NODE_EXISTS);
    refuseUnless(parent.owner() == 0, ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
    Znode znode =
        new Znode(
            create.data(),
            zxid,
            zxid,
            zxid,
            time,
            time,
            0,
            0,
            0,
            mode.isEphemeral() ? session.id : 0);
    tree.put(path, znode);
    tree.put(parentPath, parent.withChildren(parent.created() + 1, parent.deleted(), zxid));
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CREATED, path, zxid));
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, parentPath, zxid));
    return new OpResult.Created(path, znode.stat());
  }

  private void remove(String path) {
    tree.remove(path);
    String parentPath = ZnodePath.parent(path);
    Znode parent = tree.get(parentPath);
    tree.put(parentPath, parent.withChildren(parent.created(), parent.deleted() + 1, zxid));
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_DELETED, path, zxid));
    changes.add(new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, parentPath, zxid));
  }

  private static void checkVersion(Znode znode, int expected) {
    refuseUnless(
        expected == WriteOp.ANY_VERSION || expected == znode.version(), ErrorCode.BAD_VERSION);
  }

  private static void refuseUnless(boolean condition, ErrorCode code) {
    if (!condition) {
      throw new Refusal(code);
    }
  }

  private void remember(TreeMap<String, Znode> before) {
    TreeSet<String> paths = new TreeSet<>(before.keySet());
    paths.addAll(tree.keySet());
    for (String path : paths) {
      Znode now = tree.get(path);
      if (!Objects.equals(now, before.get(path))) {
        history.computeIfAbsent(path, key -> new ArrayList<>()).add(new Version(zxid, now));
      }
    }
  }

  /** The znode as it was after {@code atZxid}; null if it did not exist then. */
  @Nullable Znode znodeAt(String path, long atZxid) {
    List<Version> versions = history.get(path);
    if (versions == null) {
      return null;
    }
    for (int i = versions.size() - 1; i >= 0; i--) {
      if (versions.get(i).zxid() <= atZxid) {
        return versions.get(i).znode();
      }
    }
    return null;
  }

  /** What a read answers in the state after {@code atZxid}. */
  OpResult read(ReadOp op, long atZxid) {
    Znode znode = znodeAt(op.path(), atZxid);
    if (op instanceof ReadOp.Exists) {
      return new OpResult.Existence(znode == null ? null : znode.stat());
    }
    if (znode == null) {
      return OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    if (op instanceof ReadOp.Get) {
      return new OpResult.Data(znode.data(), znode.stat());
    }
    ReadOp.Children children = (ReadOp.Children) op;
    List<String> names = new ArrayList<>();
    for (String name : childrenAt(op.path(), atZxid)) {
      if (name.compareTo(children.afterName()) > 0) {
        names.add(name);
      }
    }
    boolean more = names.size() > children.limit();
    return new OpResult.ChildNames(
        more ? names.subList(0, children.limit()) : names, more, znode.stat());
  }

  /** Names of the children in the state after {@code atZxid}, sorted. */
  List<String> childrenAt(String path, long atZxid) {
    List<String> names = new ArrayList<>();
    for (String candidate : history.keySet()) {
      if (!candidate.equals(ZnodePath.ROOT)
          && ZnodePath.parent(candidate).equals(path)
          && znodeAt(candidate, atZxid) != null) {
        names.add(ZnodePath.name(candidate));
      }
    }
    return names;
  }

  /** Every change that concerned this very path after {@code afterZxid} and up to {@code upTo}. */
  List<ZnodeChange> eventsOf(String path, long afterZxid, long upTo) {
    List<ZnodeChange> found = new ArrayList<>();
    for (ZnodeChange event : eventsByPath.getOrDefault(path, List.of())) {
      if (event.zxid() > afterZxid && event.zxid() <= upTo) {
        found.add(event);
      }
    }
    return found;
  }

  /** Paths of all znodes now, sorted. */
  List<String> paths() {
    return new ArrayList<>(tree.keySet());
  }

  /** Every session that ever was, in order of id. */
  List<Session> sessions() {
    return new ArrayList<>(sessions.values());
  }

  @Nullable Session session(long id) {
    return sessions.get(id);
  }

  /** Whether {@code found} says the same as {@code expected}, details of refusals apart. */
  static boolean same(OpResult expected, OpResult found) {
    if (expected instanceof OpResult.Failure a && found instanceof OpResult.Failure b) {
      return a.code() == b.code() && a.opIndex() == b.opIndex();
    }
    if (expected instanceof OpResult.Data a && found instanceof OpResult.Data b) {
      return Arrays.equals(a.data(), b.data()) && a.stat().equals(b.stat());
    }
    return expected.equals(found);
  }
}
