package io.quorate.recipes.lock;

import io.quorate.client.GrantLostException;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.ForwardingGrant;
import io.quorate.recipes.base.Grant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which threads hold the grant of a reentrant lock object, and how often. Any thread; a hold is
 * guarded by its monitor, as its grants may be released by other threads.
 */
final class ReentrantHolds {
  private final String path;
  private final int limit;
  private final Map<Thread, Hold> holds = new ConcurrentHashMap<>();

  ReentrantHolds(String path, int limit) {
    this.path = path;
    this.limit = limit;
  }

  /**
   * Another grant within the one that this thread holds, or null if it holds none.
   *
   * @throws GrantLostException if what it holds is lost: whoever asks believes that it holds it
   * @throws ReentrancyLimitException if it holds as many as it may
   */
  @Nullable Grant reenter() {
    Hold hold = holds.get(Thread.currentThread());
    return hold == null ? null : hold.reenter();
  }

  /** The first grant of this thread. */
  Grant enter(Grant outermost) {
    Hold hold = new Hold(Thread.currentThread(), outermost);
    holds.put(hold.thread, hold);
    return new Nested(hold);
  }

  private final class Hold {
    private final Thread thread;
    private final Grant outermost;
    private int count = 1;

    Hold(Thread thread, Grant outermost) {
      this.thread = thread;
      this.outermost = outermost;
    }

    synchronized @Nullable Grant reenter() {
      if (count == 0) {
        return null;
      }
      if (!outermost.isHeld()) {
        long token = outermost.fencingToken();
        throw new GrantLostException(
            "lock "
                + path
                + " with token "
                + Zxid.format(token)
                + " was lost, and this thread has not closed its grant yet",
            path,
            0,
            token,
            0);
      }
      if (count == limit) {
        throw new ReentrancyLimitException(path, limit);
      }
      count++;
      return new Nested(this);
    }

    CompletableFuture<Void> leave() {
      synchronized (this) {
        count--;
        if (count > 0) {
          return CompletableFuture.completedFuture(null);
        }
        holds.remove(thread, this);
      }
      return outermost.releaseAsync();
    }
  }

  /** One of the grants of one hold. */
  private static final class Nested extends ForwardingGrant {
    private final Hold hold;
    private boolean left;

    Nested(Hold hold) {
      super(hold.outermost);
      this.hold = hold;
    }

    @Override
    public synchronized boolean isHeld() {
      return !left && super.isHeld();
    }

    @Override
    public CompletableFuture<Void> releaseAsync() {
      synchronized (this) {
        if (left) {
          return CompletableFuture.completedFuture(null);
        }
        left = true;
      }
      return hold.leave();
    }

    @Override
    public void close() {
      CompletableFuture<Void> done = releaseAsync();
      if (done.isDone()) {
        return;
      }
      // Released by now: this only waits for it, as long as the grant itself would.
      hold.outermost.close();
    }
  }
}
