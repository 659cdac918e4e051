package io.quorate.recipes.lock;

import io.quorate.client.GrantLostException;
import io.quorate.client.QuorateClient;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.QueueAttempt;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A distributed lock as the JDK's interface has it: owned by the thread that locked. The grants of
 * a thread are its own; any thread.
 */
final class LockView implements Lock {
  private final QuorateClient client;
  private final DistributedLock lock;
  private final Map<Thread, Deque<Grant>> grants = new ConcurrentHashMap<>();

  LockView(QuorateClient client, DistributedLock lock) {
    this.client = client;
    this.lock = lock;
  }

  @Override
  public void lock() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          lockInterruptibly();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    push(lock.acquire(QueueAttempt.ENDLESS));
  }

  @Override
  public boolean tryLock() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return tryLock(0, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      push(lock.acquire(Duration.ofNanos(unit.toNanos(time))));
      return true;
    } catch (AcquireTimeoutException e) {
      return false;
    }
  }

  private void push(Grant grant) {
    grants.computeIfAbsent(Thread.currentThread(), thread -> new ArrayDeque<>()).push(grant);
  }

  /**
   * Gives the lock back.
   *
   * @throws IllegalMonitorStateException if this thread does not hold it
   * @throws GrantLostException if it was lost: this thread may not have been alone. It is unlocked
   *     nevertheless
   */
  @Override
  public void unlock() {
    Deque<Grant> own = grants.get(Thread.currentThread());
    if (own == null) {
      throw new IllegalMonitorStateException(
          "thread " + Thread.currentThread().getName() + " does not hold lock " + lock.path());
    }
    Grant grant = own.pop();
    if (own.isEmpty()) {
      grants.remove(Thread.currentThread());
    }
    boolean held = grant.isHeld();
    grant.close();
    if (!held) {
      throw new GrantLostException(
          "lock "
              + lock.path()
              + " with token "
              + Zxid.format(grant.fencingToken())
              + " was lost before it was unlocked",
          lock.path(),
          0,
          grant.fencingToken(),
          0);
    }
  }

  /** Not offered: threads of different processes can't signal each other. */
  @Override
  public Condition newCondition() {
    throw new UnsupportedOperationException("a distributed lock has no conditions");
  }

  @Override
  public String toString() {
    return "LockView(" + lock + ", " + client.clientName() + ")";
  }
}
