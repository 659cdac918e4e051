package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.Generations;
import io.quorate.server.base.Invariant;
import io.quorate.server.session.Admission;
import io.quorate.server.session.SessionInfo;
import io.quorate.server.session.SessionLimits;
import io.quorate.server.session.SessionTable;
import io.quorate.server.tree.ZnodeCursor;
import io.quorate.server.tree.ZnodeTree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tree and sessions after a prefix of the log. Confined to the node thread; see {@link #view}.
 *
 * <p>Entries come in zxid order: {@link #apply} for commands, {@link #advance} for all others. All
 * that one entry changes, changes in one call.
 */
public final class StateMachine {
  /** The version in force before any entry raises it. */
  public static final int FIRST_VERSION = 1;

  /**
   * The newest rules that this code knows; any change of an outcome is a new version. Which rules
   * it applies is up to the log: those of {@link #version}.
   */
  public static final int VERSION = 1;

  /** Lines that wait for {@link #takeQuotaWarnings}; further ones are not kept. */
  private static final int QUOTA_WARNINGS_MAX = 64;

  /** Spreads the version over the digest; odd, so that no two versions add the same. */
  private static final long VERSION_FACTOR = 0x9E37_79B9_7F4A_7C15L;

  private final Generations generations;
  private final ZnodeTree tree;
  private final SessionTable sessions;
  private final int supportedVersion;
  private int version;
  private final LifetimeIndex lifetimes;
  private final QuotaIndex quotas;
  private final List<String> quotaWarnings = new ArrayList<>();
  private long appliedZxid;
  private long logTimeMillis;

  /** The state before the first entry. */
  public StateMachine() {
    this(SessionLimits.STANDARD, VERSION);
  }

  /** With limits of its own, for tests. */
  StateMachine(SessionLimits limits) {
    this(limits, VERSION);
  }

  private StateMachine(SessionLimits limits, int supportedVersion) {
    this.supportedVersion = supportedVersion;
    version = FIRST_VERSION;
    generations = new Generations();
    tree = new ZnodeTree(generations);
    sessions = new SessionTable(generations, limits);
    lifetimes = new LifetimeIndex();
    quotas = new QuotaIndex();
  }

  StateMachine(
      Generations generations,
      ZnodeTree tree,
      SessionTable sessions,
      LifetimeIndex lifetimes,
      QuotaIndex quotas,
      int supportedVersion,
      int version,
      long appliedZxid,
      long logTimeMillis) {
    this.supportedVersion = supportedVersion;
    this.version = version;
    this.generations = generations;
    this.tree = tree;
    this.sessions = sessions;
    this.lifetimes = lifetimes;
    this.quotas = quotas;
    this.appliedZxid = appliedZxid;
    this.logTimeMillis = logTimeMillis;
  }

  /**
   * The state before the first entry, of a server that knows the rules up to that version: {@link
   * #VERSION}, or another one in a test of upgrades.
   */
  public static StateMachine supporting(int version) {
    return new StateMachine(SessionLimits.STANDARD, version);
  }

  /**
   * Whether this code knows the rules that are in force from that command on. If not, the server
   * must stop before it: going on would make its state another one than that of its peers.
   */
  public boolean supports(Command command) {
    return !(command instanceof Command.RaiseVersion raise) || raise.version() <= supportedVersion;
  }

  /**
   * Applies one command that is {@linkplain #supports supported}. Total: whatever the command
   * holds, it is answered.
   *
   * <p>Answers: {@code Done} for session commands and the operation's result for writes, or a
   * {@code Failure}. A write that is refused because of its session or number (SESSION_EXPIRED,
   * SESSION_MOVED, WRITE_GAP, TOO_MANY_IN_FLIGHT, MALFORMED) changes nothing and uses no number;
   * every other answer, failures too, is kept for repetitions.
   *
   * @param zxid of the entry, above {@link #appliedZxid}
   * @param timeMillis of the entry
   */
  public ApplyResult apply(long zxid, long timeMillis, Command command) {
    advance(zxid, timeMillis);
    switch (command.kind()) {
      case OPEN_SESSION:
        return open(zxid, (Command.OpenSession) command);
      case ATTACH_SESSION:
        return attach(zxid, (Command.AttachSession) command);
      case CLOSE_SESSION:
        Command.CloseSession close = (Command.CloseSession) command;
        return end(zxid, timeMillis, close.sessionId(), close.attachZxid());
      case EXPIRE_SESSION:
        Command.ExpireSession expire = (Command.ExpireSession) command;
        return end(zxid, timeMillis, expire.sessionId(), expire.attachZxid());
      case WRITE:
        return write(zxid, timeMillis, (Command.Write) command);
      case REFUSED_WRITE:
        return refusedWrite(zxid, (Command.RefusedWrite) command);
      case SWEEP:
        return sweep(zxid, timeMillis, (Command.Sweep) command);
      case RAISE_VERSION:
        return raise(zxid, (Command.RaiseVersion) command);
    }
    throw new IllegalStateException("kind of a command: " + command.kind());
  }

  /** Passes over an entry that does not change this state (epoch, membership). */
  public void advance(long zxid, long timeMillis) {
    Invariant.check(
        zxid > appliedZxid, "entries come in order: 0x%x after 0x%x", zxid, appliedZxid);
    appliedZxid = zxid;
    logTimeMillis = timeMillis;
  }

  /**
   * Answers from the state as it is, as far as the caller may see it. Total. A page of names or
   * paths may end before its limit, see {@code TreeLimits}; {@code more} says so.
   */
  public OpResult read(ReadOp op, Caller caller) {
    return Reads.answer(tree, sessions.ephemerals(), op, caller);
  }

  /** As above for the ensemble itself, which may see everything. Not for what a client asked. */
  public OpResult read(ReadOp op) {
    return read(op, Caller.ENSEMBLE);
  }

  /** The newest entry applied or passed over; 0 before the first. */
  public long appliedZxid() {
    return appliedZxid;
  }

  /** Time of the newest entry. */
  public long logTimeMillis() {
    return logTimeMillis;
  }

  /**
   * Rolling digest of tree, sessions and version in force; equal states have equal digests, however
   * reached.
   */
  public long digest() {
    return tree.digest() + sessions.digest() + digestPart(version);
  }

  static long digestPart(int version) {
    return (version - FIRST_VERSION) * VERSION_FACTOR;
  }

  /** The same by a walk over everything; for checks, not on the node thread of a busy server. */
  public long digestAnew() {
    long sum = sessions.digestAnew() + digestPart(version);
    for (ZnodeCursor cursor = tree.cursor(); cursor.next(); ) {
      sum += cursor.digestParts();
    }
    return sum;
  }

  /** About what tree and sessions take in memory; O(1). */
  public long stateBytes() {
    return tree.bytes() + sessions.bytes();
  }

  /** State machine version in force: the rules that the next entry is applied by. */
  public int version() {
    return version;
  }

  /** The newest version whose rules this code knows. */
  public int supportedVersion() {
    return supportedVersion;
  }

  /** All znodes, with the root and the built-in ones. */
  public long znodeCount() {
    return tree.znodeCount();
  }

  public int sessionCount() {
    return sessions.count();
  }

  /** The session if it is open. */
  public @Nullable SessionInfo session(long id) {
    return sessions.info(id);
  }

  /** Open sessions in id order. */
  public List<SessionInfo> sessions() {
    return sessions.infos();
  }

  /** Paths of the ephemerals of a session, in order; empty if it is not open. */
  public List<String> ephemerals(long sessionId) {
    return sessions.ephemerals().paths(sessionId);
  }

  /** How many znodes are below a path; 0 if it does not exist. */
  public long descendants(String path) {
    return tree.descendants(path);
  }

  /**
   * Znodes whose time to live or expiry ends at or before that time and that have no children, the
   * earliest first: what a {@link Command.Sweep} may name.
   */
  public List<Command.Sweep.Target> dueAt(long timeMillis, int max) {
    return targets(lifetimes.dueAt(timeMillis, max));
  }

  /**
   * A look at the containers without children, in path order.
   *
   * @param afterPath only those above this path; empty for all
   * @param scanMax at most so many are looked at
   * @param unusedBeforeMillis those that never had a child count only if created before this time
   */
  public ContainerScan emptyContainers(String afterPath, int scanMax, long unusedBeforeMillis) {
    List<String> paths = lifetimes.containersAfter(afterPath, scanMax);
    List<Command.Sweep.Target> found = new ArrayList<>();
    for (String path : paths) {
      ZnodeStat stat = Invariant.present(tree.stat(path), "a container in the index is gone");
      if (stat.cversion() != 0 || stat.ctimeMillis() < unusedBeforeMillis) {
        found.add(target(path, stat));
      }
    }
    String next = paths.size() < scanMax ? "" : paths.get(paths.size() - 1);
    return new ContainerScan(found, next);
  }

  /**
   * What a look at containers found.
   *
   * @param nextAfter where the next look goes on; empty after the last
   */
  public record ContainerScan(List<Command.Sweep.Target> targets, String nextAfter) {
    public ContainerScan {
      targets = List.copyOf(targets);
    }
  }

  private List<Command.Sweep.Target> targets(List<String> paths) {
    List<Command.Sweep.Target> targets = new ArrayList<>(paths.size());
    for (String path : paths) {
      targets.add(target(path, Invariant.present(tree.stat(path), "a znode in the index is gone")));
    }
    return targets;
  }

  private static Command.Sweep.Target target(String path, ZnodeStat stat) {
    return new Command.Sweep.Target(path, stat.czxid(), stat.mzxid(), stat.cversion());
  }

  /** Soft quotas crossed since the last call, a line for people each. */
  public List<String> takeQuotaWarnings() {
    if (quotaWarnings.isEmpty()) {
      return List.of();
    }
    List<String> taken = List.copyOf(quotaWarnings);
    quotaWarnings.clear();
    return taken;
  }

  /** The state now, to keep; O(1). */
  public StateView view() {
    return new StateView(
        generations.pin(), tree.view(), sessions.view(), appliedZxid, logTimeMillis, version());
  }

  private ApplyResult open(long zxid, Command.OpenSession open) {
    // Null is answered although no codec yields it: apply is total.
    ErrorCode refusal =
        open.secretHash() == null || open.clientName() == null
            ? ErrorCode.BAD_ARGUMENTS
            : sessions.open(zxid, open.timeoutMillis(), open.secretHash(), open.clientName());
    return refusal == null ? done(zxid) : refused(zxid, refusal);
  }

  private ApplyResult attach(long zxid, Command.AttachSession attach) {
    ErrorCode refusal =
        attach.secretHash() == null
            ? ErrorCode.SESSION_SECRET_MISMATCH
            : sessions.attach(attach.sessionId(), attach.secretHash(), zxid);
    return refusal == null ? done(zxid) : refused(zxid, refusal);
  }

  /** Ends a session: all its ephemerals vanish, in path order. */
  private ApplyResult end(long zxid, long timeMillis, long sessionId, long attachZxid) {
    ErrorCode refusal = sessions.mayEnd(sessionId, attachZxid);
    if (refusal != null) {
      return refused(zxid, refusal);
    }
    ApplyContext context = context(zxid, timeMillis, Caller.ENSEMBLE);
    for (String path : sessions.ephemerals().paths(sessionId)) {
      context.delete(path);
    }
    sessions.remove(sessionId);
    return new ApplyResult(new OpResult.Done(), zxid, context.changes());
  }

  private ApplyResult write(long zxid, long timeMillis, Command.Write write) {
    Admission admission =
        sessions.admit(
            write.sessionId(),
            write.attachZxid(),
            write.number(),
            write.confirmedUpTo(),
            AnswerSize.atMost(write.op()));
    if (!(admission instanceof Admission.Next)) {
      return withoutApplying(zxid, admission);
    }
    ApplyContext context =
        context(zxid, timeMillis, new Caller(write.sessionId(), write.identities()));
    OpResult result = Operations.apply(context, write.op());
    if (quotaWarnings.size() < QUOTA_WARNINGS_MAX) {
      quotaWarnings.addAll(context.warnings());
    }
    sessions.settle(write.sessionId(), zxid, result);
    return new ApplyResult(result, zxid, context.changes());
  }

  private ApplyResult refusedWrite(long zxid, Command.RefusedWrite write) {
    Admission admission =
        sessions.admit(
            write.sessionId(),
            write.attachZxid(),
            write.number(),
            write.confirmedUpTo(),
            AnswerSize.FIXED_BYTES);
    if (!(admission instanceof Admission.Next)) {
      return withoutApplying(zxid, admission);
    }
    // Null is answered although no codec yields it: apply is total.
    ErrorCode code = write.code() == null ? ErrorCode.MALFORMED : write.code();
    OpResult result = new OpResult.Failure(code, write.opIndex(), write.expected(), write.found());
    sessions.settle(write.sessionId(), zxid, result);
    return new ApplyResult(result, zxid, List.of());
  }

  private ApplyResult raise(long zxid, Command.RaiseVersion raise) {
    Invariant.check(
        raise.version() <= supportedVersion,
        "version %d at 0x%x, but only %d is known here",
        raise.version(),
        zxid,
        supportedVersion);
    version = Math.max(version, raise.version());
    return done(zxid);
  }

  private ApplyResult sweep(long zxid, long timeMillis, Command.Sweep sweep) {
    ApplyContext context = context(zxid, timeMillis, Caller.ENSEMBLE);
    SweepOperation.apply(context, sweep);
    return new ApplyResult(new OpResult.Done(), zxid, context.changes());
  }

  private ApplyContext context(long zxid, long timeMillis, Caller caller) {
    return new ApplyContext(tree, sessions, lifetimes, quotas, zxid, timeMillis, caller);
  }

  private static ApplyResult withoutApplying(long zxid, Admission admission) {
    if (admission instanceof Admission.Repeated repeated) {
      return new ApplyResult(repeated.answer().result(), repeated.answer().zxid(), List.of());
    }
    return refused(zxid, ((Admission.Refused) admission).code());
  }

  private static ApplyResult done(long zxid) {
    return new ApplyResult(new OpResult.Done(), zxid, List.of());
  }

  private static ApplyResult refused(long zxid, ErrorCode code) {
    return new ApplyResult(OpResult.Failure.of(code), zxid, List.of());
  }
}
