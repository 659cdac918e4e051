package io.quorate.server.node;

import io.quorate.server.base.NodeClock;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the writing of a snapshot to a rate, so that it does not hold up the syncs of the log.
 *
 * <p>The snapshot thread waits in {@link #await}; whoever needs it for something else calls {@link
 * #hurry}, which ends the wait at once.
 */
final class SnapshotPacer {
  private static final double NANOS_PER_SECOND = 1e9;

  private final long bytesPerSecondMax;
  private final NodeClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hurried = lock.newCondition();
  private boolean hurry;

  SnapshotPacer(long bytesPerSecondMax, NodeClock clock) {
    this.bytesPerSecondMax = bytesPerSecondMax;
    this.clock = clock;
  }

  /**
   * Waits until so many bytes may have been written since that moment.
   *
   * @return false if there is a hurry: the snapshot is not worth the wait any more
   */
  boolean await(long bytesWritten, long startNanos) {
    long dueNanos = (long) (bytesWritten * NANOS_PER_SECOND / bytesPerSecondMax);
    lock.lock();
    try {
      while (!hurry) {
        long left = dueNanos - (clock.monotonicNanos() - startNanos);
        if (left <= 0) {
          return true;
        }
        hurried.awaitNanos(left);
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing waits. */
  void hurry() {
    set(true);
  }

  /** What was urgent is being done. */
  void calm() {
    set(false);
  }

  private void set(boolean value) {
    lock.lock();
    try {
      hurry = value;
      hurried.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
