package io.quorate.server.statemachine;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.server.base.Generations;
import io.quorate.server.session.EphemeralIndex;
import io.quorate.server.session.SessionImage;
import io.quorate.server.session.SessionsView;
import io.quorate.server.tree.TreeView;
import io.quorate.server.tree.ZnodeCursor;
import java.util.Iterator;

/**
 * The state as of one zxid. Immutable; may be handed to another thread (by a safe publication)
 * while the state machine goes on. Costs memory for what changes meanwhile until it is closed, on
 * any thread; not to be read afterwards.
 */
public final class StateView implements AutoCloseable {
  private final Generations.Pin pin;
  private final TreeView tree;
  private final SessionsView sessions;
  private final long zxid;
  private final long logTimeMillis;
  private final int version;

  StateView(
      Generations.Pin pin,
      TreeView tree,
      SessionsView sessions,
      long zxid,
      long logTimeMillis,
      int version) {
    this.pin = pin;
    this.tree = tree;
    this.sessions = sessions;
    this.zxid = zxid;
    this.logTimeMillis = logTimeMillis;
    this.version = version;
  }

  /** The zxid whose state this is. */
  public long zxid() {
    return zxid;
  }

  /** Log time at that zxid. */
  public long logTimeMillis() {
    return logTimeMillis;
  }

  public long digest() {
    return tree.digest() + sessions.digest() + StateMachine.digestPart(version);
  }

  /**
   * The same by a walk over everything that the view holds: differs from {@link #digest} if memory
   * was altered behind the back of the state machine.
   */
  public long digestAnew() {
    long sum = sessions.digestAnew() + StateMachine.digestPart(version);
    for (ZnodeCursor cursor = tree.cursor(); cursor.next(); ) {
      sum += cursor.digestParts();
    }
    return sum;
  }

  /** State machine version in force. */
  public int version() {
    return version;
  }

  public long znodeCount() {
    return tree.znodeCount();
  }

  public int sessionCount() {
    return sessions.count();
  }

  /**
   * As {@link StateMachine#read(ReadOp)}; the index of ephemerals is not part of a view, which
   * answers that there are none.
   */
  public OpResult read(ReadOp op) {
    return Reads.answer(tree, new EphemeralIndex(), op, Caller.ENSEMBLE);
  }

  /** All znodes depth-first. */
  public ZnodeCursor znodes() {
    return tree.cursor();
  }

  /** All sessions in id order. */
  public Iterator<SessionImage> sessions() {
    return sessions.images();
  }

  /** Releases what only this view holds. Idempotent. */
  @Override
  public void close() {
    pin.close();
  }
}
