package io.quorate.client.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs callbacks one at a time, in the order in which they were handed over, so that an event is
 * heard before the reply that shows its change.
 *
 * <p>Each task belongs to a <i>lane</i>: a listener, say. When a task runs for longer than {@link
 * #SLOW_NANOS}, the tasks behind it go on without it on another thread, in order among themselves;
 * those of its own lane wait for it. So a slow callback holds up nobody but itself, as long as no
 * more than {@link #RUNNERS_MAX} are slow at once. What a task throws is logged.
 *
 * <p>All methods may be called on any thread.
 */
public final class CallbackDispatcher {
  /** A task that runs longer is overtaken. */
  public static final long SLOW_NANOS = 100_000_000L;

  /** Most tasks that run at once. */
  public static final int RUNNERS_MAX = 8;

  private static final Logger LOG = LoggerFactory.getLogger(CallbackDispatcher.class);
  private static final long IDLE_SECONDS = 1;

  /** While more than this waits, in bytes, whoever brings it should stop. */
  public static final long WAITING_BYTES_MAX = 16 << 20;

  /** What a task takes besides what its giver knows of, bytes. */
  public static final int TASK_BYTES = 128;

  /** An executor that does not begin within this time is warned of, once. */
  static final long STARVED_NANOS = 1_000_000_000L;

  private record Task(Object lane, Runnable action, long bytes, long givenNanos) {}

  /** Hears of each task that ended, on the thread that ran it. */
  @FunctionalInterface
  public interface Observer {
    /**
     * A task ended.
     *
     * @param waitedNanos from its giving to its beginning
     * @param ranNanos from its beginning to its end
     */
    void ran(long waitedNanos, long ranNanos);
  }

  private final Executor executor;
  private final Executor fallback;
  private final LongSupplier clock;
  private final Observer observer;

  /** Threads that run a callback at the moment. */
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Task> tasks = new ArrayDeque<>();

  /** Lanes whose task was overtaken, with what waits for it. */
  private final IdentityHashMap<Object, ArrayDeque<Task>> overtaken = new IdentityHashMap<>();

  /** The one that takes from {@code tasks}; null if there is none. */
  private @Nullable Runner active;

  private int runners;
  private int running;
  private boolean frozen;
  private long waitingBytes;
  private boolean full;
  private boolean starved;

  /**
   * @param executor what runs the tasks; null for threads of its own
   * @param clock monotonic nanoseconds
   */
  public CallbackDispatcher(@Nullable Executor executor, LongSupplier clock, String threadName) {
    this(executor, clock, threadName, (waited, ran) -> {});
  }

  /** As above, observed. */
  public CallbackDispatcher(
      @Nullable Executor executor, LongSupplier clock, String threadName, Observer observer) {
    this.fallback = ownThreads(threadName);
    this.executor = executor == null ? fallback : executor;
    this.clock = clock;
    this.observer = observer;
  }

  /** Daemon threads that end when there is nothing to do. */
  private static Executor ownThreads(String name) {
    AtomicInteger count = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Runs a task behind all earlier ones, and after those of its lane in any case. */
  public void execute(Object lane, Runnable action) {
    execute(lane, 0, action);
  }

  /**
   * As above.
   *
   * @param bytes what the task keeps alive until it has begun, beside itself
   */
  public void execute(Object lane, long bytes, Runnable action) {
    Runner start;
    long now = clock.getAsLong();
    lock.lock();
    try {
      Task task = new Task(lane, action, TASK_BYTES + bytes, now);
      tasks.add(task);
      waitingBytes += task.bytes();
      start = startIfNeeded();
    } finally {
      lock.unlock();
    }
    launch(start);
  }

  /**
   * Lets the others go on if the task at the head is slow. Whether it makes sense to call again.
   */
  public boolean overtakeSlow() {
    Runner start = null;
    Object slow = null;
    boolean nowStarved = false;
    boolean busy;
    lock.lock();
    try {
      Runner runner = active;
      if (runner != null && runner.current != null && runners < RUNNERS_MAX && !frozen) {
        boolean late = clock.getAsLong() - runner.startedNanos >= SLOW_NANOS;
        if (late && !tasks.isEmpty()) {
          slow = runner.current.lane();
          overtaken.putIfAbsent(slow, new ArrayDeque<>());
          active = null;
          start = startIfNeeded();
        }
      }
      if (runner != null && !runner.begun && !starved) {
        nowStarved = clock.getAsLong() - runner.launchedNanos >= STARVED_NANOS;
        starved = nowStarved;
      }
      busy = active != null;
    } finally {
      lock.unlock();
    }
    if (nowStarved) {
      LOG.warn(
          "The executor for callbacks did not begin within {} ms what it was given: while all its"
              + " threads are blocked no future completes, not even at its deadline",
          STARVED_NANOS / 1_000_000);
    }
    if (slow != null) {
      LOG.warn("A callback runs for more than {} ms: {}", SLOW_NANOS / 1_000_000, slow);
    }
    launch(start);
    return busy;
  }

  /**
   * Whether too much waits: more than {@link #WAITING_BYTES_MAX}, and once it was, more than half
   * of it. Nothing is refused; whoever brings tasks should bring no more.
   */
  public boolean isFull() {
    lock.lock();
    try {
      full = waitingBytes > (full ? WAITING_BYTES_MAX / 2 : WAITING_BYTES_MAX);
      return full;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the executor once did not begin what it was given for long. */
  public boolean wasStarved() {
    lock.lock();
    try {
      return starved;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the caller is a task of this dispatcher. */
  public boolean onCallbackThread() {
    return threads.contains(Thread.currentThread());
  }

  private @Nullable Runner startIfNeeded() {
    if (active != null || tasks.isEmpty()) {
      return null;
    }
    Runner runner = new Runner();
    active = runner;
    runner.launchedNanos = clock.getAsLong();
    runners++;
    return runner;
  }

  private void launch(@Nullable Runner runner) {
    if (runner == null) {
      return;
    }
    try {
      executor.execute(runner);
    } catch (RejectedExecutionException e) {
      LOG.warn("The executor for callbacks accepts none; using a thread of the client's own", e);
      fallback.execute(runner);
    }
  }

  // ---- freezing ---------------------------------------------------------------------------------

  /**
   * No task begins from now on. Returns when none runs; false, and unfrozen, if one still does
   * after {@code patience}.
   */
  public boolean freeze(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      frozen = true;
      while (running > 0) {
        if (left <= 0) {
          frozen = false;
          changed.signalAll();
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  public void thaw() {
    lock.lock();
    try {
      frozen = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- running ----------------------------------------------------------------------------------

  /** Runs tasks while it is the active one; overtaken, it ends with those of its lane. */
  private final class Runner implements Runnable {
    /** Guarded by lock. */
    private @Nullable Task current;

    private long startedNanos;

    /** Guarded by lock. */
    private long launchedNanos;

    /** Guarded by lock. */
    private boolean begun;

    @Override
    public void run() {
      Thread thread = Thread.currentThread();
      boolean added = threads.add(thread);
      try {
        for (Task task = next(null); task != null; task = next(task)) {
          runLogged(task);
        }
      } finally {
        if (added) {
          threads.remove(thread);
        }
      }
    }

    private void runLogged(Task task) {
      long began = clock.getAsLong();
      try {
        task.action().run();
      } catch (Throwable e) { // thread top: what a callback throws must not hurt the others
        LOG.error("A callback failed: {}", task.lane(), e);
      }
      observer.ran(began - task.givenNanos(), clock.getAsLong() - began);
    }

    /** The task to run after {@code done}; null if this runner is to end. */
    private @Nullable Task next(@Nullable Task done) {
      lock.lock();
      try {
        begun = true;
        current = null;
        if (done != null) {
          running--;
          changed.signalAll();
        }
        while (frozen) {
          changed.awaitUninterruptibly();
        }
        Task task = done != null && active != this ? nextOfLane(done.lane()) : nextInOrder();
        if (task == null) {
          runners--;
          return null;
        }
        current = task;
        waitingBytes -= task.bytes();
        startedNanos = clock.getAsLong();
        running++;
        return task;
      } finally {
        lock.unlock();
      }
    }

    /** Overtaken: the lane goes on here until nothing of it waits. */
    private @Nullable Task nextOfLane(Object lane) {
      ArrayDeque<Task> waiting = overtaken.get(lane);
      Task task = waiting == null ? null : waiting.pollFirst();
      if (task == null) {
        overtaken.remove(lane);
        if (active == null && !tasks.isEmpty()) {
          active = this;
          return nextInOrder();
        }
      }
      return task;
    }

    private @Nullable Task nextInOrder() {
      while (true) {
        Task task = tasks.pollFirst();
        if (task == null) {
          if (active == this) {
            active = null;
          }
          return null;
        }
        ArrayDeque<Task> waiting = overtaken.get(task.lane());
        if (waiting == null) {
          return task;
        }
        waiting.add(task);
      }
    }
  }

  /** Waits until nothing is left to run, no longer than {@code patience}; whether that is so. */
  public boolean drain(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (running > 0 || !tasks.isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Lanes whose callback is slow at the moment, for tests and people. */
  public List<Object> slowLanes() {
    lock.lock();
    try {
      return new ArrayList<>(overtaken.keySet());
    } finally {
      lock.unlock();
    }
  }
}
