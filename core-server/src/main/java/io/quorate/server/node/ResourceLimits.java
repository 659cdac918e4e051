package io.quorate.server.node;

/**
 * How much of the machine a node may use up.
 *
 * @param memoryBudgetBytes what state and waiting requests may take, as estimated
 * @param diskReserveBytes free space below which the disk is low; 0 switches the reserve off
 * @param diskMeasureNanos between two measurements of the free space
 */
public record ResourceLimits(long memoryBudgetBytes, long diskReserveBytes, long diskMeasureNanos) {
  private static final long DISK_MEASURE_NANOS = 500_000_000L;

  public ResourceLimits {
    if (memoryBudgetBytes < 1 || diskReserveBytes < 0 || diskMeasureNanos < 1) {
      throw new IllegalArgumentException(
          "expected a memory budget and a pause above 0 and a reserve of 0 or more, found "
              + memoryBudgetBytes
              + ", "
              + diskMeasureNanos
              + " and "
              + diskReserveBytes);
    }
  }

  /** No bounds. */
  public static ResourceLimits none() {
    return of(Long.MAX_VALUE, 0);
  }

  /** The usual cadence. */
  public static ResourceLimits of(long memoryBudgetBytes, long diskReserveBytes) {
    return new ResourceLimits(memoryBudgetBytes, diskReserveBytes, DISK_MEASURE_NANOS);
  }

  /** Free space below which nothing is logged any more. */
  long scarceBelowBytes() {
    return diskReserveBytes / 4;
  }
}
