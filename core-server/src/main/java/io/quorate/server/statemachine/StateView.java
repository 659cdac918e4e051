package io.quorate.server.statemachine;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;

/**
 * The state as of one zxid. Immutable; may be handed to another thread (by a safe publication)
 * while the state machine goes on. Costs memory for what changes meanwhile until it is closed, on
 * any thread; not to be read afterwards.
 */
public final class StateView implements AutoCloseable {
  StateView() {}

  /** The zxid whose state this is. */
  public long zxid() {
    throw new UnsupportedOperationException("follows");
  }

  /** Log time at that zxid. */
  public long logTimeMillis() {
    throw new UnsupportedOperationException("follows");
  }

  public long digest() {
    throw new UnsupportedOperationException("follows");
  }

  /** State machine version in force. */
  public int version() {
    throw new UnsupportedOperationException("follows");
  }

  /** As {@link StateMachine#read}. */
  public OpResult read(ReadOp op) {
    throw new UnsupportedOperationException("follows" + op);
  }

  /** Releases what only this view holds. Idempotent. */
  @Override
  public void close() {}
}
