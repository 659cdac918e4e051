package io.quorate.server.base;

/**
 * What happens on the impossible: the process ends in production, a test records it. Must not
 * return normally in production.
 */
@FunctionalInterface
public interface FaultHandler {
  /**
   * Called at the top of a thread that can't go on.
   *
   * @param where which thread or component
   * @param cause never null
   */
  void fatal(String where, Throwable cause);
}
