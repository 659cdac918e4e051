package io.quorate.server.node;

import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.statemachine.StateMachine;

/** Where the snapshot thread leaves what it has done. Any thread. */
public interface SnapshotCompletions {
  void snapshotWritten(SnapshotMeta meta);

  void stateLoaded(StateMachine state);
}
