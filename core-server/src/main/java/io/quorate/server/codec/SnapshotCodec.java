package io.quorate.server.codec;

import io.quorate.server.statemachine.StateView;
import java.nio.ByteBuffer;
import java.util.Iterator;

/** A state as a stream of blocks, see {@link SnapshotLoader} for the way back. */
public final class SnapshotCodec {
  /** Blocks are about this long, and never longer than twice that. */
  public static final int BLOCK_BYTES = 256 * 1024;

  private SnapshotCodec() {}

  /**
   * The blocks of a view, made as they are asked for; on any one thread, before the view is closed.
   */
  public static Iterator<ByteBuffer> blocks(StateView view) {
    throw new UnsupportedOperationException("follows " + view.zxid());
  }
}
