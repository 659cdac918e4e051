package io.quorate.server.node;

import io.quorate.server.base.FaultHandler;
import io.quorate.server.base.NodeClock;
import io.quorate.server.base.RandomSource;
import io.quorate.server.peer.PeerTransport;

/**
 * Everything through which a node touches the world.
 *
 * @param secrets secure in production: session secrets, first tags and tokens
 * @param jitter spreads snapshots over time
 * @param faults told when the node can't go on
 * @param observer hears what the node does; for tests and metrics
 */
public record NodePorts(
    PeerTransport peers,
    StoragePort storage,
    SnapshotPort snapshots,
    NodeClock clock,
    RandomSource secrets,
    RandomSource jitter,
    FaultHandler faults,
    NodeObserver observer) {}
