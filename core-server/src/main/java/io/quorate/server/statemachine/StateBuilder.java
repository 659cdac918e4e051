package io.quorate.server.statemachine;

import io.quorate.server.base.Generations;
import io.quorate.server.session.SessionImage;
import io.quorate.server.session.SessionLimits;
import io.quorate.server.session.SessionTable;
import io.quorate.server.tree.TreeBuilder;
import io.quorate.server.tree.ZnodeCursor;
import io.quorate.server.tree.ZnodeTree;

/**
 * Builds a state machine from the parts of a view: first all znodes, then all sessions. Refuses
 * with {@link IllegalArgumentException} what no state can hold, because its input comes from a
 * file. Used once, on any one thread.
 */
public final class StateBuilder {
  private final Generations generations = new Generations();
  private final TreeBuilder tree = new TreeBuilder(generations);
  private final SessionTable sessions;
  private final int supportedVersion;

  public StateBuilder() {
    this(StateMachine.VERSION);
  }

  /** For a server that knows the rules up to that version. */
  public StateBuilder(int supportedVersion) {
    this(SessionLimits.STANDARD, supportedVersion);
  }

  StateBuilder(SessionLimits limits) {
    this(limits, StateMachine.VERSION);
  }

  private StateBuilder(SessionLimits limits, int supportedVersion) {
    this.supportedVersion = supportedVersion;
    sessions = new SessionTable(generations, limits);
  }

  /** Where the znodes go, in the order of a cursor. */
  public TreeBuilder tree() {
    return tree;
  }

  /** Adds a session; in id order. */
  public void addSession(SessionImage image) {
    sessions.restore(image);
  }

  /** The state after {@code zxid}. */
  public StateMachine finish(int version, long zxid, long logTimeMillis) {
    if (version < StateMachine.FIRST_VERSION || version > supportedVersion) {
      throw new IllegalArgumentException(
          "state machine version from "
              + StateMachine.FIRST_VERSION
              + " to "
              + supportedVersion
              + " expected, found "
              + version);
    }
    ZnodeTree built = tree.finish();
    for (TreeBuilder.Ephemeral ephemeral : tree.ephemerals()) {
      if (!sessions.isOpen(ephemeral.owner())) {
        throw new IllegalArgumentException(
            "an ephemeral znode of session " + ephemeral.owner() + ", which is not open");
      }
      sessions.ephemerals().add(ephemeral.owner(), ephemeral.path());
    }
    LifetimeIndex lifetimes = new LifetimeIndex();
    for (TreeBuilder.Mortal mortal : tree.mortals()) {
      lifetimes.add(mortal.path(), mortal.dueMillis(), mortal.container());
    }
    return new StateMachine(
        generations,
        built,
        sessions,
        lifetimes,
        quotasIn(built),
        supportedVersion,
        version,
        zxid,
        logTimeMillis);
  }

  /** Quotas are few, and all below one znode. */
  private static QuotaIndex quotasIn(ZnodeTree tree) {
    QuotaIndex quotas = new QuotaIndex();
    for (ZnodeCursor cursor = tree.cursorBelow(QuotaIndex.PREFIX); cursor.next(); ) {
      String subtree = QuotaIndex.limitedBy(cursor.path());
      if (subtree != null) {
        quotas.put(subtree, QuotaLimits.parse(cursor.data()));
      }
    }
    return quotas;
  }
}
