package io.quorate.server.node;

import io.quorate.server.request.RequestLimits;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.tree.TreeLimits;
import io.quorate.server.watch.WatchLimits;
import org.jspecify.annotations.Nullable;

/**
 * What a node is told at its start and keeps to.
 *
 * @param nodeId 1..255
 * @param entryBytesMax longest payload of a log entry; checked on the encoded command at the edge
 *     and again by the leader (R20)
 * @param stateMachineVersionMax newest version of the state machine that this server knows; another
 *     one than {@link StateMachine#VERSION} only in tests of upgrades
 * @param superDigest the digest id ({@code user:hash}) of who may do everything; null for nobody
 */
public record NodeConfig(
    int nodeId,
    int entryBytesMax,
    RequestLimits limits,
    SnapshotPolicy snapshots,
    ResourceLimits resources,
    int stateMachineVersionMax,
    SweepPolicy sweeps,
    @Nullable String superDigest,
    WatchLimits watches) {
  /** Leaves room for the frame around a multi of many small operations. */
  public static final int ENTRY_BYTES_MAX_DEFAULT = TreeLimits.DATA_BYTES_MAX + (64 << 10);

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

  /** With the usual sweeps, and without somebody who may do everything. */
  public NodeConfig(
      int nodeId,
      int entryBytesMax,
      RequestLimits limits,
      SnapshotPolicy snapshots,
      ResourceLimits resources,
      int stateMachineVersionMax) {
    this(
        nodeId,
        entryBytesMax,
        limits,
        snapshots,
        resources,
        stateMachineVersionMax,
        SweepPolicy.defaults(),
        null,
        WatchLimits.defaults());
  }

  /** The same with other sweeps. */
  public NodeConfig withSweeps(SweepPolicy newSweeps) {
    return new NodeConfig(
        nodeId,
        entryBytesMax,
        limits,
        snapshots,
        resources,
        stateMachineVersionMax,
        newSweeps,
        superDigest,
        watches);
  }

  /** The same with somebody who may do everything. */
  public NodeConfig withSuperDigest(@Nullable String newSuperDigest) {
    return new NodeConfig(
        nodeId,
        entryBytesMax,
        limits,
        snapshots,
        resources,
        stateMachineVersionMax,
        sweeps,
        newSuperDigest,
        watches);
  }

  /** The same with other bounds of the history of changes. */
  public NodeConfig withWatches(WatchLimits newWatches) {
    return new NodeConfig(
        nodeId,
        entryBytesMax,
        limits,
        snapshots,
        resources,
        stateMachineVersionMax,
        sweeps,
        superDigest,
        newWatches);
  }

  /** Without the hash of the password. */
  @Override
  public String toString() {
    return "NodeConfig[nodeId=" + nodeId + ", limits=" + limits + ", sweeps=" + sweeps + "]";
  }

  public static NodeConfig defaults(int nodeId) {
    return new NodeConfig(
        nodeId, ENTRY_BYTES_MAX_DEFAULT, RequestLimits.defaults(), SnapshotPolicy.defaults());
  }
}
