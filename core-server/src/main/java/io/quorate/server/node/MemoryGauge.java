package io.quorate.server.node;

/**
 * Whether the estimate of what state and waiting requests take is above the budget; once it was, it
 * has to fall a twentieth below. Confined to the node thread.
 */
final class MemoryGauge {
  private final long budgetBytes;
  private long bytes;
  private boolean exceeded;

  MemoryGauge(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /** Takes the estimate; returns whether it is too much. */
  boolean exceededBy(long estimateBytes) {
    bytes = estimateBytes;
    exceeded = bytes > (exceeded ? budgetBytes - budgetBytes / 20 : budgetBytes);
    return exceeded;
  }

  long bytes() {
    return bytes;
  }

  long budgetBytes() {
    return budgetBytes;
  }
}
