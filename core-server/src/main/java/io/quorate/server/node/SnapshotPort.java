package io.quorate.server.node;

import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.statemachine.StateView;

/** Port: writing and loading snapshots, beside the node. Never blocks. */
public interface SnapshotPort {
  /**
   * Writes and verifies a snapshot; {@link Node#snapshotWritten}, {@link Node#snapshotDropped},
   * {@link Node#snapshotDiffers} or {@link Node#snapshotFailed} follows. One at a time. The view
   * stays the node's, which closes it afterwards.
   */
  void write(StateView view, SnapshotMeta meta);

  /**
   * Loads a stored snapshot; {@link Node#stateLoaded} follows, unless the history was replaced
   * meanwhile. A failure ends the process.
   */
  void load(SnapshotMeta meta);
}
