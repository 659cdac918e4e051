package io.quorate.server.replication;

import java.util.List;

/**
 * What a snapshot says about itself: it is exactly the state after {@code zxid}.
 *
 * @param chainHash of the entry at {@code zxid}: ties the snapshot to one history
 * @param timeMillis log time at {@code zxid}
 * @param boundaries last entry of each epoch up to {@code zxid}, oldest first, the newest being
 *     {@code zxid} itself; bounded to the newest 1,000
 * @param membership in force at {@code zxid}
 * @param stateMachineVersion in force at {@code zxid}
 * @param digest rolling digest of the state at {@code zxid}
 */
public record SnapshotMeta(
    long clusterId,
    long zxid,
    long chainHash,
    long timeMillis,
    List<EpochBoundary> boundaries,
    Membership membership,
    int stateMachineVersion,
    long digest) {
  /**
   * Older boundaries are forgotten beyond this number; a peer that would need them is given a
   * snapshot anyway.
   */
  public static final int BOUNDARIES_MAX = 1000;

  public SnapshotMeta {
    boundaries = List.copyOf(boundaries);
  }
}
