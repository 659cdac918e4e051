package io.quorate.server.watch;

/**
 * The few decisions on which the promises of watches hang, one method each, so that the simulator
 * can put a broken one in their place and prove that it finds it. Production uses {@link #TRUE};
 * nothing else belongs here. Called on the node thread.
 */
public interface WatchRules {
  /** The rules as they must be. */
  WatchRules TRUE = new WatchRules() {};

  /**
   * Whether a history knows every change after that zxid.
   *
   * @param floor of the history: every change above it is known
   */
  default boolean reachesBack(long floor, long sinceZxid) {
    return floor <= sinceZxid;
  }

  /**
   * Whether a connection hears of a change.
   *
   * @param mayRead whether its identities may READ the znode, by the list as of the change
   */
  default boolean hears(boolean mayRead) {
    return mayRead;
  }

  /**
   * Whether the next entry waits.
   *
   * @param unfinished whether work on the watches of the last one is left
   */
  default boolean nextEntryWaits(boolean unfinished) {
    return unfinished;
  }
}
