package io.quorate.server.replication;

import io.quorate.server.base.RandomSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One server's part in the replicated log: Zab as a pure function of its inputs. Confined to the
 * node thread.
 */
public final class Replica {

  public Replica(ReplicaConfig config, RandomSource random) {
    this(config, random, ReplicaRules.TRUE);
  }

  /** With other rules: for the simulator only. */
  public Replica(ReplicaConfig config, RandomSource random, ReplicaRules rules) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * One input, all that follows from it.
   *
   * @param nowNanos monotonic; never less than at the step before
   * @param wallMillis since 1970; may jump; a leader stamps it into entries
   * @return effects to execute in this order; the caller's from now on
   */
  public List<Effect> step(Input input, long nowNanos, long wallMillis) {
    throw new UnsupportedOperationException("skeleton");
  }

  public ReplicaStatus status() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** In force as far as this replica knows; as configured before the ensemble is founded. */
  public Membership membership() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** 0 as long as none is known. */
  public long clusterId() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Why this replica neither leads nor follows, for a person; null if it does. */
  public @Nullable String reason() {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * What a snapshot of the state after {@code zxid} says about itself.
   *
   * @param zxid delivered, not below the present snapshot
   */
  public SnapshotMeta snapshotMetaAt(long zxid, int stateMachineVersion, long digest) {
    throw new UnsupportedOperationException("skeleton");
  }
}
