package io.quorate.server.sim;

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
import io.quorate.server.statemachine.Command;
import io.quorate.server.tree.ZnodeChange;
import java.nio.charset.StandardCharsets;
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
      long owner,
      Terms terms) {
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
          terms.aversion(),
          owner,
          data == null ? 0 : data.length,
          children(),
          due());
    }

    /** The earlier of expiry and end of the time to live; 0 for neither. */
    long due() {
      long end = terms.ttl() == 0 ? Long.MAX_VALUE : mtime + terms.ttl();
      long expiry = terms.expiresAt() == 0 ? Long.MAX_VALUE : terms.expiresAt();
      long earlier = Math.min(end, expiry);
      return earlier == Long.MAX_VALUE ? 0 : earlier;
    }

    Znode withTerms(Terms next) {
      return new Znode(
          data, czxid, mzxid, pzxid, ctime, mtime, version, created, deleted, owner, next);
    }

    Znode withData(byte @Nullable [] newData, long zxid, long time) {
      int next = version + 1 == -1 ? 0 : version + 1;
      return new Znode(
          newData, czxid, zxid, pzxid, ctime, time, next, created, deleted, owner, terms);
    }

    Znode withChildren(int newCreated, int newDeleted, long zxid) {
      return new Znode(
          data, czxid, mzxid, zxid, ctime, mtime, version, newCreated, newDeleted, owner, terms);
    }
  }

  /** Who may do what with a znode, and when it goes by itself. */
  record Terms(List<Acl> acl, int aversion, long ttl, long expiresAt, boolean container) {
    static final Terms USUAL = new Terms(Acl.OPEN, 0, 0, 0, false);
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

  private static final String QUOTAS = "/zookeeper/quota";
  private static final String LIMITS = "/zookeeper_limits";

  private TreeMap<String, Znode> tree = new TreeMap<>();
  private final Map<String, List<Version>> history = new TreeMap<>();
  private final Map<String, List<ZnodeChange>> eventsByPath = new TreeMap<>();
  private final Map<Long, Session> sessions = new TreeMap<>();
  private final TreeMap<Long, List<ZnodeChange>> allChanges = new TreeMap<>();
  private List<ZnodeChange> changes = new ArrayList<>();
  private long zxid;
  private long time;

  ReferenceModel() {
    for (String builtIn :
        List.of(ZnodePath.ROOT, "/zookeeper", "/zookeeper/config", "/zookeeper/quota")) {
      tree.put(builtIn, new Znode(null, 0, 0, 0, 0, 0, 0, 0, 0, 0, Terms.USUAL));
    }
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
      allChanges.computeIfAbsent(zxid, key -> new ArrayList<>()).add(event);
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
            session -> write(session, write.identities(), write.op()));
      }
      case REFUSED_WRITE -> {
        Command.RefusedWrite refused = (Command.RefusedWrite) command;
        return numbered(
            refused.sessionId(),
            refused.attachZxid(),
            refused.number(),
            session ->
                new OpResult.Failure(
                    refused.code(), refused.opIndex(), refused.expected(), refused.found()));
      }
      case SWEEP -> {
        return new Answer(sweep((Command.Sweep) command), zxid);
      }
      case RAISE_VERSION -> {
        return new Answer(new OpResult.Done(), zxid);
      }
    }
    throw new AssertionError("unknown kind " + command.kind());
  }

  /** Deletes what is what the leader saw, has no children, and is a container or due by now. */
  private OpResult sweep(Command.Sweep sweep) {
    for (Command.Sweep.Target target : sweep.targets()) {
      Znode znode = tree.get(target.path());
      if (znode != null
          && znode.czxid() == target.czxid()
          && znode.mzxid() == target.mzxid()
          && znode.created() + znode.deleted() == target.cversion()
          && znode.children() == 0
          && (znode.terms().container() || (znode.due() != 0 && znode.due() <= time))) {
        remove(target.path());
      }
    }
    return new OpResult.Done();
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

  private OpResult write(Session session, List<Identity> identities, WriteOp op) {
    Asker asker = new Asker(session.id, identities);
    TreeMap<String, Znode> before = new TreeMap<>(tree);
    if (op instanceof WriteOp.Multi multi) {
      List<OpResult> results = new ArrayList<>();
      for (int i = 0; i < multi.ops().size(); i++) {
        try {
          results.add(single(asker, multi.ops().get(i)));
        } catch (Refusal refusal) {
          tree = before;
          changes.clear();
          return new OpResult.Failure(refusal.code, i, 0, 0);
        }
      }
      return new OpResult.MultiDone(results);
    }
    try {
      return single(asker, op);
    } catch (Refusal refusal) {
      tree = before;
      changes.clear();
      return OpResult.Failure.of(refusal.code);
    }
  }

  /** In whose name something is asked. */
  record Asker(long session, List<Identity> identities) {}

  private static boolean may(Asker asker, int permissions, Znode znode) {
    return may(asker.identities(), permissions, znode.terms().acl());
  }

  /** Whether somebody who is called that may do one of these things. */
  static boolean may(List<Identity> identities, int permissions, List<Acl> acl) {
    for (Acl entry : acl) {
      boolean named =
          entry.identity().equals(Identity.ANYONE) || identities.contains(entry.identity());
      if (named && (entry.permissions() & permissions) != 0) {
        return true;
      }
    }
    return false;
  }

  /** The list as it is kept: {@code auth} stands for the digest identities of who gives it. */
  private static List<Acl> kept(Asker asker, List<Acl> given) {
    List<Acl> kept = new ArrayList<>();
    for (Acl entry : given) {
      if (entry.identity().scheme().equals("auth")) {
        for (Identity identity : asker.identities()) {
          if (identity.scheme().equals("digest")) {
            addOnce(kept, new Acl(entry.permissions(), identity));
          }
        }
        refuseUnless(!kept.isEmpty(), ErrorCode.INVALID_ACL);
      } else {
        refuseUnless(Workload.IDENTITIES.contains(entry.identity()), ErrorCode.INVALID_ACL);
        addOnce(kept, entry);
      }
    }
    refuseUnless(!kept.isEmpty(), ErrorCode.INVALID_ACL);
    return kept;
  }

  private static void addOnce(List<Acl> list, Acl entry) {
    if (!list.contains(entry)) {
      list.add(entry);
    }
  }

  private OpResult single(Asker session, WriteOp op) {
    switch (op.kind()) {
      case CREATE -> {
        return create(session, (WriteOp.Create) op);
      }
      case DELETE -> {
        WriteOp.Delete delete = (WriteOp.Delete) op;
        String parent = ZnodePath.parent(delete.path());
        refuseUnless(tree.containsKey(parent), ErrorCode.NO_NODE);
        refuseUnless(may(session, Acl.DELETE, tree.get(parent)), ErrorCode.NO_AUTH);
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
        refuseUnless(may(session, Acl.WRITE, znode), ErrorCode.NO_AUTH);
        int more = length(set.data()) - length(znode.data());
        refuseUnless(isWithinQuotas(set.path(), 0, more), ErrorCode.QUOTA_EXCEEDED);
        checkVersion(znode, set.expectedVersion());
        Znode changed = znode.withData(set.data(), zxid, time);
        tree.put(set.path(), changed);
        changed(WatchEvent.Type.NODE_DATA_CHANGED, set.path(), changed);
        return new OpResult.DataSet(changed.stat());
      }
      case CHECK_VERSION -> {
        WriteOp.CheckVersion check = (WriteOp.CheckVersion) op;
        refuseUnless(tree.containsKey(check.path()), ErrorCode.NO_NODE);
        refuseUnless(may(session, Acl.READ, tree.get(check.path())), ErrorCode.NO_AUTH);
        checkVersion(tree.get(check.path()), check.expectedVersion());
        return new OpResult.Checked();
      }
      case CHECK_CZXID -> {
        WriteOp.CheckCzxid check = (WriteOp.CheckCzxid) op;
        refuseUnless(tree.containsKey(check.path()), ErrorCode.NO_NODE);
        refuseUnless(may(session, Acl.READ, tree.get(check.path())), ErrorCode.NO_AUTH);
        refuseUnless(
            tree.get(check.path()).czxid() == check.expectedCzxid(), ErrorCode.CZXID_MISMATCH);
        return new OpResult.Checked();
      }
      case SET_ACL -> {
        WriteOp.SetAcl set = (WriteOp.SetAcl) op;
        List<Acl> acl = kept(session, set.acl());
        refuseUnless(tree.containsKey(set.path()), ErrorCode.NO_NODE);
        Znode znode = tree.get(set.path());
        Terms terms = znode.terms();
        refuseUnless(may(session, Acl.ADMIN, znode), ErrorCode.NO_AUTH);
        refuseUnless(
            set.expectedAversion() == WriteOp.ANY_VERSION
                || set.expectedAversion() == terms.aversion(),
            ErrorCode.BAD_VERSION);
        Terms next =
            new Terms(acl, terms.aversion() + 1, terms.ttl(), terms.expiresAt(), terms.container());
        tree.put(set.path(), znode.withTerms(next));
        return new OpResult.AclSet(tree.get(set.path()).stat());
      }
      case SET_EXPIRY -> {
        WriteOp.SetExpiry set = (WriteOp.SetExpiry) op;
        refuseUnless(tree.containsKey(set.path()), ErrorCode.NO_NODE);
        Znode znode = tree.get(set.path());
        Terms terms = znode.terms();
        refuseUnless(may(session, Acl.WRITE, znode), ErrorCode.NO_AUTH);
        long end = set.expireAfterMillis() == 0 ? 0 : time + set.expireAfterMillis();
        Terms next = new Terms(terms.acl(), terms.aversion(), terms.ttl(), end, terms.container());
        tree.put(set.path(), znode.withTerms(next));
        return new OpResult.ExpirySet(tree.get(set.path()).stat());
      }
      case READ -> {
        OpResult read = answer(((WriteOp.Read) op).op(), session, tree);
        if (read instanceof OpResult.Failure failure) {
          throw new Refusal(failure.code());
        }
        return read;
      }
      case MULTI -> throw new AssertionError("a multi inside a multi");
    }
    throw new AssertionError("unknown kind " + op.kind());
  }

  private OpResult create(Asker session, WriteOp.Create create) {
    refuseUnless(create.mode().hasTtl() == create.ttlMillis() > 0, ErrorCode.BAD_ARGUMENTS);
    List<Acl> acl = kept(session, create.acl());
    String parentPath =
        create.path().lastIndexOf('/') == 0
            ? ZnodePath.ROOT
            : create.path().substring(0, create.path().lastIndexOf('/'));
    refuseUnless(tree.containsKey(parentPath), ErrorCode.NO_NODE);
    Znode parent = tree.get(parentPath);
    refuseUnless(may(session, Acl.CREATE, parent), ErrorCode.NO_AUTH);
    CreateMode mode = create.mode();
    String path =
        mode.isSequential()
            ? create.path() + String.format(Locale.ROOT, "%010d", parent.created())
            : create.path();
    refuseUnless(!tree.containsKey(path), ErrorCode.NODE_EXISTS);
    refuseUnless(parent.owner() == 0, ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
    refuseUnless(isWithinQuotas(path, 1, length(create.data())), ErrorCode.QUOTA_EXCEEDED);
    Terms terms =
        new Terms(
            acl,
            0,
            create.ttlMillis(),
            create.expireAfterMillis() == 0 ? 0 : time + create.expireAfterMillis(),
            mode == CreateMode.CONTAINER);
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
            mode.isEphemeral() ? session.session() : 0,
            terms);
    tree.put(path, znode);
    tree.put(parentPath, parent.withChildren(parent.created() + 1, parent.deleted(), zxid));
    changed(WatchEvent.Type.NODE_CREATED, path, znode);
    changed(WatchEvent.Type.NODE_CHILDREN_CHANGED, parentPath, parent);
    return new OpResult.Created(path, znode.stat());
  }

  private void remove(String path) {
    Znode znode = tree.remove(path);
    String parentPath = ZnodePath.parent(path);
    Znode parent = tree.get(parentPath);
    tree.put(parentPath, parent.withChildren(parent.created(), parent.deleted() + 1, zxid));
    changed(WatchEvent.Type.NODE_DELETED, path, znode);
    changed(WatchEvent.Type.NODE_CHILDREN_CHANGED, parentPath, parent);
  }

  private void changed(WatchEvent.Type type, String path, Znode znode) {
    changes.add(new ZnodeChange(type, path, zxid, znode.terms().acl()));
  }

  private static int length(byte @Nullable [] data) {
    return data == null ? 0 : data.length;
  }

  /** Every hard limit on the way to the path holds after so much more; less is never refused. */
  private boolean isWithinQuotas(String path, int moreZnodes, int moreBytes) {
    for (Map.Entry<String, Znode> limits : tree.entrySet()) {
      String name = limits.getKey();
      if (!name.startsWith(QUOTAS) || !name.endsWith(LIMITS)) {
        continue;
      }
      String root = name.substring(QUOTAS.length(), name.length() - LIMITS.length());
      if (!isWithin(path, root)) {
        continue;
      }
      long count = moreZnodes;
      long bytes = moreBytes;
      for (Map.Entry<String, Znode> entry : tree.entrySet()) {
        if (isWithin(entry.getKey(), root)) {
          count++;
          bytes += length(entry.getValue().data());
        }
      }
      String text = new String(limits.getValue().data(), StandardCharsets.US_ASCII);
      if ((moreZnodes > 0 && count > limit(text, "countHardLimit"))
          || (moreBytes > 0 && bytes > limit(text, "byteHardLimit"))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWithin(String path, String root) {
    return path.equals(root) || path.startsWith(root + "/");
  }

  private static long limit(String text, String key) {
    for (String pair : text.split(",")) {
      if (pair.startsWith(key + "=")) {
        return Long.parseLong(pair.substring(key.length() + 1));
      }
    }
    return Long.MAX_VALUE;
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
  OpResult read(ReadOp op, Asker asker, long atZxid) {
    boolean ofOneZnode =
        op instanceof ReadOp.Get || op instanceof ReadOp.Exists || op instanceof ReadOp.GetAcl;
    if (!ofOneZnode) {
      return answer(op, asker, treeAt(atZxid));
    }
    TreeMap<String, Znode> one = new TreeMap<>();
    Znode znode = znodeAt(op.path(), atZxid);
    if (znode != null) {
      one.put(op.path(), znode);
    }
    return answer(op, asker, one);
  }

  /** All znodes as they were after {@code atZxid}. */
  private TreeMap<String, Znode> treeAt(long atZxid) {
    TreeMap<String, Znode> found = new TreeMap<>();
    for (String path : history.keySet()) {
      Znode znode = znodeAt(path, atZxid);
      if (znode != null) {
        found.put(path, znode);
      }
    }
    return found;
  }

  private static OpResult answer(ReadOp op, Asker asker, TreeMap<String, Znode> in) {
    if (op instanceof ReadOp.Ephemerals own) {
      List<String> paths = new ArrayList<>();
      for (Map.Entry<String, Znode> entry : in.entrySet()) {
        if (entry.getValue().owner() == asker.session()
            && entry.getKey().startsWith(own.path())
            && entry.getKey().compareTo(own.afterPath()) > 0) {
          paths.add(entry.getKey());
        }
      }
      boolean more = paths.size() > own.limit();
      return new OpResult.Paths(more ? paths.subList(0, own.limit()) : paths, more);
    }
    if (op instanceof ReadOp.WhoAmI) {
      return new OpResult.Identities(masked(asker.identities()));
    }
    Znode znode = in.get(op.path());
    if (znode == null) {
      return op instanceof ReadOp.Exists
          ? new OpResult.Existence(null)
          : OpResult.Failure.of(ErrorCode.NO_NODE);
    }
    boolean aclAsked = op instanceof ReadOp.GetAcl;
    if (!may(asker, Acl.READ, znode) && !(aclAsked && may(asker, Acl.ADMIN, znode))) {
      return OpResult.Failure.of(ErrorCode.NO_AUTH);
    }
    if (op instanceof ReadOp.Exists) {
      return new OpResult.Existence(znode.stat());
    } else if (op instanceof ReadOp.Get) {
      return new OpResult.Data(znode.data(), znode.stat());
    } else if (op instanceof ReadOp.GetAcl) {
      return new OpResult.AclRead(shown(znode.terms().acl(), asker, znode), znode.stat());
    } else if (op instanceof ReadOp.SubtreeCount bounded) {
      long below = 0;
      for (String path : in.keySet()) {
        below += path.startsWith(op.path() + "/") ? 1 : 0;
      }
      return below > bounded.atMost()
          ? new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 0, bounded.atMost(), below)
          : new OpResult.Count(below);
    }
    ReadOp.Children children = (ReadOp.Children) op;
    List<String> names = new ArrayList<>();
    for (String path : in.keySet()) {
      if (!path.equals(ZnodePath.ROOT)
          && ZnodePath.parent(path).equals(op.path())
          && ZnodePath.name(path).compareTo(children.afterName()) > 0) {
        names.add(ZnodePath.name(path));
      }
    }
    boolean more = names.size() > children.limit();
    return new OpResult.ChildNames(
        more ? names.subList(0, children.limit()) : names, more, znode.stat());
  }

  private static List<Acl> shown(List<Acl> acl, Asker asker, Znode znode) {
    List<Acl> shown = new ArrayList<>();
    for (Acl entry : acl) {
      Identity identity =
          may(asker, Acl.ADMIN, znode)
              ? entry.identity()
              : masked(List.of(entry.identity())).get(0);
      shown.add(new Acl(entry.permissions(), identity));
    }
    return shown;
  }

  private static List<Identity> masked(List<Identity> identities) {
    List<Identity> masked = new ArrayList<>();
    for (Identity identity : identities) {
      String id = identity.id();
      masked.add(
          identity.scheme().equals("digest")
              ? new Identity("digest", id.substring(0, id.indexOf(':')) + ":x")
              : identity);
    }
    return masked;
  }

  /** Paths of znodes without children whose end has come, if the leader's clock shows that. */
  List<String> leavable(long logTime) {
    List<String> paths = new ArrayList<>();
    for (Map.Entry<String, Znode> entry : tree.entrySet()) {
      Znode znode = entry.getValue();
      boolean emptied = znode.terms().container() && znode.deleted() > 0;
      if (znode.children() == 0 && ((znode.due() != 0 && znode.due() <= logTime) || emptied)) {
        paths.add(entry.getKey());
      }
    }
    return paths;
  }

  /** Every change after {@code afterZxid} and up to {@code upTo}, in order. */
  List<ZnodeChange> changes(long afterZxid, long upTo) {
    List<ZnodeChange> found = new ArrayList<>();
    if (upTo > afterZxid) {
      allChanges.subMap(afterZxid, false, upTo, true).values().forEach(found::addAll);
    }
    return found;
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
    if (expected instanceof OpResult.MultiDone a && found instanceof OpResult.MultiDone b) {
      boolean same = a.results().size() == b.results().size();
      for (int i = 0; same && i < a.results().size(); i++) {
        same = same(a.results().get(i), b.results().get(i));
      }
      return same;
    }
    return expected.equals(found);
  }
}
