package io.quorate.server.node;

import io.quorate.server.replication.Effect;
import java.util.List;

/**
 * Port: where a node leaves work for the log thread. First in, first out over all calls; what it
 * completes comes back by {@link Node#storageDone}, in the same order.
 */
@FunctionalInterface
public interface StoragePort {
  /** Never blocks. Called at most once per turn of the node, with at least one effect. */
  void submit(List<Effect.Storage> effects);
}
