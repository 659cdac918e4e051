package io.quorate.server.replication;

import io.quorate.data.Zxid;

/**
 * What a replica is told before it starts. Times are nanoseconds.
 *
 * @param nodeId this server's id; a member of {@code configured}
 * @param configured the servers as the configuration names them; incarnations 0
 * @param heartbeatNanos between two heartbeats of a leader
 * @param electionTimeoutMinNanos a follower that heard of its leader within this time refuses to
 *     help in another election; the inclusive lower bound of the random silence after which it
 *     looks for a leader itself
 * @param electionTimeoutMaxNanos exclusive upper bound of that silence; a leader without acks of a
 *     quorum for this long steps down
 * @param snapshotStallNanos a snapshot transfer without progress for this long begins with a new
 *     position
 * @param snapshotPinNanos a snapshot is kept for this long after a piece of it was sent last, so
 *     that a transfer that was cut can go on
 * @param storageStallNanos a leader whose storage completes nothing of what it was given for this
 *     long steps down (R27)
 * @param tailCacheBytesMax memory for the newest entries
 * @param appendBytesMax payload of one append message, about; also of one read of the log
 * @param inFlightBytesMax appended to one follower and not yet acknowledged
 * @param snapshotChunkBytes payload of one piece of a snapshot
 * @param snapshotChunksInFlightMax pieces sent to one follower and not yet stored by it
 * @param deliverEntriesMax entries in one delivery
 * @param confirmsMax confirmations waiting for a round
 * @param counterLimit last counter that a leader stamps in an epoch before it changes the epoch
 */
public record ReplicaConfig(
    int nodeId,
    Membership configured,
    long heartbeatNanos,
    long electionTimeoutMinNanos,
    long electionTimeoutMaxNanos,
    long snapshotStallNanos,
    long snapshotPinNanos,
    long storageStallNanos,
    long tailCacheBytesMax,
    int appendBytesMax,
    int inFlightBytesMax,
    int snapshotChunkBytes,
    int snapshotChunksInFlightMax,
    int deliverEntriesMax,
    int confirmsMax,
    long counterLimit) {
  private static final long MILLI = 1_000_000L;

  /** What a frame between peers holds for certain. */
  public static final int SNAPSHOT_CHUNK_BYTES_MAX = 1 << 20;

  /** Counters left when a leader begins to change the epoch. */
  private static final long COUNTER_RESERVE = 1L << 20;

  public ReplicaConfig {
    require(configured.member(nodeId) != null, "node id " + nodeId + " is not a configured server");
    require(configured.voterCount() > 0, "no voter is configured");
    require(heartbeatNanos > 0, "heartbeat must be positive, found " + heartbeatNanos);
    require(
        electionTimeoutMinNanos > 2 * heartbeatNanos,
        "election timeout must exceed two heartbeats, found " + electionTimeoutMinNanos);
    require(
        electionTimeoutMaxNanos > electionTimeoutMinNanos,
        "election timeout's upper bound must exceed the lower, found " + electionTimeoutMaxNanos);
    require(snapshotStallNanos > 0, "snapshot stall must be positive, found " + snapshotStallNanos);
    require(tailCacheBytesMax >= 0, "tail cache must not be negative, found " + tailCacheBytesMax);
    require(appendBytesMax > 0, "append size must be positive, found " + appendBytesMax);
    require(inFlightBytesMax > 0, "bytes in flight must be positive, found " + inFlightBytesMax);
    require(snapshotPinNanos > 0, "snapshot pin must be positive, found " + snapshotPinNanos);
    require(storageStallNanos > 0, "storage stall must be positive, found " + storageStallNanos);
    require(
        snapshotChunkBytes > 0 && snapshotChunkBytes <= SNAPSHOT_CHUNK_BYTES_MAX,
        "chunk size must be in [1, 1 MiB], found " + snapshotChunkBytes);
    require(
        snapshotChunksInFlightMax > 0,
        "chunks in flight must be positive, found " + snapshotChunksInFlightMax);
    require(deliverEntriesMax > 0, "delivery size must be positive, found " + deliverEntriesMax);
    require(confirmsMax > 0, "confirmations must be positive, found " + confirmsMax);
    require(
        counterLimit > 0 && counterLimit <= Zxid.COUNTER_MAX,
        "counter limit must be in [1, 2^32), found " + counterLimit);
  }

  /** The defaults of production. */
  public static ReplicaConfig defaults(int nodeId, Membership configured) {
    return new ReplicaConfig(
        nodeId,
        configured,
        100 * MILLI,
        1_000 * MILLI,
        2_000 * MILLI,
        10_000 * MILLI,
        60_000 * MILLI,
        5_000 * MILLI,
        32L << 20,
        512 << 10,
        8 << 20,
        256 << 10,
        8,
        4_000,
        100_000,
        Zxid.COUNTER_MAX - COUNTER_RESERVE);
  }

  /** The same with other timings. */
  public ReplicaConfig withTimings(
      long newHeartbeatNanos, long newElectionTimeoutMinNanos, long newElectionTimeoutMaxNanos) {
    return new ReplicaConfig(
        nodeId,
        configured,
        newHeartbeatNanos,
        newElectionTimeoutMinNanos,
        newElectionTimeoutMaxNanos,
        snapshotStallNanos,
        snapshotPinNanos,
        storageStallNanos,
        tailCacheBytesMax,
        appendBytesMax,
        inFlightBytesMax,
        snapshotChunkBytes,
        snapshotChunksInFlightMax,
        deliverEntriesMax,
        confirmsMax,
        counterLimit);
  }

  /** The same with small limits, so that tests reach the paths beyond them. */
  public ReplicaConfig withLimits(
      long newTailCacheBytesMax,
      int newAppendBytesMax,
      int newInFlightBytesMax,
      int newSnapshotChunkBytes,
      int newDeliverEntriesMax) {
    return new ReplicaConfig(
        nodeId,
        configured,
        heartbeatNanos,
        electionTimeoutMinNanos,
        electionTimeoutMaxNanos,
        snapshotStallNanos,
        snapshotPinNanos,
        storageStallNanos,
        newTailCacheBytesMax,
        newAppendBytesMax,
        newInFlightBytesMax,
        newSnapshotChunkBytes,
        snapshotChunksInFlightMax,
        newDeliverEntriesMax,
        confirmsMax,
        counterLimit);
  }

  /** The same with another time after which a hung storage costs the leadership. */
  public ReplicaConfig withStorageStall(long newStorageStallNanos) {
    return new ReplicaConfig(
        nodeId,
        configured,
        heartbeatNanos,
        electionTimeoutMinNanos,
        electionTimeoutMaxNanos,
        snapshotStallNanos,
        snapshotPinNanos,
        newStorageStallNanos,
        tailCacheBytesMax,
        appendBytesMax,
        inFlightBytesMax,
        snapshotChunkBytes,
        snapshotChunksInFlightMax,
        deliverEntriesMax,
        confirmsMax,
        counterLimit);
  }

  /** The same with another last counter of an epoch. */
  public ReplicaConfig withCounterLimit(long newCounterLimit) {
    return new ReplicaConfig(
        nodeId,
        configured,
        heartbeatNanos,
        electionTimeoutMinNanos,
        electionTimeoutMaxNanos,
        snapshotStallNanos,
        snapshotPinNanos,
        storageStallNanos,
        tailCacheBytesMax,
        appendBytesMax,
        inFlightBytesMax,
        snapshotChunkBytes,
        snapshotChunksInFlightMax,
        deliverEntriesMax,
        confirmsMax,
        newCounterLimit);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
