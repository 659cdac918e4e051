package io.quorate.server.statemachine;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.server.session.SessionInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tree and sessions after a prefix of the log. Confined to the node thread; see {@link #view}.
 *
 * <p>Entries come in zxid order: {@link #apply} for commands, {@link #advance} for all others.
 */
public final class StateMachine {
  /** The rules that this code applies; any change of an outcome is a new version. */
  public static final int VERSION = 1;

  /** The state before the first entry. */
  public StateMachine() {}

  /**
   * Applies one command. Total: whatever the command holds, it is answered.
   *
   * @param zxid of the entry, above {@link #appliedZxid}
   * @param timeMillis of the entry
   */
  public ApplyResult apply(long zxid, long timeMillis, Command command) {
    throw new UnsupportedOperationException("follows");
  }

  /** Passes over an entry that does not change this state (epoch, membership). */
  public void advance(long zxid, long timeMillis) {
    throw new UnsupportedOperationException("follows");
  }

  /** Answers from the state as it is. Total. */
  public OpResult read(ReadOp op) {
    throw new UnsupportedOperationException("follows");
  }

  /** The newest entry applied or passed over; 0 before the first. */
  public long appliedZxid() {
    throw new UnsupportedOperationException("follows");
  }

  /** Time of the newest entry. */
  public long logTimeMillis() {
    throw new UnsupportedOperationException("follows");
  }

  /** Rolling digest of tree and sessions; equal states have equal digests, however reached. */
  public long digest() {
    throw new UnsupportedOperationException("follows");
  }

  /** State machine version in force. */
  public int version() {
    return VERSION;
  }

  /** All znodes, with the root and the built-in ones. */
  public long znodeCount() {
    throw new UnsupportedOperationException("follows");
  }

  public int sessionCount() {
    throw new UnsupportedOperationException("follows");
  }

  /** The session if it is open. */
  public @Nullable SessionInfo session(long id) {
    throw new UnsupportedOperationException("follows");
  }

  /** Open sessions in id order. */
  public List<SessionInfo> sessions() {
    throw new UnsupportedOperationException("follows");
  }

  /** The state now, to keep; O(1). */
  public StateView view() {
    throw new UnsupportedOperationException("follows");
  }
}
