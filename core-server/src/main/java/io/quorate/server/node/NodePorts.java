package io.quorate.server.node;

import io.quorate.server.base.FaultHandler;
import io.quorate.server.base.NodeClock;
import io.quorate.server.base.RandomSource;
import io.quorate.server.peer.PeerTransport;
import io.quorate.server.watch.WatchRules;

/**
 * Everything through which a node touches the world.
 *
 * @param secrets secure in production: session secrets, first tags and tokens
 * @param jitter spreads snapshots over time
 * @param faults told when the node can't go on
 * @param observer hears what the node does; for tests and metrics
 * @param applier how commands reach the state
 * @param watchRules what the promises of watches hang on
 */
public record NodePorts(
    PeerTransport peers,
    StoragePort storage,
    SnapshotPort snapshots,
    NodeClock clock,
    RandomSource secrets,
    RandomSource jitter,
    FaultHandler faults,
    NodeObserver observer,
    Applier applier,
    WatchRules watchRules) {
  /** The usual: commands reach the state as they are, and the rules are true. */
  public NodePorts(
      PeerTransport peers,
      StoragePort storage,
      SnapshotPort snapshots,
      NodeClock clock,
      RandomSource secrets,
      RandomSource jitter,
      FaultHandler faults,
      NodeObserver observer) {
    this(
        peers,
        storage,
        snapshots,
        clock,
        secrets,
        jitter,
        faults,
        observer,
        Applier.TRUE,
        WatchRules.TRUE);
  }
}
