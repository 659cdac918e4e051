package io.quorate.server.codec;

import io.quorate.server.statemachine.StateMachine;
import java.nio.ByteBuffer;

/**
 * Rebuilds a state machine from the blocks of {@link SnapshotCodec}, in order. For one snapshot;
 * may run on any one thread, the result is then handed over.
 */
public final class SnapshotLoader {

  /**
   * Takes the next block.
   *
   * @throws IllegalArgumentException if it can't be the next one
   */
  public void accept(ByteBuffer block) {
    throw new UnsupportedOperationException("follows");
  }

  /**
   * The state, once all blocks were taken.
   *
   * @throws IllegalArgumentException if blocks are missing, or the digest differs from the one
   *     stated
   */
  public StateMachine finish() {
    throw new UnsupportedOperationException("follows");
  }
}
