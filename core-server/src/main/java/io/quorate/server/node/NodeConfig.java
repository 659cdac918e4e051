package io.quorate.server.node;

import io.quorate.server.request.RequestLimits;
import io.quorate.server.statemachine.StateMachine;

/**
 * What a node is told at its start and keeps to.
 *
 * @param nodeId 1..255
 * @param entryBytesMax longest payload of a log entry; checked on the encoded command at the edge
 *     and again by the leader (R20)
 * @param stateMachineVersionMax newest version of the state machine that this server knows; another
 *     one than {@link StateMachine#VERSION} only in tests of upgrades
 */
public record NodeConfig(
    int nodeId,
    int entryBytesMax,
    RequestLimits limits,
    SnapshotPolicy snapshots,
    ResourceLimits resources,
    int stateMachineVersionMax) {
  /** Leaves room for the frame around a multi of many small operations. */
  public static final int ENTRY_BYTES_MAX_DEFAULT = 1 << 20;

  /** A refused write and every session command but an opening fit into it. */
  public static final int ENTRY_BYTES_MAX_LEAST = 1 << 10;

  public NodeConfig {
    if (entryBytesMax < ENTRY_BYTES_MAX_LEAST) {
      throw new IllegalArgumentException(
          "entryBytesMax must be at least " + ENTRY_BYTES_MAX_LEAST + ", found " + entryBytesMax);
    }
  }

  /** For a server that knows what this program knows, without bounds on memory and disk. */
  public NodeConfig(int nodeId, int entryBytesMax, RequestLimits limits, SnapshotPolicy snapshots) {
    this(nodeId, entryBytesMax, limits, snapshots, ResourceLimits.none(), StateMachine.VERSION);
  }

  public static NodeConfig defaults(int nodeId) {
    return new NodeConfig(
        nodeId, ENTRY_BYTES_MAX_DEFAULT, RequestLimits.defaults(), SnapshotPolicy.defaults());
  }
}
