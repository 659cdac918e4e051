package io.quorate.server.node;

import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.statemachine.StateMachine;

/** Where the snapshot thread leaves what it has done. Any thread. */
public interface SnapshotCompletions {
  void snapshotWritten(SnapshotMeta meta);

  /** The snapshot does not count: its history was replaced meanwhile, or the node closes. */
  void snapshotDropped();

  void stateLoaded(StateMachine state);
}
