package io.quorate.server.node;

import io.quorate.server.base.FaultHandler;
import io.quorate.server.divergence.Divergence;
import java.util.function.Consumer;

/**
 * Answers a divergence by a rebuild and hands on every other fault. The rebuild runs on a thread of
 * its own, because it first ends the thread that tells of the fault. Any thread.
 */
public final class RebuildingFaultHandler implements FaultHandler {
  private final int nodeId;
  private final Consumer<Divergence> rebuild;
  private final FaultHandler next;

  /**
   * @param rebuild ends the node, and starts another one that is told of the divergence
   */
  public RebuildingFaultHandler(int nodeId, Consumer<Divergence> rebuild, FaultHandler next) {
    this.nodeId = nodeId;
    this.rebuild = rebuild;
    this.next = next;
  }

  @Override
  public void fatal(String where, Throwable cause) {
    if (cause instanceof DivergedException diverged) {
      new Thread(() -> run(diverged.divergence()), "quorate-" + nodeId + "-rebuild").start();
    } else {
      next.fatal(where, cause);
    }
  }

  private void run(Divergence divergence) {
    try {
      rebuild.accept(divergence);
    } catch (Throwable e) { // thread top: a server that can't rebuild its state can't go on
      next.fatal("rebuild of server " + nodeId, e);
    }
  }
}
