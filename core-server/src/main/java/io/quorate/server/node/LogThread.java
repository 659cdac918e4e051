package io.quorate.server.node;

import io.quorate.server.base.FaultHandler;
import io.quorate.server.replication.Effect;
import io.quorate.server.replication.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that writes and syncs. Whatever the node submits while a sync runs is written with the
 * next one: group commit without a timer.
 *
 * <p>A storage error is the end (R16): the fault handler is told, nothing is completed any more.
 */
public final class LogThread implements StoragePort, AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private List<Effect.Storage> submitted = new ArrayList<>();
  private boolean closing;

  private final StorageWorker worker;
  private final StorageCompletions completions;
  private final FaultHandler faults;
  private final Thread thread;

  public LogThread(
      int nodeId, StorageWorker worker, StorageCompletions completions, FaultHandler faults) {
    this.worker = worker;
    this.completions = completions;
    this.faults = faults;
    thread = new Thread(this::run, "quorate-" + nodeId + "-log");
  }

  public void start() {
    thread.start();
  }

  @Override
  public void submit(List<Effect.Storage> effects) {
    lock.lock();
    try {
      submitted.addAll(effects);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (List<Effect.Storage> batch = take(); !batch.isEmpty(); batch = take()) {
        List<Input> done = worker.execute(batch);
        if (!done.isEmpty()) {
          completions.storageDone(done);
        }
      }
    } catch (Throwable e) { // thread top: without its log the node can't go on
      faults.fatal(thread.getName(), e);
    }
  }

  /** Everything submitted; waits for it. Empty when closing and all is done. */
  private List<Effect.Storage> take() {
    lock.lock();
    try {
      while (submitted.isEmpty() && !closing) {
        arrived.awaitUninterruptibly();
      }
      List<Effect.Storage> taken = submitted;
      submitted = new ArrayList<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Drops what was submitted and not begun, then ends; waits for that. */
  public void kill() {
    lock.lock();
    try {
      submitted.clear();
    } finally {
      lock.unlock();
    }
    close();
  }

  /** Does what was submitted, then ends; waits for that. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
    Threads.join(thread);
  }
}
