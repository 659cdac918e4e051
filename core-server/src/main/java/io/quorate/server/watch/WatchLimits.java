package io.quorate.server.watch;

/**
 * How much of the past a server keeps for clients that come back, and how its work on watches is
 * cut.
 *
 * @param historyChangesMax changes in the history; 0 keeps none
 * @param historyBytesMax what they may take in memory, as estimated
 * @param sliceWork watches looked at, changes replayed or frames sent between two looks at the
 *     clock
 * @param turnSlices so many slices end a turn, even where the clock stands still
 */
public record WatchLimits(
    int historyChangesMax, long historyBytesMax, int sliceWork, int turnSlices) {
  /** Some tens of microseconds. */
  private static final int SLICE_WORK = 128;

  public WatchLimits {
    if (sliceWork < 1 || turnSlices < 1) {
      throw new IllegalArgumentException(
          "slices must be at least 1 long and 1 a turn, found " + sliceWork + " and " + turnSlices);
    }
    if (historyChangesMax < 0 || historyBytesMax < 0) {
      throw new IllegalArgumentException(
          "limits of the history must be 0 or more, found "
              + historyChangesMax
              + " changes and "
              + historyBytesMax
              + " bytes");
    }
  }

  /** With slices as long as usual. */
  public WatchLimits(int historyChangesMax, long historyBytesMax) {
    this(historyChangesMax, historyBytesMax, SLICE_WORK, Integer.MAX_VALUE);
  }

  /** The same with other slices. */
  public WatchLimits withSlices(int work, int perTurn) {
    return new WatchLimits(historyChangesMax, historyBytesMax, work, perTurn);
  }

  /** Some seconds of writing as fast as three servers go. */
  public static WatchLimits defaults() {
    return new WatchLimits(65_536, 32L << 20);
  }
}
