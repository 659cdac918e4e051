package io.quorate.server.watch;

/**
 * How much of the past a server keeps for clients that come back.
 *
 * @param historyChangesMax changes in the history; 0 keeps none
 * @param historyBytesMax what they may take in memory, as estimated
 */
public record WatchLimits(int historyChangesMax, long historyBytesMax) {
  public WatchLimits {
    if (historyChangesMax < 0 || historyBytesMax < 0) {
      throw new IllegalArgumentException(
          "limits of the history must be 0 or more, found "
              + historyChangesMax
              + " changes and "
              + historyBytesMax
              + " bytes");
    }
  }

  /** Some seconds of writing as fast as three servers go. */
  public static WatchLimits defaults() {
    return new WatchLimits(65_536, 32L << 20);
  }
}
