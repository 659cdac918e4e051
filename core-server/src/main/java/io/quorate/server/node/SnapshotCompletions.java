package io.quorate.server.node;

import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.statemachine.StateMachine;

/** Where the snapshot thread leaves what it has done. Any thread. */
public interface SnapshotCompletions {
  void snapshotWritten(SnapshotMeta meta);

  /** The snapshot does not count: its history was replaced meanwhile, or the node closes. */
  void snapshotDropped();

  /**
   * What was to be written is not what the state was thought to be: memory was altered. Nothing of
   * it is kept.
   *
   * @param digest by a walk over what was written
   */
  void snapshotDiffers(SnapshotMeta meta, long digest);

  void stateLoaded(StateMachine state);
}
